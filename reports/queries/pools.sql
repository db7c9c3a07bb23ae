-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a run, with the pool it belongs to: the runs whose inputs are drawn alike but for the seed. Of inputs that share a seed too
-- (captures, which have none; inputs written by other versions) each begins a pool of its own: `namesake` numbers them.
,
counted AS (
  SELECT titled.*, dense_rank() OVER (PARTITION BY label, source, spelling, format, batches, heads_q, heads_kv, seq_q, seq_k, dim, causal,
                                      scale, seed ORDER BY input) AS namesake
  FROM titled),
pooled AS (
  SELECT counted.*, min(input) OVER (PARTITION BY label, source, spelling, format, batches, heads_q, heads_kv, seq_q, seq_k, dim, causal,
                                     scale, rows, rows_seed, namesake) AS first_input
  FROM counted)
SELECT dense_rank() OVER (ORDER BY first_input, rows, rows_seed) AS pool,
       stem || CASE WHEN max(first_input) OVER same_name > min(first_input) OVER same_name THEN ', input ' || first_input ELSE '' END
       || looking AS title,
       title AS "case", variant_id, variant, run, input, printf('%llu', seed) AS seed, rows, seq_q, batches * heads_q AS heads,
       heads_q / heads_kv AS head_group, heads_kv, source, spelling, format, seq_k, dim, causal, scale
FROM pooled
WINDOW same_name AS (PARTITION BY stem, looking)
ORDER BY pool, variant_id, input
