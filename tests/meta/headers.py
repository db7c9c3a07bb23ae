# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Every header compiles alone and twice, as C11 and as C++17, without a warning.

Usage: headers.py ROOT
"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

import tree

FLAGS = ['-fsyntax-only', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-Wno-unused-function', '-I.', '-Isrc']
LANGUAGES = (('C11', 'gcc', ['-x', 'c', '-std=c11']), ('C++17', 'g++', ['-x', 'c++', '-std=c++17']))
# Not headers of their own: path, why.
EXEMPT = {
    'kernels/twin/wgmma_vector.h': 'a body that wgmma_avx2.c and wgmma_avx512.c include after naming their vector type',
    'kernels/twin/wgmma_vector16.h': 'a body that wgmma_vector.h includes',
    'kernels/twin/wgmma_vector8.h': 'a body that wgmma_vector.h includes',
    'kernels/twin/lanes_codes.h': 'a body that lanes_loops.h includes',
    'kernels/twin/lanes_ex2.h': 'a body that lanes_loops.h includes',
    'kernels/twin/lanes_loops.h': 'a body that lanes_avx2.c and lanes_avx512.c include after naming their table',
    'oracles/certified/lanes_body.h': 'a body that lanes_portable.c, lanes_avx2.c and lanes_avx512.c include after naming their vectors',
    'oracles/certified/lanes_dots.h': 'a body that lanes_body.h includes',
    'oracles/certified/lanes_exp.h': 'a body that lanes_body.h includes',
    'oracles/certified/lanes_short.h': 'a body that lanes_body.h includes',
    'oracles/certified/lanes_values.h': 'a body that lanes_body.h includes',
}


def compile_alone(root, path, language, compiler, flags):
    """Complaints about one header in one language."""
    text = f'#include "{path}"\n#include "{path}"\n'
    above = [f'-I{os.path.dirname(os.path.dirname(path))}'] if path.startswith('tests/') else []  # as their meson.build says
    done = subprocess.run([compiler, *flags, *FLAGS, *above, '-'], input=text, cwd=root, capture_output=True, text=True, check=False)
    first = next((line for line in done.stderr.split('\n') if 'error' in line), done.stderr[:200])
    return [f'{path}: not alone in {language}: {first.strip()}'] if done.returncode else []


def check_folder(root, paths):
    jobs = [(root, path, *language) for path in paths for language in LANGUAGES]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [complaint for found in pool.map(lambda job: compile_alone(*job), jobs) for complaint in found]


def check(files):
    """Writes the tree to a folder and compiles there, so that nothing outside it can help."""
    headers = [path for path in tree.sources(files, ('.h',)) if path not in EXEMPT]
    with tempfile.TemporaryDirectory() as root:
        for path, text in tree.sources(files, ('.h',)).items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), 'w', encoding='utf-8') as file:
                file.write(text)
        return check_folder(root, headers)


GUARD = '#ifndef X\n#define X\n%s\n#endif\n'
GOOD = {'src/core/a.h': GUARD % '#include <stddef.h>\nsize_t f(void);', 'kernels/b.h': '#include "core/a.h"\n'}
BAD = [
    ({'src/core/c.h': 'size_t f(void);\n'}, 'src/core/c.h: not alone in C11'),
    ({'src/core/c.h': GUARD % 'int class;'}, 'src/core/c.h: not alone in C++17'),
    ({'src/core/c.h': 'struct at_c {\n    int x;\n};\n'}, 'src/core/c.h: not alone in C11'),  # no guard
    ({'src/core/c.h': GUARD % 'static inline int f(int x) { return 0; }'}, 'unused parameter'),
]

if __name__ == '__main__':
    if not shutil.which('gcc') or not shutil.which('g++'):
        print('1..0 # SKIP needs gcc and g++')
        sys.exit(0)
    tree.main(check, GOOD, BAD)
