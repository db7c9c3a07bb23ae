# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Perturbs each line of places.py and requires that the test named there fails.

Usage: perturb.py ROOT BUILD [WORDS...]: with words, only perturbations whose description has them all.

A perturbed copy of one source is compiled with the flags of compile_commands.json and linked before the libraries of the test program, so
that the archive's member of that name is not drawn in; neither the source tree nor the build folder changes. Noticed means: the one
test case ran, alone, and failed by an assertion. A crash, a time-out, a compiler's or linker's complaint is not a notice but a failure
of this check, and so is a control, the same without the perturbation, that does not pass. Prints TAP, a line for each perturbation.
"""
import concurrent.futures
import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import places as table

JOBS = 2
LIMIT_S = 120
TAG = re.compile(r'/\* (?P<tag>E\d+[a-z]|[WU]\d[a-z]|T\d[a-z]?)(?:: [^*]*)? \*/')

PRELUDE = """#include <math.h>
static inline float cut(double x)
{
    float y = (float)x;
    return fabs((double)y) > fabs(x) ? nextafterf(y, 0.0f) : y;
}
"""

# Restricts a test program to one case before its main runs.
FILTER = """#include <stdlib.h>
void cmocka_set_test_filter(const char *pattern);
__attribute__((constructor)) static void only_one_case(void)
{
    cmocka_set_test_filter(getenv("ATTEST_TEST_CASE"));
}
"""


class Trouble(Exception):
    """Neither noticed nor survived: the check itself could not be made."""


def line_of(text, tag):
    """Number of the one line of `text` that carries the tag, from 0; a tag alone on a line stands for the next one."""
    lines = text.split('\n')
    found = [n + (line.strip() == m.group()) for n, line in enumerate(lines) for m in TAG.finditer(line) if m.group('tag') == tag]
    if len(found) != 1:
        raise Trouble(f'{len(found)} lines carry the tag {tag}')
    return found[0]


def perturbed(text, tag, old, new):
    lines = text.split('\n')
    number = line_of(text, tag)
    code, mark, comment = lines[number].partition('/*')
    if code.count(old) != 1:
        raise Trouble(f'"{old}" stands {code.count(old)} times on the line {tag}: {code.strip()}')
    lines[number] = code.replace(old, new) + mark + comment
    return '\n'.join(lines)


def run(command, what, limit=LIMIT_S, **more):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', timeout=limit,
                              check=False, **more)
    except subprocess.TimeoutExpired:
        raise Trouble(f'{what}: not done after {limit} s') from None


def must(command, what, **more):
    done = run(command, what, **more)
    if done.returncode:
        raise Trouble(f'{what}: {done.stdout.strip()[-2000:]}')
    return done.stdout


class Bench:
    """The build folder, read only, and a folder for what is made from it."""

    def __init__(self, root, build, folder):
        self.root, self.build, self.folder = os.path.realpath(root), os.path.realpath(build), folder
        with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as file:
            entries = json.load(file)
        self.units = {os.path.relpath(os.path.realpath(os.path.join(e['directory'], e['file'])), self.root): e for e in entries}
        with open(os.path.join(build, 'meson-info', 'intro-tests.json'), encoding='utf-8') as file:
            self.tests = [t for t in json.load(file) if 'exhaustive' not in ' '.join(t['suite'])]
        self.prelude = self.write('prelude.h', PRELUDE)
        self.filter = os.path.join(folder, 'filter.o')
        must(self.compiler() + ['-c', self.write('filter.c', FILTER), '-o', self.filter], 'the filter')

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def compiler(self):
        """The words before the first option: a compiler, perhaps behind a cache."""
        words = shlex.split(next(iter(self.units.values()))['command'])
        return words[:next(n for n, word in enumerate(words) if word.startswith('-'))]

    def sanitised(self):
        return any('-fsanitize' in e['command'] for e in self.units.values())

    def read(self, path):
        with open(os.path.join(self.root, path), encoding='utf-8') as file:
            return file.read()

    def compile(self, unit, name, source=None, text=None):
        """An object of `unit` with `source`, itself or a header, replaced by `text`; its folder is `name`."""
        entry = self.units[unit]
        command = shlex.split(entry['command'])
        for flag in ('-MQ', '-MF', '-o', '-c'):
            at = command.index(flag)
            del command[at:at + 2]
        command.remove('-MD')
        file = os.path.join(self.root, unit)
        if source is not None:
            copy = self.write(os.path.join(name, source), text)
            file = copy if source == unit else file
        made = os.path.join(self.folder, name, 'unit.o')
        os.makedirs(os.path.dirname(made), exist_ok=True)
        includes = ['-I' + os.path.join(self.folder, name), '-iquote', os.path.dirname(os.path.join(self.root, unit))]
        first = len(self.compiler())
        must(command[:first] + includes + command[first:] + ['-include', self.prelude, '-c', file, '-o', made], 'the compiler',
             cwd=entry['directory'])
        return made

    @functools.lru_cache(maxsize=None)
    def link_command(self, test):
        """(words before the objects, words from the first object on) of the test program's link command."""
        program = os.path.dirname(self.units[test]['output'])[:-len('.p')]
        last = must(['ninja', '-t', 'commands', '-s', program], 'ninja', cwd=self.build).strip().split('\n')[-1]
        words = shlex.split(last)
        at = words.index('-o')
        return words[:at], words[at + 2:]

    def link(self, test, unit_object):
        program = os.path.join(os.path.dirname(unit_object), os.path.basename(test)[:-2])
        before, after = self.link_command(test)
        must(before + ['-o', program, self.filter, unit_object] + after, 'the linker', cwd=self.build)
        return program

    def run_case(self, test, case, program, limit=LIMIT_S):
        name = os.path.join(self.build, os.path.dirname(self.units[test]['output'])[:-len('.p')])
        known = next((t for t in self.tests if t['cmd'][0] == name), None)
        if known is None:
            raise Trouble(f'{test}: no test of the build runs it')
        environment = {**os.environ, 'OMP_NUM_THREADS': '1', 'CMOCKA_MESSAGE_OUTPUT': 'STDOUT', 'ATTEST_TEST_CASE': case}
        return run([program] + known['cmd'][1:], 'the test', limit, env=environment, cwd=os.path.dirname(program))

    @functools.lru_cache(maxsize=None)
    def control(self, unit):
        return self.compile(unit, os.path.join('control', unit))

    @functools.lru_cache(maxsize=None)
    def control_program(self, unit, test):
        return self.link(test, self.control(unit))

    @functools.lru_cache(maxsize=None)
    def control_result(self, unit, test, case):
        return judge(self.run_case(test, case, self.control_program(unit, test)), case)


