-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- What readouts make of the outputs: one row a sample (a query row of a head, or of all heads: head NULL), of the readouts that the studies
-- looked at ask for now. `run` is the one that counts for its case and variant, `read_run` the newest that was read out: another build may
-- have computed it. A sequence (run and batch element) is the unit of statistics; of heads read alone the key/value head of one.
SELECT titled.run, newest.run AS read_run, readout.id AS readout_id, readout.file || ':' || readout.tensor AS readout, readout.tokens,
       readout.width, readout.format AS readout_format, token_change.against, token_change.batch,
       token_change.head / (titled.heads_q / titled.heads_kv) AS key_head, token_change.head, token_change.row, token_change.kl,
       token_change.kl_radius, token_change.top_unchanged, token_change.max_logit, token_change.logit_radius, titled.title AS "case",
       titled.variant, readout.sha256
FROM titled JOIN run AS counted ON counted.id = titled.run
     JOIN (SELECT input, variant, rows, rows_seed, readout, max(run) AS run FROM asked_for
           WHERE run IS NOT NULL AND readout IS NOT NULL GROUP BY input, variant, rows, rows_seed, readout) AS newest
       ON newest.input = counted.input AND newest.variant = counted.variant AND newest.rows = counted.rows
          AND newest.rows_seed = counted.rows_seed
     JOIN reading ON reading.run = newest.run AND reading.readout = newest.readout JOIN readout ON readout.id = reading.readout
     JOIN token_change ON token_change.reading = reading.id
WHERE (:against IS NULL OR token_change.against = :against)
ORDER BY titled.run, reading.readout, token_change.against, token_change.batch, token_change.head, token_change.row
