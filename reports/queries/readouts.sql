-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- What readouts make of the outputs: one row a sample (a query row of a head, or of all heads: head NULL), of the readouts that the studies
-- looked at ask for now. A sequence (run and batch element) is the unit of statistics; of heads read alone the key/value head of one.
SELECT titled.run, readout.id AS readout_id, readout.file || ':' || readout.tensor AS readout, readout.tokens, readout.width,
       readout.format AS readout_format, token_change.against, token_change.batch,
       token_change.head / (titled.heads_q / titled.heads_kv) AS key_head, token_change.head, token_change.row, token_change.kl,
       token_change.kl_radius, token_change.top_unchanged, token_change.max_logit, token_change.logit_radius, titled.title AS "case",
       titled.variant, readout.sha256
FROM titled JOIN reading ON reading.run = titled.run JOIN readout ON readout.id = reading.readout
     JOIN token_change ON token_change.reading = reading.id
WHERE (:against IS NULL OR token_change.against = :against)
  AND EXISTS (SELECT 1 FROM asked_for WHERE asked_for.run = titled.run AND asked_for.readout = reading.readout)
ORDER BY titled.run, reading.readout, token_change.against, token_change.batch, token_change.head, token_change.row
