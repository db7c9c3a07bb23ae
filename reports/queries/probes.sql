-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a probe of a GPU: what was compared with the twin, and what came of it. Probes belong to no study, case or variant.
SELECT probe.created, probe.name AS probe, device.name AS device, probe.verdict, probe.asked, probe.outputs, probe.differing, probe.seed, probe.time_ns,
       build.version, build.revision, probe.detail
FROM probe JOIN build ON build.id = probe.build JOIN device ON device.id = probe.device
WHERE :study_id IS NULL AND :study IS NULL AND :case IS NULL AND :variant IS NULL
ORDER BY probe.id
