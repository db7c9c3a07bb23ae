-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Stands before every query of this folder: the runs it may look at, and what names each. Of one case, variant and set of rows only the
-- newest run counts, whichever study asked for it; of the studies those that count (view latest_study), of the inputs the content found
-- last (view latest_input). :study is a name, :study_id one id, which counts whatever came after it; NULL: any.
WITH RECURSIVE asked_for AS (
  SELECT plan.*, description.label AS label, variant.name AS variant_name
  FROM plan JOIN description ON description.id = plan.description JOIN variant ON variant.id = plan.variant
  WHERE CASE WHEN :study_id IS NULL THEN plan.counts ELSE plan.study = :study_id END
    AND (:study IS NULL OR plan.name = :study)
    AND (:case IS NULL OR description.label = :case)
    AND (:variant IS NULL OR variant.name = :variant)
),
chosen AS (
  SELECT run.id AS run, answered.study AS study_id, answered.name AS study, run.input AS input, run.variant AS variant_id,
         run.build AS build, run.device AS device, ifnull(run.kernel, 'twin') AS computed_by, run.gpu AS gpu, input.label AS label, input.source AS source, input.spelling AS spelling,
         input.format AS format, input.seed AS seed, input.batch AS batches, input.heads_q, input.heads_kv, input.seq_q, input.seq_k,
         input.dim, input.causal, input.scale, answered.variant_name AS variant,
         CASE WHEN run.rows BETWEEN 1 AND input.seq_q THEN run.rows ELSE input.seq_q END AS rows, run.rows_seed AS rows_seed
  FROM (SELECT *, row_number() OVER (PARTITION BY input, variant, rows, rows_seed ORDER BY run DESC, planned DESC) AS place
        FROM asked_for WHERE run IS NOT NULL) AS answered
       JOIN run ON run.id = answered.run JOIN input ON input.id = run.input
  WHERE answered.place = 1
),
-- A title names a case among those chosen: its label, and whatever tells it from others of that label. The stem is the title without
-- what tells seeds apart.
named AS (
  SELECT chosen.*, shapes.seeds, shapes.inputs > shapes.descriptions AS namesakes,
         label
         || CASE WHEN shapes.dims > 1 THEN ', d ' || dim ELSE '' END
         || CASE WHEN shapes.heads > 1 THEN ', ' || heads_q || ' heads' ELSE '' END
         || CASE WHEN shapes.keys > 1 THEN ', ' || seq_k || ' keys' ELSE '' END
         || CASE WHEN shapes.causals > 1 THEN CASE causal WHEN 1 THEN ', causal' ELSE ', not causal' END ELSE '' END
         || CASE WHEN shapes.formats > 1 THEN ', ' || format ELSE '' END
         || CASE WHEN shapes.spellings > 1 THEN ', ' || spelling ELSE '' END AS stem,
         CASE WHEN shapes.lookings > 1 THEN ', ' || rows || ' rows of seed ' || rows_seed ELSE '' END AS looking
  FROM chosen JOIN (
    SELECT label AS of_label, count(DISTINCT dim) AS dims, count(DISTINCT heads_q || '/' || heads_kv || '/' || batches) AS heads,
           count(DISTINCT seq_k) AS keys, count(DISTINCT causal) AS causals, count(DISTINCT format) AS formats,
           count(DISTINCT spelling) AS spellings, count(DISTINCT input) AS inputs,
           count(DISTINCT dim || '/' || heads_q || '/' || heads_kv || '/' || batches || '/' || seq_k || '/' || causal || '/' ||
           format || '/'
                          || spelling || '/' || seed) AS descriptions, count(DISTINCT seed) AS seeds, count(DISTINCT rows || '/' ||
                          rows_seed) AS lookings
    FROM chosen GROUP BY label) AS shapes ON shapes.of_label = chosen.label
),
titled AS (
  SELECT named.*,
         stem
         || CASE WHEN seeds > 1 THEN ', seed ' || printf('%llu', seed) ELSE '' END
         || CASE WHEN namesakes THEN ', input ' || input ELSE '' END
         || looking AS title
  FROM named)
