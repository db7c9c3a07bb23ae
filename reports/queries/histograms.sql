-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Share of the outputs in each bin of log2(|error| / sum p|v|), against the truth of the original inputs.
,
bin (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM bin WHERE number + 1 < (SELECT max(json_array_length(counts)) FROM histogram)),
count_of AS (
  SELECT titled.run AS run, histogram.first + bin.number AS log2_low,
         histogram.zeros + histogram.nonfinite + histogram.below + histogram.above AS outside,
         json_extract(histogram.counts, '$[' || bin.number || ']') AS inside
  FROM titled JOIN reference ON reference.run = titled.run AND reference.against = 'original'
       JOIN histogram ON histogram.reference = reference.id JOIN bin ON bin.number < json_array_length(histogram.counts))
SELECT run, log2_low, CAST(inside AS REAL) / (outside + sum(inside) OVER (PARTITION BY run)) AS share
FROM count_of ORDER BY run, log2_low
