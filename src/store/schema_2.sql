-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Version 2: what the probes of a GPU found (attest doctor --probe).

CREATE TABLE probe (           -- one instruction of a GPU beside the twin, bit by bit
  id INTEGER PRIMARY KEY,
  build INTEGER NOT NULL REFERENCES build, device INTEGER NOT NULL REFERENCES device,
  name TEXT NOT NULL,          -- 'wgmma-e4m3'
  instruction TEXT NOT NULL,   -- as PTX spells it
  seed INTEGER NOT NULL,       -- of the operands
  verdict TEXT NOT NULL CHECK (verdict IN ('same bits', 'differs', 'failed')),
  asked INTEGER NOT NULL,      -- outputs asked for: with name and seed they fix every operand
  outputs INTEGER NOT NULL, differing INTEGER NOT NULL, -- compared, and with any bit different
  detail TEXT NOT NULL,        -- the first difference, or why it failed; '' with the same bits
  time_ns INTEGER NOT NULL,
  created TEXT NOT NULL,       -- UTC, ISO 8601, with microseconds
  UNIQUE (build, device, name, created)
);
