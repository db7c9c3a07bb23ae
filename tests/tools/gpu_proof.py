# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""tools/gpu_proof.py on stand-ins: what holds is said to hold, and each thing that is wrong or missing is said to be.

Usage: gpu_proof.py ROOT ATTEST_STAND_IN GPU_ATTENTION [EMULATED_PREPARE]
"""
import copy
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(sys.argv[1])
STAND_INS = os.path.join(ROOT, 'tests', 'tools', 'stand_ins')
TOOL = os.path.join(ROOT, 'tools', 'gpu_proof.py')


def load_tool():
    spec = importlib.util.spec_from_file_location('gpu_proof', TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROOF = load_tool()


def make_programs(folder, names):
    for name in names:
        os.symlink(os.path.join(STAND_INS, 'program.py'), os.path.join(folder, name))


def run_tool(*arguments, path='', pythonpath=STAND_INS):
    env = {**os.environ, 'PATH': path + os.pathsep + os.environ['PATH'], 'PYTHONPATH': pythonpath}
    return subprocess.run([sys.executable, TOOL, *arguments], env=env, capture_output=True, text=True, check=False)


def verdicts(records):
    """{claim: True, False or None} and the exit status."""
    held = {needed: answer for needed, _, answer in PROOF.claims(records)}
    return held, 1 if False in held.values() else 2 if None in held.values() else 0


def edit(find, replace, step, words=(), most=None):
    """A change of what the commands of a step printed, of those `most` that come first."""
    def change(records):
        hit = [record for record in records if record['step'] == step and all(word in ' '.join(record['command']) for word in words)
               and find in record['out'] + record['err']]
        assert hit, f'{step} never prints {find}'
        for record in hit[:most]:
            record['out'], record['err'] = (record[key].replace(find, replace) for key in ('out', 'err'))
    return change


def scale(step, key, factor, **chosen):
    """A change of a column of what `attest bench --json` printed in a step, in the rows chosen."""
    def change(records):
        for record in records:
            if record['step'] == step and PROOF.named(record, 'attest', 'bench') and record['out']:
                told = json.loads(record['out'])
                for row in told['bench']:
                    if all(row[column] == value for column, value in chosen.items()):
                        row[key] *= factor
                record['out'] = json.dumps(told)
    return change


def fail(step, *words, code=1):
    def change(records):
        for record in records:
            if record['step'] == step and all(word in record['command'] for word in words):
                record['code'] = code
    return change


def drop(step, *words):
    def change(records):
        records[:] = [r for r in records if not (r['step'] == step and all(word in ' '.join(r['command']) for word in words))]
    return change


# What is changed, the beginning of the claim that must turn, and to what.
TURNS = [
    ('an output differs', edit('# 0 of 300000000', '# 1 of 300000000', 'bits', most=1), '0 of 1,000,000,000 outputs', False),
    ('a run of random problems failed', fail('bits', '60'), '0 of 1,000,000,000 outputs', False),
    ('too few outputs', edit('of 300000000 outputs differ\n', 'of 200000000 outputs differ\n', 'bits'), '0 of 1,000,000,000 outputs',
     None),
    ('large tensors were left out', drop('bits', 'large'), 'tensors of more', None),
    ('a large tensor differs', edit('ok 3 -', 'not ok 3 -', 'bits', ('large',)), 'tensors of more', False),
    ('a byte of prepare differs', edit('# 0 of 4', '# 7 of 4', 'prepare-bits'), '0 of 1,000,000,000 bytes', False),
    ('memcheck finds an error', edit('SUMMARY: 0', 'SUMMARY: 1', 'sanitizer', ('memcheck', 'reach')), 'compute-sanitizer memcheck', False),
    ('racecheck finds a hazard', edit('ERROR SUMMARY: 0 errors', 'RACECHECK SUMMARY: 2 hazards displayed (0 errors, 2 warnings)',
                                      'sanitizer', ('racecheck',)), 'compute-sanitizer racecheck', False),
    ('synccheck ends badly', fail('sanitizer', 'synccheck', code=9), 'compute-sanitizer synccheck', False),
    ('initcheck says nothing', edit('ERROR SUMMARY: 0 errors', '', 'sanitizer', ('initcheck',)), 'compute-sanitizer initcheck', None),
    ('what a sanitizer watched was skipped', edit('ok 1 - fp16', '1..0 # SKIP no GPU', 'sanitizer', ('initcheck',)),
     'compute-sanitizer initcheck', None),
    ('FP16 is slow', scale('speed', 'share', 0.7, variant='fa3-fp16'), 'FP16, of', False),
    ('FP8 is slow in one place', scale('speed', 'share', 0.1, variant='fa3-fp8', dim=256, causal=True), 'FP8, of', False),
    ('a share is no number', scale('speed', 'share', float('nan'), variant='fa3-fp16', dim=256), 'FP16, of', False),
    ('speeds were not measured', drop('speed'), 'FP8, of', None),
    ('promotion is dear under a mask', scale('speed', 'median_ns', 1.3, variant='fp8:promote=128', dim=128, causal=True),
     'promotion at d = 128', False),
    ('promotion is dear at 256', scale('speed', 'median_ns', 1.3, variant='fp8:promote=128', dim=256), 'promotion at d = 256', False),
    ('prepare is slow', edit('| 0.81 |', '| 0.69 |', 'prepare-speed'), 'prepare, Q, K and V', False),
    ('prepare eats the gain in one place', scale('prepare-speed', 'whole_median_ns', 1.3, dim=256, seq_k=2048, causal=True),
     'prepare and FP8', False),
    ('cuDNN was not there', fail('cudnn'), 'cuDNN beside', None),
    ('a schedule is missing', edit('serial', '', 'ablation'), 'ablation', None),
    ('a kernel differs from the twin in a study', fail('studies', '--device', 'cuda'), 'studies/accumulator', False),
    ('a shape is taken', fail('refused', 'run', code=0), 'a shape that no kernel', False),
    ('a refusal without the reason', edit('head dimension 32', 'it', 'refused'), 'a shape that no kernel', False),
    ('memory that does not suffice passes', fail('refused', 'bench', code=0), 'out of device memory', False),
]


def whole_run():
    """Records of a run on stand-ins, and what is wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, 'out')
        make_programs(folder, ['gpu_attention', 'gpu_prepare', 'attest', 'ablation', 'compute-sanitizer'])
        done = run_tool('run', folder, out, path=folder)
        again = run_tool('judge', out)
        wrong = [] if done.returncode == 0 and done.stderr == '' and done.stdout.count('| holds |') == 19 else [done.stdout + done.stderr]
        if (again.returncode, again.stdout) != (0, done.stdout):
            wrong.append('judge says something else than run')
        return PROOF.read_records([out]), wrong


