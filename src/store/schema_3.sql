-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Version 3: runs whose outputs a kernel computed on a GPU (attest run --device cuda).

ALTER TABLE run ADD COLUMN kernel TEXT; -- 'fwd-f16-sm90'; NULL: the twin
ALTER TABLE run ADD COLUMN gpu INTEGER; -- its number on that machine; NULL: the twin

CREATE TABLE difference (      -- a kernel gave other bits than the twin: this stands in place of a run
  id INTEGER PRIMARY KEY,
  study INTEGER NOT NULL REFERENCES study,
  input INTEGER NOT NULL REFERENCES input,
  variant INTEGER NOT NULL REFERENCES variant,
  build INTEGER NOT NULL REFERENCES build, device INTEGER NOT NULL REFERENCES device,
  rows INTEGER NOT NULL,       -- query rows looked at in each head
  rows_seed INTEGER NOT NULL,
  oracle TEXT NOT NULL,        -- of the run that it was to be
  kernel TEXT NOT NULL,
  gpu INTEGER NOT NULL,        -- its number on that machine
  operands_sha256 TEXT NOT NULL,
  output_sha256 TEXT NOT NULL, -- of the kernel's outputs
  twin_sha256 TEXT NOT NULL,   -- of the twin's
  outputs INTEGER NOT NULL, differing INTEGER NOT NULL CHECK (differing > 0), -- compared, and with any bit different
  detail TEXT NOT NULL,        -- the first difference
  created TEXT NOT NULL,       -- UTC, ISO 8601, with microseconds
  UNIQUE (input, variant, build, device, rows, rows_seed, oracle, created)
);
