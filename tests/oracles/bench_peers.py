# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Seconds for all rows of one head (d = 128) by what Python users take for a reference; bench_certified runs it.

bench_peers.py KEYS THREADS numpy|mpmath: prints "name<TAB>seconds<TAB>note" a line; processor seconds with one thread, else wall.
"""
import math
import os
import sys
import time

KEYS, THREADS, WHAT = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.environ['OPENBLAS_NUM_THREADS'] = os.environ['OMP_NUM_THREADS'] = os.environ['MKL_NUM_THREADS'] = str(THREADS)
DIM, ROWS, SYSTEM = 128, 64, '/usr/bin/python3'
clock = time.process_time if THREADS == 1 else time.perf_counter

try:
    import mpmath
    import numpy
except ImportError as missing:
    if os.path.exists(SYSTEM) and os.path.realpath(sys.executable) != os.path.realpath(SYSTEM):
        os.execv(SYSTEM, [SYSTEM] + sys.argv)
    print(f'{missing.name} is missing: apt-get install python3-{missing.name}, or pip install {missing.name}')
    sys.exit()


def operands():
    random = numpy.random.default_rng(1)
    return (random.standard_normal((KEYS, DIM)).astype(numpy.float16).astype(numpy.float64) for _ in range(3))


def attend(q, k, v):
    s = q @ k.T
    s *= 1 / math.sqrt(DIM)
    s -= s.max(1, keepdims=True)
    numpy.exp(s, out=s)
    return (s @ v) / s.sum(1, keepdims=True)


def by_blocks(q, k, v):
    return numpy.concatenate([attend(q[i:i + ROWS], k, v) for i in range(0, KEYS, ROWS)])


def with_numpy():
    q, k, v = operands()
    for name, form in (('numpy float64, whole head', attend), ('numpy float64, blocks of 64 rows', by_blocks)):
        best = math.inf
        for _ in range(max(2, 16384 // KEYS)):
            start = clock()
            form(q, k, v)
            best = min(best, clock() - start)
        print(f'{name}\t{best}\tbest of several, numpy {numpy.__version__}')


def with_mpmath():
    mpmath.mp.prec = 256
    keys = min(KEYS, 512)
    q, k, v = ([[mpmath.mpf(float(x)) for x in row] for row in x[:keys]] for x in operands())
    start = clock()
    s = [mpmath.fdot(q[0], row) / mpmath.sqrt(DIM) for row in k]
    top = max(s)
    p = [mpmath.exp(x - top) for x in s]
    total = mpmath.fsum(p)
    o = [mpmath.fdot(p, [row[c] for row in v]) / total for c in range(DIM)]
    seconds = (clock() - start) / keys * KEYS * KEYS
    assert len(o) == DIM
    print(f'mpmath 256 bits\t{seconds}\tone row of {keys} keys, scaled; {mpmath.libmp.BACKEND}, mpmath {mpmath.__version__}')


with_numpy() if WHAT == 'numpy' else with_mpmath()
