-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Derived: views hold no facts. Every migration drops and rebuilds them; a change of one raises the schema version (by a step that
-- may be empty), so that databases already written get it too.

CREATE VIEW latest_run AS      -- of each study, case, variant and set of rows the newest run
SELECT * FROM run WHERE id IN (SELECT max(id) FROM run GROUP BY study, input, variant, rows, rows_seed);

CREATE VIEW result AS          -- one measure with everything that names it
SELECT run.id AS run, study.id AS study_id, study.name AS study, input.id AS input_id, input.label AS label, input.source AS source,
       input.spelling AS spelling, input.format AS format, input.seed AS seed, input.batch AS batches, input.heads_q, input.heads_kv,
       input.seq_q, input.seq_k, input.dim, input.causal, variant.id AS variant_id, variant.name AS variant, run.rows AS rows,
       reference.id AS reference, reference.against, reference.oracle, reference.radius_log2, reference.undefined_rows,
       measure.scope, measure.batch, measure.head, measure.row, measure.metric, measure.value, measure.radius
FROM latest_run AS run
JOIN study ON study.id = run.study
JOIN input ON input.id = run.input
JOIN variant ON variant.id = run.variant
JOIN reference ON reference.run = run.id
JOIN measure ON measure.reference = reference.id;
