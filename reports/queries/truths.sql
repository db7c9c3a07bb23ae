-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Each oracle with the most precision it needed and the largest radius it left (NULL: no radius above 0), the smallest error measured with
-- it, the rows that a sharper one solved again, those left open, and those compared with a sharper one, with the worst disagreement.
SELECT reference.oracle, max(reference.precision_bits) AS precision_bits, max(reference.radius_log2) AS radius_log2,
       min(ladder.smallest_log2) AS smallest_log2, sum(ladder.raised_rows) AS raised_rows, max(ladder.raised_by) AS raised_by,
       sum(ladder.open_rows) AS open_rows, sum(ladder.checked_rows) AS checked_rows, max(ladder.checked_by) AS checked_by,
       max(ladder.disagreement_share) AS disagreement_share
FROM titled JOIN reference ON reference.run = titled.run LEFT JOIN ladder ON ladder.reference = reference.id
GROUP BY reference.oracle ORDER BY reference.oracle
