-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

SELECT device.kind, device.name, device.details, count(*) AS runs
FROM titled JOIN device ON device.id = titled.device GROUP BY device.id ORDER BY device.id
