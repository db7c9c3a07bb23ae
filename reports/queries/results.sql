-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Every measure of whole cases.
SELECT titled.title AS "case", titled.variant, reference.against, measure.metric, measure.value, measure.radius, titled.rows,
       titled.heads_q * titled.batches AS heads, reference.undefined_rows, titled.study, titled.computed_by, titled.run
FROM titled JOIN reference ON reference.run = titled.run JOIN measure ON measure.reference = reference.id AND measure.scope = 'case'
WHERE (:metric IS NULL OR measure.metric = :metric) AND (:against IS NULL OR reference.against = :against)
ORDER BY titled.input, titled.rows, titled.rows_seed, titled.variant_id, reference.against DESC, measure.id
