-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Version 4: how fast kernels are on a GPU (attest bench). Times are nanoseconds of one launch: the least, the quartiles and the most over
-- the repeats.

CREATE TABLE bench (           -- one process on one GPU: only what it measured may be divided by one another
  id INTEGER PRIMARY KEY,
  build INTEGER NOT NULL REFERENCES build, device INTEGER NOT NULL REFERENCES device,
  spelling TEXT NOT NULL,      -- of the inputs' distribution
  format TEXT NOT NULL, seed INTEGER NOT NULL, -- of the inputs
  repeats INTEGER NOT NULL,
  pairs INTEGER NOT NULL,      -- (batch, key/value head) pairs whose inputs were made, at most; all others repeat them
  rows INTEGER NOT NULL,       -- query rows in each of their heads whose error was measured; 0: none
  rows_seed INTEGER NOT NULL,
  oracle TEXT NOT NULL,        -- of their truth; '': none
  blas INTEGER,                -- version of cuBLASLt; NULL: none
  no_product TEXT NOT NULL,    -- why no matrix product was timed; ''
  created TEXT NOT NULL,       -- UTC, ISO 8601, with microseconds
  UNIQUE (build, device, created)
);

CREATE TABLE ceiling (         -- what the GPU did at best, between the shapes
  id INTEGER PRIMARY KEY,
  bench INTEGER NOT NULL REFERENCES bench,
  name TEXT NOT NULL,          -- 'bf16 product', 'e4m3 product', 'copy'
  nth INTEGER NOT NULL,        -- 0: before the first shape
  work REAL NOT NULL,          -- of one launch: floating-point operations; of a copy the bytes read plus those written
  launches INTEGER NOT NULL,   -- back to back in each repeat
  min_ns REAL NOT NULL, low_ns REAL NOT NULL, median_ns REAL NOT NULL, high_ns REAL NOT NULL, max_ns REAL NOT NULL,
  UNIQUE (bench, name, nth)
);

CREATE TABLE speed (           -- one variant on one shape
  id INTEGER PRIMARY KEY,
  bench INTEGER NOT NULL REFERENCES bench,
  variant INTEGER NOT NULL REFERENCES variant,
  batch INTEGER NOT NULL, heads_q INTEGER NOT NULL, heads_kv INTEGER NOT NULL,
  seq_q INTEGER NOT NULL, seq_k INTEGER NOT NULL, dim INTEGER NOT NULL,
  causal INTEGER NOT NULL CHECK (causal IN (0, 1)),
  nth INTEGER NOT NULL,        -- of ceiling: measured just before this shape
  kernel TEXT NOT NULL,        -- 'fwd-f16-sm90'
  numerics TEXT NOT NULL,      -- resolved for this shape
  ceiling TEXT NOT NULL,       -- the one that bounds it, by the width of what the matrix unit reads
  flop REAL NOT NULL,          -- 4 batch heads_q seq_q seq_k dim, half of it under a mask
  operand_bytes INTEGER NOT NULL, -- of Q, K and V with their scales
  operand_sets INTEGER NOT NULL,  -- that launches took in turn
  launches INTEGER NOT NULL,
  min_ns REAL NOT NULL, low_ns REAL NOT NULL, median_ns REAL NOT NULL, high_ns REAL NOT NULL, max_ns REAL NOT NULL,
  whole_launches INTEGER,      -- NULL: with prepare it was not timed
  whole_min_ns REAL, whole_low_ns REAL, whole_median_ns REAL, whole_high_ns REAL, whole_max_ns REAL,
  rel_rmse REAL,               -- of the rows looked at, against the truth of the inputs; NULL: undefined or not measured
  rel_rmse_radius REAL,        -- how far the truth's own radius could move it
  UNIQUE (bench, variant, batch, heads_q, heads_kv, seq_q, seq_k, dim, causal)
);
