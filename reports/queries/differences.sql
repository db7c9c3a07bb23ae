-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row each time that a kernel on a GPU gave other bits than the twin: of these no run is stored. All studies and moments count.
SELECT difference.created, study.name AS study, input.label AS "case", variant.name AS variant, difference.rows, difference.kernel,
       difference.gpu, device.name AS device, difference.outputs, difference.differing, difference.detail,
       printf('%llu', input.seed) AS seed, input.source, difference.rows_seed, difference.operands_sha256, difference.output_sha256,
       difference.twin_sha256, build.version, build.revision
FROM difference JOIN study ON study.id = difference.study JOIN input ON input.id = difference.input
     JOIN variant ON variant.id = difference.variant JOIN device ON device.id = difference.device
     JOIN build ON build.id = difference.build
WHERE (:study_id IS NULL OR study.id = :study_id) AND (:study IS NULL OR study.name = :study)
  AND (:case IS NULL OR input.label = :case) AND (:variant IS NULL OR variant.name = :variant)
ORDER BY difference.id
