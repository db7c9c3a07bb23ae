-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One metric of every query head against one truth. A head one of whose rows has no value because its truth is not finite has none either:
-- what was left out might be the worst of it.
SELECT titled.run, measure.batch, measure.head, measure.head / (titled.heads_q / titled.heads_kv) AS key_head,
       CASE WHEN reference.undefined_rows > 0
                 AND EXISTS (SELECT 1 FROM measure AS of_row
                             WHERE of_row.reference = reference.id AND of_row.scope = 'row' AND of_row.metric = measure.metric
                               AND of_row.batch = measure.batch AND of_row.head = measure.head AND of_row.value IS NULL)
            THEN NULL ELSE measure.value END AS value,
       measure.radius
FROM titled JOIN reference ON reference.run = titled.run AND reference.against = :against
     JOIN measure ON measure.reference = reference.id AND measure.scope = 'head' AND measure.metric = :metric
ORDER BY titled.run, measure.batch, measure.head
