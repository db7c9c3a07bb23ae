-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Every study with what it asks for and how much of that is done. "counts" is 0 where a later study file of the same name stands for it.
-- :case and :variant choose studies that ask for such a case and variant; the numbers stay those of the whole study.
SELECT study.id AS study_id, study.name AS study, count(DISTINCT plan.description || '/' || plan.copy) AS cases,
       count(DISTINCT plan.variant) AS variants, count(*) AS runs, count(plan.run) AS done, max(plan.counts) AS counts, study.sha256,
       study.text
FROM study JOIN plan ON plan.study = study.id
WHERE (:study_id IS NULL OR study.id = :study_id) AND (:study IS NULL OR study.name = :study)
  AND EXISTS (SELECT 1 FROM planned JOIN description ON description.id = planned.description JOIN variant ON variant.id = planned.variant
              WHERE planned.study = study.id AND (:case IS NULL OR description.label = :case)
                AND (:variant IS NULL OR variant.name = :variant))
GROUP BY study.id ORDER BY study.id
