-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Each oracle with the most precision it needed and the largest radius it left. NULL: no radius above 0.
SELECT reference.oracle, max(reference.precision_bits) AS precision_bits, max(reference.radius_log2) AS radius_log2
FROM titled JOIN reference ON reference.run = titled.run
GROUP BY reference.oracle ORDER BY reference.oracle
