-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Version 6: what a readout matrix makes of the outputs (docs/readout.md).

CREATE TABLE readout (         -- a matrix [tokens, width]
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL,        -- of format, shape and elements
  file TEXT NOT NULL,          -- without its folder
  tensor TEXT NOT NULL,
  format TEXT NOT NULL,        -- of the elements: 'bf16'
  tokens INTEGER NOT NULL, width INTEGER NOT NULL,
  UNIQUE (sha256, file, tensor)
);

CREATE TABLE planned_readout ( -- a planned run is to be read out; of several rows the last counts: the file's content had changed
  id INTEGER PRIMARY KEY,
  planned INTEGER NOT NULL REFERENCES planned,
  readout INTEGER NOT NULL REFERENCES readout,
  nth INTEGER NOT NULL,        -- how often this readout had become the last before
  UNIQUE (planned, readout, nth)
);

CREATE TABLE reading (         -- the outputs of a run, read out
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run,
  readout INTEGER NOT NULL REFERENCES readout,
  UNIQUE (run, readout)
);

CREATE TABLE token_change (    -- of one sample: a query row of one head, or of all heads together
  id INTEGER PRIMARY KEY,
  reading INTEGER NOT NULL REFERENCES reading,
  against TEXT NOT NULL,       -- 'original', 'dequantised': as of reference
  batch INTEGER NOT NULL,
  head INTEGER,                -- NULL: all together
  row INTEGER NOT NULL,
  kl REAL,                     -- KL(truth || kernel) of the distributions over tokens, nat; NULL: undefined
  kl_radius REAL,              -- how far the truth's radius and rounding could move it
  top_unchanged INTEGER CHECK (top_unchanged IN (0, 1)), -- NULL: undefined, or the radii leave it open
  max_logit REAL,              -- largest |change of a logit|; NULL: undefined
  logit_radius REAL
);
CREATE UNIQUE INDEX token_change_by_reading ON token_change (reading, against, batch, ifnull(head, -1), row);
