# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Every page of docs/ that anything names exists and is listed in docs/README.md; every relative link of a page leads to a file."""
import posixpath
import re

import tree

INDEX = 'docs/README.md'
PAGE = re.compile(r'\bdocs/[\w/-]+\.md\b')
LINK = re.compile(r'\]\((?!https?:|#|mailto:)([^)#\s]+)')


def check(files):
    complaints = []
    for path, text in sorted(files.items()):
        if path.startswith('tests/meta/'):
            continue
        complaints += [f'{path}: names {page}, which does not exist' for page in sorted(set(PAGE.findall(text))) if page not in files]
        if path.endswith('.md'):
            for target in LINK.findall(text):
                where = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
                if where not in files and not any(other.startswith(where + '/') for other in files):
                    complaints.append(f'{path}: links to {target}, which does not exist')
        if path.startswith('docs/') and path.endswith('.md') and path != INDEX and f'({path[5:]})' not in files.get(INDEX, ''):
            complaints.append(f'{INDEX}: does not list {path}')
    return complaints


GOOD = {INDEX: '[a](a.md) [up](../README.md)\n', 'docs/a.md': '[site](https://x.y/z.md)\n', 'README.md': 'see [docs](docs/) and docs/a.md\n',
        'src/core/a.c': '/* docs/a.md */\n'}
BAD = [
    ({'src/core/a.c': '/* docs/b.md */\n'}, 'src/core/a.c: names docs/b.md'),
    ({'README.md': '[b](src/b.c)\n'}, 'README.md: links to src/b.c'),
    ({'docs/b.md': '\n'}, 'does not list docs/b.md'),
    ({INDEX: None}, 'does not list docs/a.md'),
]

if __name__ == '__main__':
    tree.main(check, GOOD, BAD)
