-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Derived: views hold no facts. Every migration drops and rebuilds them; a change of one raises the schema version (by a step that
-- may be empty), so that databases already written get it too.

CREATE VIEW latest_run AS      -- of each case, variant and set of rows the newest run
SELECT * FROM run WHERE id IN (SELECT max(id) FROM run GROUP BY input, variant, rows, rows_seed, oracle);

CREATE VIEW latest_study AS    -- of each name the study file that was run last; and all that were asked on a command line
SELECT * FROM study
WHERE id NOT IN (SELECT study FROM asked)
   OR id IN (SELECT study FROM asked WHERE id IN (
               SELECT max(asked.id) FROM asked JOIN study AS of_name ON of_name.id = asked.study GROUP BY of_name.name));

CREATE VIEW latest_input AS    -- under each study name, of each description the content that was found last
SELECT study.name AS study, found.description AS description, found.copy AS copy, found.input AS input
FROM found JOIN study ON study.id = found.study
WHERE found.id IN (SELECT max(each.id) FROM found AS each JOIN study AS of_name ON of_name.id = each.study
                   GROUP BY of_name.name, each.description, each.copy);

CREATE VIEW plan AS            -- each run that a study asks for, with the input and the newest run that answer it; NULL: not yet
SELECT planned.id AS planned, planned.study AS study, study.name AS name, latest_study.id IS NOT NULL AS counts,
       planned.description AS description, planned.copy AS copy, planned.variant AS variant, planned.rows AS rows,
       planned.rows_seed AS rows_seed, planned.oracle AS oracle, latest_input.input AS input,
       (SELECT max(run.id) FROM run WHERE run.input = latest_input.input AND run.variant = planned.variant AND run.rows = planned.rows
        AND run.rows_seed = planned.rows_seed AND run.oracle = planned.oracle
        AND (planned_with.readout IS NULL OR EXISTS (SELECT 1 FROM reading WHERE reading.run = run.id
                                                     AND reading.readout = planned_with.readout))) AS run,
       planned_with.readout AS readout
FROM planned JOIN study ON study.id = planned.study
LEFT JOIN planned_readout AS planned_with
          ON planned_with.id = (SELECT max(id) FROM planned_readout WHERE planned_readout.planned = planned.id)
LEFT JOIN latest_study ON latest_study.id = planned.study
LEFT JOIN latest_input ON latest_input.study = study.name AND latest_input.description = planned.description
                          AND latest_input.copy = planned.copy;

CREATE VIEW result AS          -- one measure with everything that names it
SELECT run.id AS run, study.id AS study_id, study.name AS study, input.id AS input_id, input.label AS label, input.source AS source,
       input.spelling AS spelling, input.format AS format, input.seed AS seed, input.batch AS batches, input.heads_q, input.heads_kv,
       input.seq_q, input.seq_k, input.dim, input.causal, variant.id AS variant_id, variant.name AS variant, run.rows AS rows,
       ifnull(run.kernel, 'twin') AS computed_by,
       reference.id AS reference, reference.against, reference.oracle, reference.radius_log2, reference.undefined_rows,
       measure.scope, measure.batch, measure.head, measure.row, measure.metric, measure.value, measure.radius
FROM latest_run AS run
JOIN study ON study.id = run.study
JOIN input ON input.id = run.input
JOIN variant ON variant.id = run.variant
JOIN reference ON reference.run = run.id
JOIN measure ON measure.reference = reference.id;
