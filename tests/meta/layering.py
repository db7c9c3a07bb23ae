# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Who may include whom: the picture in README.md, "Layout". Transitive for third-party headers: they never cross a room."""
import posixpath
import re

import tree

MODULES = ('src/metrics', 'src/rules', 'src/stats', 'src/store', 'datasets', 'kernels', 'oracles')
ROOMS = MODULES + ('src/core', 'src/study', 'reports', 'src/cli', 'tests', 'tools')
MAY_KNOW = {'src/core': ('src/core',), 'src/study': ('src/core', 'src/study') + MODULES, 'reports': ('src/core', 'reports') + MODULES,
            'src/cli': ROOMS, 'tests': ROOMS, 'tools': ROOMS}
MAY_KNOW.update({room: ('src/core', room) for room in MODULES})
# The GPU behind one header, and its instructions, are for the oracle that runs there too: what knows, what it may know beyond its room.
SHARED = (('oracles/fp64_sm90', 'kernels/common'),)

# The first matching prefix says which files and folders may include the header.
THIRD_PARTY = (
    ('mpfr.h', ('oracles', 'tests')), ('gmp.h', ('oracles', 'tests')), ('gsl/', ('src/stats', 'tests/stats')),
    ('sqlite3.h', ('src/store', 'tests/store')), ('cyaml/', ('src/study', 'tests/study')), ('yaml.h', ('src/study',)),
    ('sodium.h', ('src/core/hash.c',)), ('Random123/', ('src/core/random.c',)),
    ('jansson.h', ('datasets', 'reports', 'src/cli', 'src/store', 'src/study', 'tests')),
    ('omp.h', ('datasets', 'kernels', 'oracles', 'src/study', 'src/cli', 'tests')), ('immintrin.h', ('kernels', 'oracles')),
    ('cuda', ('kernels', 'tools/fa3')), ('cmocka.h', ('tests',)), ('arb.h', ('tests',)), ('flint/', ('tests',)),
    ('arf.h', ('tests',)), ('fmpz.h', ('tests',)),
)
SYSTEM = re.compile(
    r'^(assert|complex|ctype|dirent|dlfcn|errno|fcntl|fenv|float|fnmatch|getopt|glob|inttypes|libgen|limits|locale|math|poll|pthread|sched|'
    r'semaphore|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|termios|'
    r'time|unistd|malloc|link|ftw|'
    r'sys/(file|ioctl|mman|prctl|resource|socket|sysinfo|stat|statvfs|time|types|utsname|wait|auxv|random|uio|vfs))\.h$')
SYSTEM_CXX = re.compile(r'^(cmath|cstddef|cstdint|cstdio|cstdlib|initializer_list|type_traits|utility|vector)$')  # for .cu and .cuh
# Headers that the build makes: name, the file they are made by.
GENERATED = {'wgmma.cuh': 'kernels/common/ptx/wgmma.py'}
# Headers of others' sources beside which a tool is built: path, name.
FOREIGN = {('tools/fa3/run.cu', 'flash.h')}  # FlashAttention-3
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def inside(path, place):
    return path == place or path.startswith(place + '/')


def room_of(path):
    return next((room for room in ROOMS if inside(path, room)), None)


def is_system(path, name):
    return SYSTEM.match(name) or path.endswith(('.cu', '.cuh')) and SYSTEM_CXX.match(name)


