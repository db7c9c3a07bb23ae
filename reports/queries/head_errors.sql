-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- What the intervals are computed from: root-mean-square error of each head, and relative to the truth's own root mean square.
SELECT titled.run, reference.against, measure.batch, measure.head, titled.heads_q / titled.heads_kv AS head_group,
       max(CASE measure.metric WHEN 'rmse' THEN measure.value END) AS rmse,
       max(CASE measure.metric WHEN 'rel_rmse' THEN measure.value END) AS rel_rmse
FROM titled JOIN reference ON reference.run = titled.run JOIN measure ON measure.reference = reference.id AND measure.scope = 'head'
WHERE measure.metric IN ('rmse', 'rel_rmse')
GROUP BY reference.id, measure.batch, measure.head
ORDER BY titled.run, reference.against, measure.batch, measure.head
