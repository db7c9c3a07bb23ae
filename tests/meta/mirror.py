# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Every source has its test file and every test file its source or header.

src/ROOM/x.c and ROOM/x.c are tested by tests/ROOM/test_x.c; ROOM/PART/x.c by tests/ROOM/PART/test_x.c, tests/ROOM/test_x.c or
tests/ROOM/test_PART_x.c. Anything else is listed below with its reason.
"""
import posixpath
import re

import tree

ROOTS = ('src/', 'kernels/', 'oracles/', 'datasets/', 'reports/')
FREE = ('tests/contracts/', 'tests/e2e/', 'tests/meta/')  # not about one source
# Sources by pattern, or one by one, that another test holds: which, why.
HELD_BY = (
    (r'kernels/variants/(?!variant\.c).*\.c', 'tests/contracts/test_variants.c',
     'a name and one struct; the walk over the registry checks each'),
    (r'kernels/probes/(?:wgmma|cvt)_\w+\.c|kernels/probes/(?:ex2|rcp|lg2)\.c', 'tests/contracts/test_probes.c',
     'a name and one struct; the walk over the registry checks each'),
    (r'kernels/twin/lanes_avx\w+\.c', 'tests/kernels/twin/test_lanes.c', 'each path must give the bits of the plain one'),
    (r'oracles/certified/lanes_\w+\.c', 'tests/oracles/certified/test_lanes.c', 'each path must be exact or within its bound'),
)
EXEMPT = {
    'src/cli/main.c': ('tests/e2e/test_attest.c', 'the command line is tested as a command'),
}
# Tests of what several sources do together: path, what.
SCENARIOS = {
    'tests/kernels/twin/test_fa3.c': 'the whole twin against the outputs of FA3 itself',
    'tests/store/test_crash.c': 'a writer killed at any moment leaves all of a run or none',
    'tests/oracles/test_arb.c': 'the oracles against an independent second one',
    'tests/oracles/certified/test_enclosure.c': 'certified against 512 bits on every distribution and format',
    'tests/oracles/fp64_sm90/test_enclosure.c': 'fp64_sm90 on an emulated GPU against certified',
    'tests/oracles/fp64_sm90/test_probe.c': 'the probe of mma with doubles, which runs on a GPU alone, can tell orders and errors',
    'tests/stats/test_coverage.c': 'intervals hold the truth as often as they say',
}


def tests_of(path):
    parts = (path[4:] if path.startswith('src/') else path)[:-2].split('/')
    room, name = parts[0], parts[-1]
    yield f'tests/{room}/test_{name}.c'
    if len(parts) > 2:
        part = parts[-2]
        yield f"tests/{'/'.join(parts[:-1])}/test_{name}.c"
        yield f'tests/{room}/test_{part}_{name}.c'


def elsewhere(path):
    """The test that stands in for the source's own, or None."""
    if path in EXEMPT:
        return EXEMPT[path][0]
    return next((test for pattern, test, _ in HELD_BY if re.fullmatch(pattern, path)), None)


def check(files):
    complaints, used = [], set()
    for path in tree.sources(files, ('.c',)):
        if not path.startswith(ROOTS):
            continue
        own = {test for test in tests_of(path) if test in files}
        used |= own
        other = elsewhere(path)
        if own and path in EXEMPT:
            complaints.append(f'{path}: exempt, yet it has {sorted(own)[0]}')
        elif not own and other is None:
            complaints.append(f'{path}: has no {next(tests_of(path))}')
        elif not own and other not in files:
            complaints.append(f'{path}: {other}, which should test it, does not exist')
    if '.ci/run' in files:  # the whole repository
        complaints += [f'tests/meta/mirror.py: {path} is exempt and does not exist' for path in EXEMPT if path not in files]
    headers = {test for path in tree.sources(files, ('.h',)) if path.startswith(ROOTS) for test in tests_of(path)}
    used |= headers | set(SCENARIOS)
    for path in tree.sources(files, ('.c',)):
        if posixpath.basename(path).startswith('test_') and not path.startswith(FREE) and path not in used:
            complaints.append(f'{path}: tests no source of that name')
    return complaints


GOOD = {'src/core/a.c': '', 'tests/core/test_a.c': '', 'kernels/twin/b.c': '', 'tests/kernels/test_b.c': '', 'oracles/mpfr/c.c': '',
        'oracles/mpfr/d.c': '',
        'tests/oracles/mpfr/test_c.c': '', 'tests/oracles/test_mpfr_d.c': '', 'tests/e2e/test_all.c': '',
        'datasets/e.c': '', 'tests/datasets/test_e.c': ''}
BAD = [
    ({'src/core/z.c': ''}, 'src/core/z.c: has no tests/core/test_z.c'),
    ({'kernels/twin/z.c': ''}, 'kernels/twin/z.c: has no'),
    ({'datasets/z.c': ''}, 'datasets/z.c: has no'),
    ({'tests/core/test_z.c': ''}, 'tests/core/test_z.c: tests no source'),
    ({'tests/oracles/test_mpfr_d.c': None}, 'oracles/mpfr/d.c: has no'),
]

if __name__ == '__main__':
    tree.main(check, GOOD, BAD)
