# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""test_peer.py SCRIPT LIBRARY: where no GPU is to be seen, bench_peer.py says so in one line and fails, with PyTorch or without."""
import os
import subprocess
import sys
import tempfile


def refusal(*arguments):
    found = subprocess.run([sys.executable, *arguments], env=dict(os.environ, CUDA_VISIBLE_DEVICES=''), capture_output=True, text=True)
    print(arguments, found)
    lines = found.stderr.splitlines()
    assert found.returncode == 1 and found.stdout == '' and len(lines) == 1 and lines[0].startswith('bench_peer.py: ')
    return lines[0]


script, library = sys.argv[1:]
assert ': no NVIDIA driver' in refusal(script, '--library', library) or ': no GPU' in refusal(script, '--library', library)
assert 'no such library' in refusal(script, '--library', library + '.not')
with tempfile.TemporaryDirectory() as folder:  # what was carried elsewhere stands by itself
    subprocess.run([sys.executable, script, '--library', library, '--bundle', folder], check=True)
    assert {'fp64_peer.so', 'bench_peer.py'} < set(os.listdir(folder)), os.listdir(folder)
    assert ': no ' in refusal(os.path.join(folder, 'bench_peer.py'))
