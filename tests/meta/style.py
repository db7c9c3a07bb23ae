# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Budgets of length, licence lines, white space, and nothing that ties a file to the machine it was written on."""
import re

import tree

LINE_COLUMNS = 140
FUNCTION_LINES = 60
# Suffix or folder: lines. Generated tables are named *_table.h and have no limit.
BUDGETS = (('tests/', 500), ('.h', 120), ('.cuh', 400), ('.cu', 400), ('.c', 300))
# Longer on purpose, never beyond 500 lines.
LONGER = {
    'src/core/numerics.h': 'the one struct and all it stands on, in one place to read',
    'src/core/numerics_text.c': 'one table of keys with the four functions that read it',
    'src/store/store.h': 'one header for the whole of SQLite',
}
HARD_LIMIT = 500
MACHINE_PATH = re.compile(r'(?<![\w.$}])/(?:work|root|home)/\w')
HASH_SPDX = '# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception\n# Copyright (C) 2026 the attest authors\n'


def budget_of(path):
    if path.endswith('_table.h'):
        return None
    if path in LONGER:
        return HARD_LIMIT
    return next((lines for key, lines in BUDGETS if path.startswith(key) or path.endswith(key)), None)


def long_functions(text):
    """(name, lines) of functions longer than a screen: from the line of '{' in column 0 to that of '}' in column 0."""
    start, name = None, ''
    lines = text.split('\n')
    for number, line in enumerate(lines):
        if line == '{':
            start = number
            head = next((l for l in reversed(lines[:number]) if re.match(r'\w', l)), '')
            name = (re.findall(r'(\w+)\(', head) or [head])[0]
        elif line == '}' and start is not None:
            if number - start - 1 > FUNCTION_LINES:
                yield name, number - start - 1
            start = None


def check_source(path, text):
    lines = text.split('\n')
    count, budget = text.count('\n'), budget_of(path)
    if not text.startswith(tree.SPDX):
        yield 'does not begin with the two licence lines'
    if budget and count > budget:
        yield f'{count} lines, budget {budget}'
    for number, line in enumerate(lines, 1):
        if '\t' in line:
            yield f'line {number}: a tab'
    for name, length in long_functions(text):
        yield f'function {name}: {length} lines, budget {FUNCTION_LINES}'


def check_text(path, text):
    """What holds for every text file."""
    script = path.endswith('.py') or path.startswith(('scripts/', '.ci/')) and text.startswith('#!')
    code = script or path.endswith((*tree.SOURCE, '.build')) and not path.endswith('_table.h')
    for number, line in enumerate(text.split('\n'), 1):
        if len(line) > LINE_COLUMNS and code:
            yield f'line {number}: {len(line)} columns, budget {LINE_COLUMNS}'
        if line != line.rstrip() and not path.endswith('.md'):
            yield f'line {number}: trailing white space'
        if MACHINE_PATH.search(line) and path != 'tests/meta/style.py':
            yield f'line {number}: a path of one machine'
    if text and not text.endswith('\n'):
        yield 'does not end with a line end'
    if script and HASH_SPDX not in text[:800]:
        yield 'does not begin with the two licence lines'


def check(files):
    complaints = []
    for path, text in sorted(files.items()):
        checks = list(check_text(path, text))
        if path.endswith(tree.SOURCE):
            checks += check_source(path, text)
        complaints += [f'{path}: {complaint}' for complaint in checks]
    for path in LONGER:
        if path in files and budget_of('x' + path) and files[path].count('\n') <= budget_of('x' + path):
            complaints.append(f'{path}: listed as longer on purpose, yet within its budget')
    return complaints


BODY = 'static void f(void)\n{\n%s}\n'
GOOD = {'src/core/a.c': tree.SPDX + BODY % (60 * '    g();\n'), 'src/core/a.h': tree.SPDX + 118 * 'int x;\n',
        'kernels/mufu_table.h': tree.SPDX + 900 * 'int x;\n', 'scripts/test': '#!/bin/sh\n' + HASH_SPDX, 'docs/a.md': 'see src/core/x\n'}
BAD = [
    ({'src/core/a.c': 'int x;\n'}, 'does not begin with the two licence lines'),
    ({'scripts/test': '#!/bin/sh\n'}, 'scripts/test: does not begin'),
    ({'src/core/a.c': tree.SPDX + 299 * 'int x;\n'}, '301 lines, budget 300'),
    ({'src/core/a.h': tree.SPDX + 119 * 'int x;\n'}, '121 lines, budget 120'),
    ({'src/store/store.h': tree.SPDX + 499 * 'int x;\n'}, '501 lines, budget 500'),
    ({'src/store/store.h': tree.SPDX}, 'yet within its budget'),
    ({'src/core/a.c': tree.SPDX + 'int ' + 133 * 'x' + ' = 1;\n'}, 'line 3: 142 columns'),
    ({'src/core/a.c': tree.SPDX + BODY % (61 * '    g();\n')}, 'function f: 61 lines'),
    ({'src/core/a.c': tree.SPDX + 'int x; \n'}, 'trailing white space'),
    ({'src/core/a.c': tree.SPDX + '\tint x;\n'}, 'line 3: a tab'),
    ({'src/core/a.c': tree.SPDX + 'int x;'}, 'line end'),
    ({'docs/a.md': 'look in ' + '/home' + '/me/x\n'}, 'a path of one machine'),
    ({'src/core/a.c': tree.SPDX + 'char *x = "' + '/root' + '/x";\n'}, 'a path of one machine'),
]

if __name__ == '__main__':
    tree.main(check, GOOD, BAD)
