-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Version 5: how sharp each truth was for what was measured with it, and how it compared with a sharper one.

CREATE TABLE ladder (          -- of one truth of one run; none for runs stored before this version
  id INTEGER PRIMARY KEY,
  reference INTEGER NOT NULL REFERENCES reference,
  raised_by TEXT,              -- the sharpest oracle that solved rows again which the reference's oracle left open; NULL: none
  raised_rows INTEGER NOT NULL, -- those
  open_rows INTEGER NOT NULL,  -- that are left open all the same: no oracle is sharper
  smallest_log2 REAL,          -- of the smallest error / sum p|v| measured, which is 2^-64 at least; NULL: none
  checked_by TEXT,             -- the oracle that solved some rows as well; NULL: none, the reference's oracle is the sharpest
  checked_rows INTEGER NOT NULL, -- those
  disagreement_log2 REAL,      -- of the largest difference between the two / sum p|v|; NULL: none
  disagreement_share REAL,     -- the largest difference as a part of the two radii together, at most 1; NULL: nothing was compared
  UNIQUE (reference)
);
