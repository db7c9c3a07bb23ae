-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a rounding of each error budget, the largest share first: of one case, variant, set of rows and metric the newest counts. No
-- study asks for these.
, counting AS (
  SELECT budget.*, row_number() OVER (PARTITION BY input, variant, rows, rows_seed, metric ORDER BY id DESC) AS place FROM budget
)
SELECT input.label AS "case", printf('%llu', input.seed) AS seed, input.seq_k, variant.name AS variant, counting.metric, share.label AS rounding,
       share.alone, share.share_alone, share.without, share.share_removed, share.expected, counting.value AS "all", counting.none,
       counting.rows, 1 - sum(share.share_alone) OVER (PARTITION BY counting.id) AS remainder_alone,
       1 - sum(share.share_removed) OVER (PARTITION BY counting.id) AS remainder_removed, counting.expected AS all_expected,
       share.rounding AS name, counting.id AS budget, input.source, input.spelling, input.dim, input.causal, counting.rows_seed,
       counting.oracle, counting.created, build.version, build.revision
FROM counting JOIN share ON share.budget = counting.id JOIN input ON input.id = counting.input
     JOIN variant ON variant.id = counting.variant JOIN build ON build.id = counting.build
WHERE counting.place = 1 AND :study_id IS NULL AND :study IS NULL AND (:case IS NULL OR input.label = :case)
  AND (:variant IS NULL OR variant.name = :variant)
ORDER BY counting.input, counting.variant, counting.rows, counting.rows_seed, counting.metric, abs(share.share_alone) DESC, share.id
