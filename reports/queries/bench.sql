-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a variant and shape whose speed was measured on a GPU. A share is of the median of the ceilings that the same process measured.
-- Of one variant, shape and kind of inputs on one GPU the newest measurement counts; with :bench all of that one. No study asks for these.
, rated AS (
  SELECT bench, name, work / median_ns / 1e3 AS rate, count(*) OVER (PARTITION BY bench, name) AS rounds,
         row_number() OVER (PARTITION BY bench, name ORDER BY work / median_ns) AS place
  FROM ceiling
),
best AS (
  SELECT bench, name, avg(rate) AS rate FROM rated WHERE place IN ((rounds + 1) / 2, (rounds + 2) / 2) GROUP BY bench, name
),
measured AS (
  SELECT speed.*, bench.device, bench.build, bench.spelling, bench.format, bench.seed, bench.repeats, bench.rows, bench.rows_seed,
         bench.oracle, bench.blas, bench.created, variant.name AS variant_name, best.rate AS best,
         row_number() OVER (PARTITION BY bench.device, bench.spelling, bench.format, speed.variant, speed.batch, speed.heads_q, speed.heads_kv,
                            speed.seq_q, speed.seq_k, speed.dim, speed.causal ORDER BY bench.id DESC) AS place
  FROM speed JOIN bench ON bench.id = speed.bench JOIN variant ON variant.id = speed.variant
       LEFT JOIN best ON best.bench = speed.bench AND best.name = speed.ceiling
  WHERE :study_id IS NULL AND :study IS NULL AND :case IS NULL AND (:variant IS NULL OR variant.name = :variant)
    AND (:bench IS NULL OR bench.id = :bench)
)
SELECT measured.bench, device.name AS device, measured.variant_name AS variant, measured.kernel, measured.dim, measured.causal,
       measured.seq_q, measured.seq_k, measured.batch AS batches, measured.heads_q, measured.heads_kv, measured.median_ns,
       measured.min_ns, measured.low_ns, measured.high_ns, measured.max_ns, measured.flop / measured.median_ns / 1e3 AS tflops,
       measured.flop / measured.median_ns / 1e3 / measured.best AS share, measured.ceiling, measured.best AS ceiling_tflops,
       measured.whole_median_ns, measured.whole_min_ns, measured.whole_low_ns, measured.whole_high_ns, measured.whole_max_ns,
       measured.flop / measured.whole_median_ns / 1e3 AS whole_tflops,
       measured.flop / measured.whole_median_ns / 1e3 / measured.best AS whole_share,
       measured.rel_rmse, measured.rel_rmse_radius, measured.rows, measured.rows_seed, measured.oracle, measured.spelling, measured.format,
       measured.seed, measured.repeats, measured.launches, measured.whole_launches, measured.operand_bytes, measured.operand_sets,
       measured.blas, measured.created, build.version, build.revision, measured.numerics
FROM measured JOIN device ON device.id = measured.device JOIN build ON build.id = measured.build
WHERE measured.place = 1 OR :bench IS NOT NULL
ORDER BY measured.device, measured.spelling, measured.format, measured.dim, measured.causal, measured.seq_q, measured.seq_k,
         measured.batch, measured.heads_q, measured.variant, measured.id
