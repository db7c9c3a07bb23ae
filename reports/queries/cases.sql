-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a case: the inputs and the problem they pose.
SELECT titled.title AS "case", titled.label, titled.source, titled.spelling, titled.format, titled.seed,
       titled.batches || 'x' || titled.heads_q || CASE WHEN titled.heads_kv <> titled.heads_q THEN ':' ||
       titled.heads_kv ELSE '' END || 'x' ||
       titled.seq_q || CASE WHEN titled.seq_k <> titled.seq_q THEN ':' || titled.seq_k ELSE '' END || 'x' || titled.dim AS shape,
       titled.batches, titled.heads_q, titled.heads_kv,
       titled.seq_q, titled.seq_k, titled.dim, titled.causal, titled.scale, titled.rows, titled.rows_seed, count(*) AS variants,
       input.nan, input.infinite,
       input.sha256, input.id AS input_id
FROM titled JOIN input ON input.id = titled.input
GROUP BY titled.input, titled.rows, titled.rows_seed ORDER BY titled.input, titled.rows, titled.rows_seed
