-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One metric of every query row looked at, against one truth.
SELECT titled.run, measure.batch, measure.head, measure.row, measure.value, measure.head / (titled.heads_q / titled.heads_kv) AS key_head
FROM titled JOIN reference ON reference.run = titled.run AND reference.against = :against
     JOIN measure ON measure.reference = reference.id AND measure.scope = 'row' AND measure.metric = :metric
ORDER BY titled.run, measure.batch, measure.head, measure.row
