-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a ceiling of each measurement of speed: TFLOP/s of the matrix products, TB/s read plus written of the copy. Each was measured
-- before the first shape and after each: the median of all is what shares are of; first and last show a drift.
, rated AS (
  SELECT bench, name, nth, work, work / median_ns / 1e3 AS rate, count(*) OVER (PARTITION BY bench, name) AS rounds,
         row_number() OVER (PARTITION BY bench, name ORDER BY work / median_ns) AS place
  FROM ceiling
)
SELECT bench.id AS bench, device.name AS device, rated.name AS ceiling, CASE rated.name WHEN 'copy' THEN 'TB/s' ELSE 'TFLOP/s' END AS unit,
       avg(rate) FILTER (WHERE place IN ((rounds + 1) / 2, (rounds + 2) / 2)) AS median, min(rate) AS least, max(rate) AS most,
       max(rate) FILTER (WHERE nth = 0) AS first, max(rate) FILTER (WHERE nth = rounds - 1) AS last, max(rounds) AS rounds,
       max(work) AS work, bench.blas, bench.created
FROM rated JOIN bench ON bench.id = rated.bench JOIN device ON device.id = bench.device
WHERE :study_id IS NULL AND :study IS NULL AND :case IS NULL AND :variant IS NULL AND (:bench IS NULL OR bench.id = :bench)
GROUP BY bench.id, rated.name
ORDER BY bench.id, rated.name