def resolve(path, name, files):
    """The project's file behind #include "name", or its template NAME.in; None when there is neither. Tests share their helpers."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    for candidate in (beside, name, 'src/' + name):
        for suffix in ('', '.in'):
            if candidate + suffix in files:
                return candidate + suffix
    helpers = [other for other in files if other.startswith('tests/') and other.endswith('/' + name)]
    return helpers[0] if path.startswith('tests/') and helpers else None


def check(files):
    made = {name for name, maker in GENERATED.items() if maker in files}
    files = tree.sources(files, tree.SOURCE + ('.h.in',))
    complaints, edges, foreign = [], {}, {}
    for path, text in files.items():
        edges[path], foreign[path] = set(), set()
        if room_of(path) is None:
            complaints.append(f'{path}: belongs to no room')
            continue
        for mark, name in INCLUDE.findall(text):
            if mark == '"' and (name in made and inside(path, room_of(GENERATED[name])) or (path, name) in FOREIGN):
                continue
            target = resolve(path, name, files) if mark == '"' else None
            if target is None and mark == '"':
                complaints.append(f'{path}: includes "{name}", which is no file of the project')
            elif target is None:
                foreign[path].add(name)
            elif room_of(target) not in MAY_KNOW[room_of(path)] and not any(inside(path, a) and inside(target, b) for a, b in SHARED):
                complaints.append(f'{path}: {room_of(path)} may not know {room_of(target)} (includes {name})')
            else:
                edges[path].add(target)
    for path in files:
        reached, queue = {path}, [path]
        while queue:
            new = edges[queue.pop()] - reached
            reached |= new
            queue += new
        for via in sorted(reached):
            for name in sorted(foreign[via]):
                places = next((places for prefix, places in THIRD_PARTY if name.startswith(prefix)), None)
                if places is None and not is_system(via, name):
                    complaints.append(f'{via}: <{name}> is neither of the system nor in the list of tests/meta/layering.py')
                elif places is not None and not any(inside(path, place) for place in places):
                    complaints.append(f'{path}: <{name}> may not be known here' + (f' (through {via})' if via != path else ''))
    return sorted(set(complaints))


GOOD = {'src/core/a.h': '#include <stdint.h>\n', 'src/stats/s.h': '#include "core/a.h"\n',
        'src/stats/s.c': '#include <gsl/gsl_fit.h>\n#include "s.h"\n',
        'oracles/o.h': '#include "core/a.h"\n', 'oracles/o.c': '#include "oracles/o.h"\n#include <mpfr.h>\n',
        'src/study/t.c': '#include "oracles/o.h"\n#include "stats/s.h"\n', 'kernels/twin/k.h': '#include "core/a.h"\n',
        'src/cli/v.h.in': '', 'src/cli/v.c': '#include "v.h"\n', 'kernels/common/ptx/wgmma.py': '',
        'kernels/p.cuh': '#include <cstdint>\n#include "wgmma.cuh"\n', 'kernels/common/gpu.h': '#include "core/a.h"\n',
        'oracles/fp64_sm90/g.c': '#include "kernels/common/gpu.h"\n'}
BAD = [
    ({'kernels/k.c': '#include "oracles/o.h"\n'}, 'kernels may not know oracles'),
    ({'oracles/p.c': '#include "kernels/twin/k.h"\n'}, 'oracles may not know kernels'),
    ({'oracles/p.c': '#include "kernels/common/gpu.h"\n'}, 'oracles may not know kernels'),
    ({'oracles/fp64_sm90/g.c': '#include "kernels/twin/k.h"\n'}, 'oracles may not know kernels'),
    ({'src/core/b.c': '#include "stats/s.h"\n'}, 'src/core may not know src/stats'),
    ({'datasets/d.c': '  #  include  "stats/s.h"\n'}, 'datasets may not know src/stats'),
    ({'src/study/t.h': '', 'reports/r.c': '#include "study/t.h"\n'}, 'reports may not know src/study'),
    ({'kernels/k.c': '#include <mpfr.h>\n'}, '<mpfr.h> may not be known here'),
    ({'oracles/o.h': '#include <mpfr.h>\n'}, 'src/study/t.c: <mpfr.h> may not be known here (through oracles/o.h)'),
    ({'src/core/b.c': '#include <sodium.h>\n'}, '<sodium.h> may not be known here'),
    ({'src/cli/c.c': '#include <sqlite3.h>\n'}, '<sqlite3.h> may not be known here'),
    ({'src/cli/c.c': '#include <curl/curl.h>\n'}, '<curl/curl.h> is neither'),
    ({'src/cli/c.c': '#include <cstdint>\n'}, '<cstdint> is neither'),
    ({'oracles/p.c': '#include "wgmma.cuh"\n'}, 'no file of the project'),
    ({'kernels/common/ptx/wgmma.py': None}, 'no file of the project'),
    ({'src/cli/c.c': '#include "nowhere.h"\n'}, 'no file of the project'),
    ({'lib/x.c': ''}, 'belongs to no room'),
]

if __name__ == '__main__':
    tree.main(check, GOOD, BAD)