def turned(records, change, claim, wanted):
    changed = copy.deepcopy(records)
    change(changed)
    before, after = verdicts(records)[0], verdicts(changed)
    others = [name for name in before if not name.startswith(claim) and after[0][name] is not before[name] and wanted is False
              and not name.startswith('FP')]
    mine = [answer for name, answer in after[0].items() if name.startswith(claim)]
    code = {False: 1, None: 2}[wanted]
    return [] if mine == [wanted] and after[1] == code and not others else [f'{mine}, exit status {after[1]}, turned too: {others}']


def real_programs(attest, gpu_attention, emulated=None):
    """What the project's own programs print is understood: on the stand-in for the driver, and emulated."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        command = [attest, 'bench', '--json', '--db', 'proof.db', '--repeats', '20', '--variants', 'fa3-fp16', '--dim', '64', '--seq', '64',
                   '--tokens', '64', '--width', '64', '--product', '64', '--copy', '1', '--burst', '1', '--warm-up', '0']
        record = PROOF.run_command('speed', [os.path.join(os.path.dirname(attest), 'attest')], folder, False)
        if record['code'] == 0 or not record['err']:
            wrong.append('a program that is not there did not fail')
        record = {**PROOF.run_command('speed', command, folder, False), 'command': ['attest', *command[1:]]}
        for key in ('median_ns', 'share'):
            found = PROOF.speeds([record], 'speed', key)
            if set(found) != {('fa3-fp16', 64, False, 64), ('fa3-fp16', 64, True, 64)} or not all(len(v) == 1 for v in found.values()):
                wrong.append(f'attest bench, {key}: {found}, {record["err"]}')
        if PROOF.speeds([record], 'speed', 'whole_median_ns'):
            wrong.append('a time with prepare that was not measured')
        record = PROOF.run_command('bits', [gpu_attention, '1'], folder, False)
        if record['out'].startswith('1..0 # SKIP'):
            print(f'# {gpu_attention}: {record["out"].strip()}')
        elif not PROOF.re.search(r'^# \d+ of \d+ outputs', record['out'], PROOF.re.M) or PROOF.compared(record, 'outputs') != (0, 0):
            wrong.append(f'gpu_attention, which fails here: {record["out"]}')
        if emulated:
            record = PROOF.run_command('prepare-bits', [emulated, '1'], folder, False)
            if PROOF.compared(record, 'bytes of codes')[0] != 0 or PROOF.compared(record, 'bytes of codes')[1] < 1:
                wrong.append(f'prepare: {record["out"]}')
    return wrong


def bad_arguments():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'records.jsonl'), 'w', encoding='utf-8') as file:
            file.write('{"step": "bi')
        for arguments, words in ((['run', folder, folder], 'has no program attest'),
                                 (['run', folder, folder, '--steps', 'bits,spead'], "'spead' is none of bits"),
                                 (['judge', os.path.join(folder, 'none')], 'records.jsonl'), (['judge', folder], 'records.jsonl')):
            done = run_tool(*arguments)
            lines = [line for line in done.stderr.strip().split('\n') if not line.startswith(('usage', ' '))]
            if done.returncode == 0 or len(lines) != 1 or words not in lines[0]:
                wrong.append(f'{arguments}: {done.returncode}, {done.stderr}')
    return wrong


def main():
    records, wrong = whole_run()
    results = [('all holds on stand-ins', wrong), ('nothing measured is nothing shown', [] if verdicts([])[1] == 2 else ['exit status'])]
    results += [(name, turned(records, change, claim, wanted)) for name, change, claim, wanted in TURNS]
    results += [("the programs' own words", real_programs(*map(os.path.abspath, sys.argv[2:]))), ('bad arguments', bad_arguments())]
    print(f'1..{len(results)}')
    for number, (name, complaints) in enumerate(results, 1):
        print(f"{'not ok' if complaints else 'ok'} {number} - {name}")
        for complaint in complaints:
            print(complaint, file=sys.stderr)
    return 1 if any(complaints for _, complaints in results) else 0


if __name__ == '__main__':
    sys.exit(main())
