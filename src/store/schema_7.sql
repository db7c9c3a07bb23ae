-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Version 7: where the error of a variant comes from (attest explain, docs/budget.md).

CREATE TABLE budget (          -- of one variant on one case, by one metric
  id INTEGER PRIMARY KEY,
  input INTEGER NOT NULL REFERENCES input,
  variant INTEGER NOT NULL REFERENCES variant,
  build INTEGER NOT NULL REFERENCES build, device INTEGER NOT NULL REFERENCES device,
  rows INTEGER NOT NULL,       -- query rows looked at in each head
  rows_seed INTEGER NOT NULL,
  oracle TEXT NOT NULL,        -- of the truth
  metric TEXT NOT NULL,        -- 'rel_rmse': shares are of its square; else of the metric itself
  advised INTEGER NOT NULL CHECK (advised IN (0, 1)), -- whether changes were measured too
  value REAL NOT NULL,         -- of the metric with all roundings
  none REAL NOT NULL,          -- with no rounding
  expected REAL,               -- rel_rmse that noise of the formats would make; NULL: undefined
  created TEXT NOT NULL,       -- UTC, ISO 8601
  UNIQUE (input, variant, build, device, rows, rows_seed, oracle, metric, advised)
);

CREATE TABLE share (           -- of one rounding of a budget
  id INTEGER PRIMARY KEY,
  budget INTEGER NOT NULL REFERENCES budget,
  rounding TEXT NOT NULL,      -- 'pv-accumulator'
  label TEXT NOT NULL,         -- as people read it
  alone REAL,                  -- the metric with this rounding only; NULL: undefined
  without REAL,                -- with all but this one
  share_alone REAL,            -- fractions of the whole error; what their sum leaves to 1 is interaction
  share_removed REAL,
  expected REAL,               -- rel_rmse that noise of this rounding alone would make; NULL: the model leaves it out
  UNIQUE (budget, rounding)
);

CREATE TABLE advice (          -- a change of the numerics, measured
  id INTEGER PRIMARY KEY,
  budget INTEGER NOT NULL REFERENCES budget,
  nth INTEGER NOT NULL,        -- 0: the smallest error
  change TEXT NOT NULL,        -- 'k.smooth=mean': a spelling's fields
  rounding TEXT NOT NULL,      -- the leading one that it is for
  widens INTEGER NOT NULL CHECK (widens IN (0, 1)), -- an operand goes to 16 bits
  second INTEGER NOT NULL CHECK (second IN (0, 1)), -- on top of the best change
  value REAL,                  -- of the metric then; NULL: undefined
  UNIQUE (budget, nth)
);
