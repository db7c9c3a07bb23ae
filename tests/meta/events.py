# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Every rounding event of docs/numerics.md is cited by its number in the code under kernels/, and no code cites one that is not there."""
import re

import tree

DOCUMENT = 'docs/numerics.md'
ROW = re.compile(r'^\| E(\d+) \|', re.M)
CITATION = re.compile(r'\bE([1-9]\d?)\b')
CITING = ('kernels/', 'src/', 'oracles/', 'datasets/', 'reports/')


def check(files):
    events = [int(number) for number in ROW.findall(files.get(DOCUMENT, ''))]
    complaints = []
    if not events:
        complaints.append(f'{DOCUMENT}: no table of events')
    complaints += [f'{DOCUMENT}: E{number} stands there twice' for number in sorted(set(events)) if events.count(number) > 1]
    if events and sorted(set(events)) != list(range(1, max(events) + 1)):
        complaints.append(f'{DOCUMENT}: the numbers have a gap')
    cited = set()
    for path, text in tree.sources(files).items():
        if not path.startswith(CITING):
            continue
        numbers = {int(n) for comment in re.findall(r'/\*.*?\*/|//[^\n]*', text, re.S) for n in CITATION.findall(comment)}
        complaints += [f'{path}: cites E{n}, which {DOCUMENT} does not have' for n in sorted(numbers - set(events))]
        if path.startswith('kernels/') and path.endswith(('.c', '.cu', '.cuh')):
            cited |= numbers
    complaints += [f'{DOCUMENT}: E{n} is cited nowhere under kernels/' for n in sorted(set(events) - cited)]
    return complaints


GOOD = {DOCUMENT: '| E1 | a |\n| E2 | b |\n', 'kernels/a.c': 'x = 1; /* E1 */\ny = 2E5; /* see E2 */\n', 'src/core/n.h': '/* (E2) */\n'}
BAD = [
    ({DOCUMENT: None}, 'no table of events'),
    ({DOCUMENT: '| E1 | a |\n| E2 | b |\n| E3 | c |\n'}, 'E3 is cited nowhere'),
    ({'kernels/a.c': '/* E1 */ int E2;\n'}, 'E2 is cited nowhere'),
    ({'kernels/a.c': '/* E1 E2 */ // E7\n'}, 'kernels/a.c: cites E7'),
    ({'src/core/n.h': '/* (E9) */\n'}, 'src/core/n.h: cites E9'),
    ({DOCUMENT: '| E1 | a |\n| E2 | b |\n| E2 | c |\n'}, 'E2 stands there twice'),
    ({DOCUMENT: '| E1 | a |\n| E3 | b |\n'}, 'have a gap'),
]

if __name__ == '__main__':
    tree.main(check, GOOD, BAD)
