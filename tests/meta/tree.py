# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""What the checks of this folder share: a source tree as a dictionary, and the TAP report.

A check is a function from a tree, {path: text}, to a list of complaints. Each is run on the repository, which must be clean, and on
small made-up trees: a good one, which must be clean, and bad ones, each of which must be complained about in the words given. So no
check is unable to fail.
"""
import os
import sys

SOURCE = ('.c', '.h', '.cu', '.cuh')
TEXT = SOURCE + ('.py', '.build', '.txt', '.md', '.sql', '.yaml', '.yml', '.in', '.sh', '.gp', '.html', '.css', '')
SPDX = '/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */\n/* Copyright (C) 2026 the attest authors */\n'


def read_tree(root):
    """Every text file of the repository by its path; build folders, hidden folders and what tools leave behind are not part of it."""
    tree = {}
    for folder, folders, files in os.walk(root):
        top = folder == root
        folders[:] = sorted(f for f in folders if f != '__pycache__' and (not f.startswith('.') or f == '.ci')
                            and not (top and (f.startswith('build') or f == 'shared'))
                            and not os.path.exists(os.path.join(folder, f, 'meson-private')))
        for name in files:
            path = os.path.join(folder, name)
            if os.path.splitext(name)[1] not in TEXT or os.path.islink(path) or name == '.git':
                continue
            with open(path, encoding='utf-8', errors='replace') as file:
                tree[os.path.relpath(path, root).replace(os.sep, '/')] = file.read()
    return tree


def sources(tree, suffixes=SOURCE):
    return {path: text for path, text in sorted(tree.items()) if path.endswith(suffixes)}


def report(check, root, good, bad):
    """Runs `check` on the repository at `root`, on the tree `good` and on each (tree, expected words) of `bad`; prints TAP."""
    complaints = check(read_tree(root))
    results = [('the repository', complaints)]
    results.append(('a good tree passes', check(good)))
    for change, words in bad:
        found = check({path: text for path, text in {**good, **change}.items() if text is not None})
        seen = any(words in complaint for complaint in found)
        results.append((f'a bad tree fails: {words}', [] if seen else [f'wanted a complaint with "{words}", got {found}']))
    print(f'1..{len(results)}')
    for number, (name, complaints) in enumerate(results, 1):
        print(f"{'not ok' if complaints else 'ok'} {number} - {name}".replace('#', ''))
        for complaint in complaints:
            print(complaint, file=sys.stderr)  # meson shows that of a failed TAP test
    return 1 if any(complaints for _, complaints in results) else 0


def main(check, good, bad):
    sys.exit(report(check, sys.argv[1], good, bad))
