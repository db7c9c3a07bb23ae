-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Version 5: how sharp a truth was for what was measured with it, and how it compared with a sharper one. NULL in all of these: stored
-- before this version.

ALTER TABLE reference ADD COLUMN raised_by TEXT;          -- the sharpest oracle that solved rows again which `oracle` left open; NULL: none
ALTER TABLE reference ADD COLUMN raised_rows INTEGER;     -- those
ALTER TABLE reference ADD COLUMN open_rows INTEGER;       -- that are left open all the same: no oracle is sharper
ALTER TABLE reference ADD COLUMN smallest_log2 REAL;      -- of the smallest error / sum p|v| measured; NULL: none above 2^-64
ALTER TABLE reference ADD COLUMN checked_by TEXT;         -- the oracle that solved some rows as well; NULL: none
ALTER TABLE reference ADD COLUMN checked_rows INTEGER;    -- those
ALTER TABLE reference ADD COLUMN disagreement_log2 REAL;  -- of the largest difference of the two / sum p|v|; NULL: none
ALTER TABLE reference ADD COLUMN disagreement_share REAL; -- the largest difference as a part of the two radii together; NULL: none compared
