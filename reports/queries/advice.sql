-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a change that was measured for an error budget, the smallest error first: of one case, variant, set of rows and metric the
-- newest budget with changes counts. No study asks for these.
, counting AS (
  SELECT budget.*, row_number() OVER (PARTITION BY input, variant, rows, rows_seed, metric ORDER BY id DESC) AS place
  FROM budget WHERE advised
)
SELECT input.label AS "case", printf('%llu', input.seed) AS seed, input.seq_k, variant.name AS variant, counting.metric, advice.change,
       share.label AS rounding, advice.widens, advice.second, advice.value, counting.value AS value_now, counting.rows,
       counting.id AS budget, input.source
FROM counting JOIN advice ON advice.budget = counting.id JOIN share ON share.budget = counting.id AND share.rounding = advice.rounding
     JOIN input ON input.id = counting.input JOIN variant ON variant.id = counting.variant
WHERE counting.place = 1 AND :study_id IS NULL AND :study IS NULL AND (:case IS NULL OR input.label = :case)
  AND (:variant IS NULL OR variant.name = :variant)
ORDER BY counting.input, counting.variant, counting.rows, counting.rows_seed, counting.metric, advice.nth
