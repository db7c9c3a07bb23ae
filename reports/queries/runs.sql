-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a run: where its numbers come from.
SELECT titled.run, titled.title AS "case", titled.variant, titled.study, titled.rows, titled.rows_seed, build.version,
       build.revision,
       device.name AS device, titled.computed_by, titled.gpu, run.created, run.time_ns, run.elements, run.saturated, run.underflowed, run.p_elements, run.p_saturated,
       run.p_underflowed, run.operands_sha256, run.output_sha256
FROM titled JOIN run ON run.id = titled.run JOIN build ON build.id = titled.build JOIN device ON device.id = titled.device
ORDER BY titled.input, titled.rows, titled.rows_seed, titled.variant_id
