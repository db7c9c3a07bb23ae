-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- What exponents are fitted to: one metric of every head of generated inputs against one truth, with the parameters it was drawn with.
SELECT titled.variant_id, titled.variant, titled.spelling, titled.format, titled.batches, titled.heads_q, titled.heads_kv, titled.seq_q,
       titled.seq_k, titled.dim, titled.causal, titled.scale, titled.rows, titled.rows_seed, titled.seed, titled.run, measure.batch,
       measure.head / (titled.heads_q / titled.heads_kv) AS key_head, measure.head, measure.value, measure.radius
FROM titled JOIN reference ON reference.run = titled.run AND reference.against = :against
     JOIN measure ON measure.reference = reference.id AND measure.scope = 'head' AND measure.metric = :metric
WHERE titled.source = 'distribution'
ORDER BY titled.variant_id, titled.run, measure.batch, measure.head
