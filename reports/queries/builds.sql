-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

SELECT build.version, build.revision, build.compiler, build.options, build.sha256, count(*) AS runs
FROM titled JOIN build ON build.id = titled.build GROUP BY build.id ORDER BY build.id
