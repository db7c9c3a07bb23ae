# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Every C file of the repository is built: none lies beside a meson.build that does not name it.

Usage: lists.py ROOT COMPILE_COMMANDS, the second from the build folder that runs this test.
"""
import json
import os
import sys

import tree

COMMANDS = 'compile_commands.json'
# Not built everywhere: path, why.
EXEMPT = {
    'kernels/twin/wgmma_avx2.c': 'x86-64 only',
    'kernels/twin/wgmma_avx512.c': 'x86-64 only',
    'oracles/certified/lanes_avx2.c': 'x86-64 only',
    'oracles/certified/lanes_avx512.c': 'x86-64 only',
    'tests/oracles/test_arb.c': 'needs Arb; skip_arb.c stands in for it',
    'tests/oracles/skip_arb.c': 'stands in for test_arb.c where Arb is missing',
}


def check(files):
    built = {entry['file'] for entry in json.loads(files.get(COMMANDS, '[]'))}
    complaints = [] if built else [f'{COMMANDS}: names no file']
    for path in tree.sources(files, ('.c',)):
        if path not in built and path not in EXEMPT:
            complaints.append(f'{path}: in no meson.build')
    return complaints


def commands_of(root, path):
    """The compile commands with paths from `root`; generated files stay as they are."""
    with open(path, encoding='utf-8') as file:
        entries = json.load(file)
    for entry in entries:
        where = os.path.realpath(os.path.join(entry['directory'], entry['file']))
        entry['file'] = os.path.relpath(where, os.path.realpath(root)).replace(os.sep, '/')
    return json.dumps(entries)


GOOD = {'src/core/a.c': '', COMMANDS: '[{"file": "src/core/a.c"}]'}
BAD = [
    ({'src/core/b.c': ''}, 'src/core/b.c: in no meson.build'),
    ({'tests/core/test_b.c': ''}, 'tests/core/test_b.c: in no meson.build'),
    ({COMMANDS: None}, 'names no file'),
]

if __name__ == '__main__':
    commands = commands_of(sys.argv[1], sys.argv[2])
    sys.exit(tree.report(lambda files: check({COMMANDS: commands, **files} if '.ci/run' in files else files), sys.argv[1], GOOD, BAD))
