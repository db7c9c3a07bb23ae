# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Ties docs/numerics.md, the code and the perturbations together.

Every rounding event is cited by its number in the code under kernels/, and no code cites one that is not there. Every line that carries a
tag has its place in tests/perturb/places.py, every place its line, and every event and every rule of a WGMMA at least one place. A
perturbation changes what stands on that line, and the test case it names exists (that it fails is shown by tests/perturb/perturb.py).
The list at the end of the document is made from the code and the places; `events.py ROOT --write` makes it anew.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'perturb'))

import perturb  # noqa: E402
import tree  # noqa: E402

DOCUMENT, PLACES = 'docs/numerics.md', 'tests/perturb/places.py'
FIRST, LAST = '<!-- made by tests/meta/events.py ROOT --write -->\n', '<!-- the end of what is made -->\n'
ROW = re.compile(r'^\| E(\d+) \|', re.M)
CITATION = re.compile(r'\bE([1-9]\d?)[a-z]?\b')
CITING = ('kernels/', 'src/', 'oracles/', 'datasets/', 'reports/')


def places_of(files):
    """PLACES of the tree's places.py."""
    names = {}
    exec(files.get(PLACES, 'PLACES = ()'), names)  # a table of our own, as the import of it would be
    return names['PLACES']


def function_of(text, number):
    """The function that line `number` is in, '' outside of all."""
    lines = text.split('\n')
    start = next((n for n in range(number, -1, -1) if re.match(r'[{}]', lines[n])), 0)
    if not lines[start].startswith('{'):
        return ''
    head = next((line for line in reversed(lines[:start]) if re.match(r'\w', line)), '')
    return (re.findall(r'(\w+)\(', head) or [''])[0]


def code_of(line):
    return re.sub(r'\s*/\*.*?\*/', '', line).strip().replace('|', '\\|')


def order(tag):
    return 'EWUT'.index(tag[0]), int(re.search(r'\d+', tag).group()), tag


def made(files):
    """The list of places for the document; lines that cannot be found are complained about elsewhere."""
    rows = []
    for source, lines in places_of(files):
        for tag, what, perturbations in lines:
            text = files.get(source, '')
            try:
                number = perturb.line_of(text, tag)
            except perturb.Trouble:
                continue
            tests = {}
            for _, _, test, case in perturbations:
                tests.setdefault(os.path.basename(test)[:-2].replace('{path}', '*'), []).append(case)
            function = function_of(text, number)
            where = f'`{source}`' + (f', `{function}`' if function else '')
            noticed = '; '.join(f"{test}: {', '.join(dict.fromkeys(cases))}" for test, cases in tests.items())
            rows.append((order(tag), source, f'| {tag} | {what} | {where}: `{code_of(text.split(chr(10))[number])}` | {noticed} |\n'))
    head = '| tag | what the line does | where | the test that fails when it does it differently |\n| --- | --- | --- | --- |\n'
    return FIRST + head + ''.join(row for *_, row in sorted(rows)) + LAST


def check_places(files):
    known = set()
    for source, lines in places_of(files):
        for tag, _, perturbations in lines:
            known.add((source, tag))
            if not perturbations:
                yield f'{PLACES}: {tag} of {source} has no perturbation'
            for old, new, test, case in perturbations:
                try:
                    if source not in files:
                        raise perturb.Trouble('no such file')
                    if perturb.perturbed(files[source], tag, old, new) == files[source]:
                        raise perturb.Trouble(f'"{old}" as "{new}" changes nothing')
                except perturb.Trouble as trouble:
                    yield f'{source}: {tag}: {trouble}'
                for path in ('avx2', 'avx512') if '{path}' in test else ('',):
                    file = test.replace('{path}', path)
                    if not re.search(rf'cmocka_unit_test\({case}\)', files.get(file, '')):
                        yield f'{PLACES}: {tag} of {source}: {file} has no case {case}'
    for path, text in tree.sources(files).items():
        if path.startswith(CITING):
            for match in perturb.TAG.finditer(text):
                if (path, match.group('tag')) not in known:
                    yield f"{path}: the line {match.group('tag')} has no place in {PLACES}"