def judge(done, case):
    """'passed', 'noticed' or 'skipped'; Trouble for anything else."""
    said = {word for word in ('OK', 'FAILED', 'SKIPPED') if re.search(r'^\[ *' + word + r' *\] ' + case + '$', done.stdout, re.M)}
    if done.returncode == 0 and said == {'OK'}:
        return 'passed'
    if done.returncode == 0 and said == {'SKIPPED'}:
        return 'skipped'
    if 0 < done.returncode < 100 and 'FAILED' in said and 'Test failed with exception' not in done.stdout:
        return 'noticed'
    how = f'signal {-done.returncode}' if done.returncode < 0 else f'status {done.returncode}'
    raise Trouble(f'{case} neither passed nor failed by an assertion, {how}: {done.stdout.strip()[-500:]}')


def verdict(bench, index, row, limit):
    """'noticed', 'survived', or ' # SKIP why' of one perturbation; Trouble when that cannot be said."""
    source, unit, tag, old, new, test, case = row
    if unit not in bench.units and '_avx' in unit:
        return ' # SKIP not built here'
    text = perturbed(bench.read(source), tag, old, new)
    controlled = bench.control_result(unit, test, case)
    if controlled == 'skipped':
        return ' # SKIP this machine does not run it'
    if controlled != 'passed':
        raise Trouble('the control failed: the same without the perturbation')
    made = bench.compile(unit, f'perturbed/{index}', source, text)
    found = judge(bench.run_case(test, case, bench.link(test, made), limit), case)
    shutil.rmtree(os.path.dirname(made))
    return 'survived' if found == 'passed' else found


