-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- One row a variant with its numerics in full.
SELECT titled.variant, count(DISTINCT titled.input) AS cases, count(*) AS runs, variant.numerics
FROM titled JOIN variant ON variant.id = titled.variant_id
GROUP BY variant.id ORDER BY variant.id
