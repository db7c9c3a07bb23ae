-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a truth that a run was measured against.
SELECT titled.run, titled.title AS "case", titled.variant, reference.against, reference.oracle, reference.precision_bits,
       reference.radius_log2,
       reference.undefined_rows, reference.time_ns, reference.truth_sha256, ladder.smallest_log2, ladder.raised_rows, ladder.raised_by,
       ladder.open_rows, ladder.checked_rows, ladder.checked_by, ladder.disagreement_log2, ladder.disagreement_share
FROM titled JOIN reference ON reference.run = titled.run LEFT JOIN ladder ON ladder.reference = reference.id
ORDER BY titled.input, titled.rows, titled.rows_seed, titled.variant_id, reference.against DESC
