-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Share of the outputs in each bin of log2(|error| / sum p|v|), against the truth of the original inputs.
SELECT titled.run, titled.input, titled.variant, histogram.first + bin.key AS log2_low,
       CAST(bin.value AS REAL) / (histogram.zeros + histogram.nonfinite + histogram.below + histogram.above
                                  + (SELECT sum(value) FROM json_each(histogram.counts))) AS share
FROM titled JOIN reference ON reference.run = titled.run AND reference.against = 'original'
     JOIN histogram ON histogram.reference = reference.id, json_each(histogram.counts) AS bin
WHERE histogram.zeros + histogram.nonfinite + histogram.below + histogram.above + (SELECT sum(value) FROM json_each(histogram.counts)) > 0
ORDER BY titled.run, bin.key