def check(files):
    text = files.get(DOCUMENT, '')
    events = [int(number) for number in ROW.findall(text)]
    complaints = []
    if not events:
        complaints.append(f'{DOCUMENT}: no table of events')
    complaints += [f'{DOCUMENT}: E{number} stands there twice' for number in sorted(set(events)) if events.count(number) > 1]
    if events and sorted(set(events)) != list(range(1, max(events) + 1)):
        complaints.append(f'{DOCUMENT}: the numbers have a gap')
    cited = set()
    for path, source in tree.sources(files).items():
        if not path.startswith(CITING):
            continue
        numbers = {int(n) for comment in re.findall(r'/\*.*?\*/|//[^\n]*', source, re.S) for n in CITATION.findall(comment)}
        complaints += [f'{path}: cites E{n}, which {DOCUMENT} does not have' for n in sorted(numbers - set(events))]
        if path.startswith('kernels/') and path.endswith(('.c', '.cu', '.cuh')):
            cited |= numbers
    complaints += [f'{DOCUMENT}: E{n} is cited nowhere under kernels/' for n in sorted(set(events) - cited)]
    placed = {re.match(r'[A-Z]\d+', tag).group() for _, lines in places_of(files) for tag, _, _ in lines}
    rules = re.findall(r'^(\d)\. ', text.partition('## One WGMMA')[2].partition('\n## ')[0], re.M)
    complaints += [f'{PLACES}: no line performs {wanted}' for wanted in [f'E{n}' for n in sorted(set(events))] + [f'W{n}' for n in rules]
                   if wanted not in placed]
    complaints += check_places(files)
    if made(files) not in text:
        complaints.append(f'{DOCUMENT}: the list of lines is not that of the code; python3 tests/meta/events.py . --write')
    return complaints


def write(root):
    path = os.path.join(root, DOCUMENT)
    files = tree.read_tree(root)
    before, _, rest = files[DOCUMENT].partition(FIRST)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(before + made(files) + rest.partition(LAST)[2])


PLACE = ("PLACES = (('kernels/a.c', (('E1a', 'one', (('1', '2', 'tests/test_a.c', 'one'),)), "
         "('E2a', 'two', (('2', '3', 'tests/test_a.c', 'two'),)))),)")
CODE = 'int f(\n    int y)\n{\n    x = 1; /* E1a: why */\n    /* E2a */\n    y = 2; /* see E2 */\n}\n'
GOOD = {'kernels/a.c': CODE, 'src/core/n.h': '/* (E2) */\n', PLACES: PLACE + '\n',
        'tests/test_a.c': 'cmocka_unit_test(one), cmocka_unit_test(two)\n'}
GOOD[DOCUMENT] = '| E1 | a |\n| E2 | b |\n' + made(GOOD)
BAD = [
    ({DOCUMENT: None}, 'no table of events'),
    ({DOCUMENT: '| E1 | a |\n| E2 | b |\n| E3 | c |\n'}, 'E3 is cited nowhere'),
    ({DOCUMENT: '| E1 | a |\n| E2 | b |\n| E3 | c |\n'}, 'no line performs E3'),
    ({DOCUMENT: '| E1 | a |\n| E2 | b |\n## One WGMMA\n1. a\n'}, 'no line performs W1'),
    ({DOCUMENT: '| E1 | a |\n| E2 | b |\n'}, 'the list of lines is not that of the code'),
    ({DOCUMENT: GOOD[DOCUMENT].replace('x = 1;', 'x = 3;')}, 'the list of lines is not that of the code'),
    ({'kernels/a.c': '/* E1 */ int E2;\n'}, 'E2 is cited nowhere'),
    ({'kernels/a.c': '/* E1 E2 */ // E7\n'}, 'kernels/a.c: cites E7'),
    ({'kernels/a.c': CODE + 'x = 1; /* E1a */\n'}, '2 lines carry the tag E1a'),
    ({'kernels/a.c': CODE.replace('/* E2a */', '')}, '0 lines carry the tag E2a'),
    ({'kernels/a.c': CODE.replace('x = 1;', 'x = 11;')}, '"1" stands 2 times'),
    ({'kernels/a.c': CODE + 'z = 1; /* E2b */\n'}, 'the line E2b has no place'),
    ({'kernels/a.c': None}, 'no such file'),
    ({'tests/test_a.c': 'cmocka_unit_test(two)\n'}, 'has no case one'),
    ({PLACES: PLACE.replace("'1', '2'", "'1', '1'")}, 'changes nothing'),
    ({PLACES: PLACE.replace("(('1', '2', 'tests/test_a.c', 'one'),)", '()')}, 'E1a of kernels/a.c has no perturbation'),
    ({'src/core/n.h': '/* (E9) */\n'}, 'src/core/n.h: cites E9'),
    ({DOCUMENT: '| E1 | a |\n| E2 | b |\n| E2 | c |\n'}, 'E2 stands there twice'),
    ({DOCUMENT: '| E1 | a |\n| E3 | b |\n'}, 'have a gap'),
]

if __name__ == '__main__':
    if sys.argv[2:] == ['--write']:
        write(sys.argv[1])
    else:
        tree.main(check, GOOD, BAD)
