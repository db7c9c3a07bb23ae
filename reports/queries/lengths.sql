-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Relative RMSE against the number of keys, for labels with more than one length: the mean over the cases of one length.
SELECT titled.label, titled.variant, titled.seq_k, avg(measure.value) AS rel_rmse, count(*) AS cases
FROM titled JOIN reference ON reference.run = titled.run AND reference.against = 'original'
     JOIN measure ON measure.reference = reference.id AND measure.scope = 'case' AND measure.metric = 'rel_rmse'
WHERE titled.label IN (SELECT label FROM titled GROUP BY label HAVING count(DISTINCT seq_k) > 1) AND measure.value IS NOT NULL
GROUP BY titled.label, titled.variant_id, titled.seq_k
ORDER BY titled.label, titled.variant_id, titled.seq_k
