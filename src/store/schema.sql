-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Version 1. Facts: inserted once, never changed; triggers on each table refuse UPDATE, DELETE and REPLACE (store/schema.c adds them).
-- A database of this version exists from the first release on: a change is a file schema_2.sql, schema_3.sql, ... with the step from
-- the version before, listed in meson.build. Seeds are unsigned: 2^63 and above are stored as their bits, so that they read as negative
-- numbers; printf('%llu', seed) shows them.

CREATE TABLE build (           -- the program that computed
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE, -- of the executable
  version TEXT NOT NULL,
  revision TEXT NOT NULL,      -- git commit, '' when unknown
  compiler TEXT NOT NULL,
  options TEXT NOT NULL        -- JSON: flags, library versions
);

CREATE TABLE device (          -- the machine it ran on
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,          -- 'cpu', 'cuda'
  name TEXT NOT NULL,
  details TEXT NOT NULL,       -- JSON: SIMD path, cores, memory
  UNIQUE (kind, name, details)
);

CREATE TABLE study (           -- what was asked
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE, -- of text
  name TEXT NOT NULL,
  text TEXT NOT NULL           -- canonical, in full
);

CREATE TABLE input (           -- one case: Q, K, V and the problem they pose
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,        -- 'distribution', 'capture'
  spelling TEXT NOT NULL,      -- 'v-mean:mean=0.1,sigma=1', or the capture's file name
  label TEXT NOT NULL,         -- for tables
  format TEXT NOT NULL,        -- of the elements: 'bf16'
  seed INTEGER NOT NULL,
  batch INTEGER NOT NULL, heads_q INTEGER NOT NULL, heads_kv INTEGER NOT NULL,
  seq_q INTEGER NOT NULL, seq_k INTEGER NOT NULL, dim INTEGER NOT NULL,
  causal INTEGER NOT NULL CHECK (causal IN (0, 1)),
  scale REAL NOT NULL,         -- 0: exactly 1/sqrt(dim)
  sha256 TEXT NOT NULL,        -- of q, k and v
  nan INTEGER NOT NULL, infinite INTEGER NOT NULL,
  UNIQUE (source, spelling, label, format, seed, batch, heads_q, heads_kv, seq_q, seq_k, dim, causal, scale, sha256)
);

CREATE TABLE description (     -- what is known of an input before it is read or made: all but its content
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, spelling TEXT NOT NULL, label TEXT NOT NULL, format TEXT NOT NULL, seed INTEGER NOT NULL,
  batch INTEGER NOT NULL, heads_q INTEGER NOT NULL, heads_kv INTEGER NOT NULL,
  seq_q INTEGER NOT NULL, seq_k INTEGER NOT NULL, dim INTEGER NOT NULL, causal INTEGER NOT NULL, scale REAL NOT NULL,
  UNIQUE (source, spelling, label, format, seed, batch, heads_q, heads_kv, seq_q, seq_k, dim, causal, scale)
);

CREATE TABLE variant (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  numerics TEXT NOT NULL,      -- every field of struct at_numerics, canonical spelling
  UNIQUE (name, numerics)
);

CREATE TABLE asked (           -- a study file began to run; one row each time that its text is not the last of its name
  id INTEGER PRIMARY KEY,
  study INTEGER NOT NULL REFERENCES study,
  nth INTEGER NOT NULL,        -- how often this text had become the last before
  UNIQUE (study, nth)
);

CREATE TABLE planned (         -- one run that a study asks for; all of them are put before the first is computed
  id INTEGER PRIMARY KEY,
  study INTEGER NOT NULL REFERENCES study,
  description INTEGER NOT NULL REFERENCES description,
  copy INTEGER NOT NULL,       -- inputs of the same description before it in the study: two files of one name in two folders
  variant INTEGER NOT NULL REFERENCES variant,
  rows INTEGER NOT NULL,
  rows_seed INTEGER NOT NULL,
  oracle TEXT NOT NULL,
  UNIQUE (study, description, copy, variant, rows, rows_seed, oracle)
);

CREATE TABLE found (           -- an input was read or made; one row each time that its content is not the last of its study's name
  id INTEGER PRIMARY KEY,
  study INTEGER NOT NULL REFERENCES study,
  description INTEGER NOT NULL REFERENCES description,
  copy INTEGER NOT NULL,
  input INTEGER NOT NULL REFERENCES input,
  nth INTEGER NOT NULL,        -- how often this content had become the last before
  UNIQUE (study, description, copy, input, nth)
);

CREATE TABLE run (             -- one variant on one case
  id INTEGER PRIMARY KEY,
  study INTEGER NOT NULL REFERENCES study, -- that had it computed; others may ask for it too: planned
  input INTEGER NOT NULL REFERENCES input,
  variant INTEGER NOT NULL REFERENCES variant,
  build INTEGER NOT NULL REFERENCES build, device INTEGER NOT NULL REFERENCES device,
  rows INTEGER NOT NULL,       -- query rows looked at in each head
  rows_seed INTEGER NOT NULL,
  oracle TEXT NOT NULL,        -- of its references
  operands_sha256 TEXT NOT NULL,
  output_sha256 TEXT NOT NULL,
  elements INTEGER NOT NULL, saturated INTEGER NOT NULL, underflowed INTEGER NOT NULL,       -- of Q, K, V
  p_elements INTEGER NOT NULL, p_saturated INTEGER NOT NULL, p_underflowed INTEGER NOT NULL, -- of P
  time_ns INTEGER NOT NULL,    -- prepare and attend
  created TEXT NOT NULL,       -- UTC, ISO 8601
  UNIQUE (input, variant, build, device, rows, rows_seed, oracle)
);

CREATE TABLE reference (       -- one truth a run was measured against
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run,
  against TEXT NOT NULL,       -- 'original': of the inputs; 'dequantised': of what quantisation left of them
  operands_sha256 TEXT NOT NULL, -- '' for 'original'
  oracle TEXT NOT NULL,
  truth_sha256 TEXT NOT NULL,  -- of value and radius
  precision_bits INTEGER NOT NULL,
  radius_log2 REAL,            -- largest log2(radius / sum p|v|); NULL: the radius is 0
  undefined_rows INTEGER NOT NULL,
  time_ns INTEGER NOT NULL,
  UNIQUE (run, against)
);

CREATE TABLE measure (
  id INTEGER PRIMARY KEY,
  reference INTEGER NOT NULL REFERENCES reference,
  scope TEXT NOT NULL CHECK (scope IN ('row', 'head', 'case')),
  batch INTEGER, head INTEGER, row INTEGER, -- NULL where the scope is wider
  metric TEXT NOT NULL,
  value REAL,                  -- NULL: undefined
  radius REAL                  -- how far the truth's own radius could move the value; NULL: not by any
);
CREATE UNIQUE INDEX measure_by_reference ON measure (reference, scope, metric, ifnull(batch, -1), ifnull(head, -1), ifnull(row, -1));

CREATE TABLE histogram (       -- of log2(|error| / sum p|v|), in bins of one
  id INTEGER PRIMARY KEY,
  reference INTEGER NOT NULL REFERENCES reference,
  first INTEGER NOT NULL,      -- log2 of the lower edge of the first bin
  counts TEXT NOT NULL,        -- JSON array
  zeros INTEGER NOT NULL, nonfinite INTEGER NOT NULL, below INTEGER NOT NULL, above INTEGER NOT NULL,
  UNIQUE (reference)
);
