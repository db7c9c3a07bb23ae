# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""One name, one thing: no two headers of the program declare the same function or define the same struct or enum, and each such name
begins with at_. The linker sees only some of these, and C++ none."""
import re

import tree

ROOTS = ('src/', 'kernels/', 'oracles/', 'datasets/', 'reports/')
TYPE = re.compile(r'^(?:struct|enum) (\w+) \{', re.M)
FUNCTION = re.compile(r'^(?!typedef|#|static)[a-z][\w ]*?[ *]\**(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)[^;{=]*;', re.M)


def check(files):
    seen, complaints = {}, []
    for path, text in tree.sources(files, ('.h', '.cuh')).items():
        if not path.startswith(ROOTS):
            continue
        code = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
        for name in {*TYPE.findall(code), *FUNCTION.findall(code)}:
            if not name.startswith('at_') and not name.startswith('__'):
                complaints.append(f'{path}: {name} does not begin with at_')
            if name in seen:
                complaints.append(f'{path}: {name} is another thing in {seen[name]}')
            seen.setdefault(name, path)
    return complaints


GOOD = {'src/core/a.h': 'struct at_a {\n    int x;\n};\nint at_f(int (*each)(void *), int n);\nvoid at_g(void);\n',
        'src/store/b.h': 'struct at_a;\n/* int at_f(int x); */\nstatic inline int h(void)\n{\n    return at_f(0, 0);\n}\n',
        'tests/core/c.h': 'struct at_a {\n    int y;\n};\n'}
BAD = [
    ({'src/cli/c.h': 'struct at_a {\n    int y;\n};\n'}, 'at_a is another thing in src/cli/c.h'),
    ({'src/store/c.h': 'enum at_status at_g(\n    int x,\n    int y)\n    __attribute__((format(printf, 1, 2)));\n'}, 'at_g is another thing'),
    ({'src/store/c.h': 'const char *at_f(int x);\n'}, 'at_f is another thing'),
    ({'src/store/c.h': 'void open_it(void);\n'}, 'open_it does not begin with at_'),
    ({'src/store/c.h': 'struct table {\n    int x;\n};\n'}, 'table does not begin with at_'),
]

if __name__ == '__main__':
    tree.main(check, GOOD, BAD)
