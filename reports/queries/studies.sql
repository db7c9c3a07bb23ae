-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- Every study with what the database holds of it.
SELECT study.id AS study_id, study.name AS study, count(DISTINCT titled.input) AS cases, count(DISTINCT titled.variant_id) AS variants,
       count(titled.run) AS runs, study.sha256, study.text
FROM study JOIN titled ON titled.study_id = study.id
GROUP BY study.id ORDER BY study.id