def rows_of(places):
    """One row for each perturbation and unit: source, unit, tag, text, replacement, test, case."""
    for source, lines in places:
        for tag, _, perturbations in lines:
            for old, new, test, case in perturbations:
                for path in ('avx2', 'avx512') if '{path}' in test else ('',):
                    unit = source
                    if source.endswith('.h'):
                        unit = 'kernels/twin/' + {'wgmma': f'wgmma_{path}.c', 'lanes': f'lanes_{path}.c',
                                                  'mufu': 'mufu.c'}[os.path.basename(source).split('_')[0]]
                    yield source, unit, tag, old, new, test.replace('{path}', path), case


def describe(row):
    source, unit, tag, old, new, test, case = row
    where = source if source == unit else f'{source} in {os.path.basename(unit)}'
    return f'{tag} {where}: "{old}" as "{new}": {os.path.basename(test)[:-2]}, {case}'.replace('#', '')


# Rows that must not count as noticed, with the words for each: a check that took anything for a notice would be worth nothing.
SELF_CHECKS = (
    ('sum[lane] = sum[lane] + at[2 * lane]', 'survived'),
    ('__builtin_abort()', 'signal'),
    ('__builtin_trap()', 'neither passed nor failed by an assertion'),
    ('for (;;);', 'the test: not done'),
    ('sum[lane] += nothing[lane]', 'the compiler'),
    ('{ float nothing(float); sum[lane] += nothing(at[lane]); }', 'the linker'),
)


def self_check(bench, index, new, words):
    unit = 'kernels/twin/softmax.c'
    row = (unit, unit, 'E14c', 'sum[lane] += at[2 * lane]', new, table.SOFTMAX, table.LANE_SUMS)
    said = outcome(bench, f'self{index}', row, 2 if 'for' in new else LIMIT_S)
    return words in said, f'not a notice: "{new}"', said


def outcome(bench, index, row, limit=LIMIT_S):
    try:
        return verdict(bench, index, row, limit)
    except Trouble as trouble:
        return str(trouble)


def prepare_controls(pool, bench, rows):
    """Compiles, links and runs the controls, each once; what goes wrong is said with the perturbations that need it."""
    def quietly(function, *arguments):
        try:
            function(*arguments)
        except Trouble:
            pass
    rows = [row for row in rows if row[1] in bench.units]
    for function, keys in ((bench.control, {row[1:2] for row in rows}), (bench.link_command, {row[5:6] for row in rows}),
                           (bench.control_program, {(row[1], row[5]) for row in rows}),
                           (bench.control_result, {(row[1], *row[5:]) for row in rows})):
        list(pool.map(lambda key, function=function: quietly(function, *key), sorted(keys)))


def main(root, build, *words):
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(root, build, folder)
        if bench.sanitised():
            print('1..0 # SKIP built with sanitisers: their run-time changes what a crash is')
            return 0
        rows = [row for row in rows_of(table.PLACES) if all(word in describe(row) for word in words)]
        print(f'1..{len(rows) + len(SELF_CHECKS)}', flush=True)
        bad = 0
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            prepare_controls(pool, bench, rows)
            said = pool.map(lambda item: outcome(bench, *item), enumerate(rows))
            for number, (row, result) in enumerate(zip(rows, said), 1):
                good = result == 'noticed' or result.startswith(' # SKIP')
                bad += not good
                print(f"{'ok' if good else 'not ok'} {number} - {describe(row)}{result if ' # SKIP' in result else ''}", flush=True)
                if not good:
                    print(f'{describe(row)}: {result}\nagain: python3 {sys.argv[0]} {root} {build} {shlex.quote(describe(row))}',
                          file=sys.stderr, flush=True)
            checks = pool.map(lambda item: self_check(bench, item[0], *item[1]), enumerate(SELF_CHECKS))
            for number, (good, description, result) in enumerate(checks, len(rows) + 1):
                bad += not good
                print(f"{'ok' if good else 'not ok'} {number} - {description}")
                if not good:
                    print(f'{description}: {result}', file=sys.stderr)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
