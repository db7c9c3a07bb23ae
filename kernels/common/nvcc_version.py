# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""nvcc_version.py NVCC: the CUDA version of NVCC as the driver counts it (13.1: 13010); 0 where it does not say."""
import re
import subprocess
import sys

said = subprocess.run([sys.argv[1], '--version'], capture_output=True, text=True, check=False).stdout
found = re.search(r'release (\d+)\.(\d+)', said)
print(1000 * int(found[1]) + 10 * int(found[2]) if found else 0)
