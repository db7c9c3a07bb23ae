#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Measures on this machine's Hopper GPU what docs/ claims of the GPU kernels, and says of each claim whether it holds here.

    tools/gpu_proof.py run BUILD OUT [--steps A,B] [--seed N]     # about 25 minutes in all; needs a build folder and the driver
    tools/gpu_proof.py judge OUT [OUT ...]                        # anywhere: the table again, of several parts together

`run` appends what each command printed to OUT/records.jsonl, in which nothing is changed afterwards; the table is derived from it. A step
that was cut off is run again with --steps. Exit status 0: every claim was measured and holds; 1: one does not hold; 2: one was not
measured. BUILD holds attest, gpu_attention, gpu_prepare and ablation, in a build folder's places or side by side.
"""
import argparse
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

PLACES = {'attest': 'src/cli/attest', 'gpu_attention': 'tests/kernels/gpu_attention', 'gpu_prepare': 'tests/kernels/gpu_prepare',
          'ablation': 'tests/kernels/ablation'}
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIMIT_S = 590  # of one command
OUTPUTS_LEAST, BYTES_LEAST = 10**9, 10**9
SEEDS_MOST = 20
LENGTH = 16384  # at which speeds are compared with FlashAttention-3's
# FlashAttention-3 (commit 0251105) on an H200, shares of cuBLASLt's product in its process at S = 16384: (d, causal).
FA3_FP16 = {(64, False): 0.70, (64, True): 0.66, (128, False): 0.87, (128, True): 0.95, (256, False): 0.96, (256, True): 1.02}
FA3_FP8 = {(64, False): 0.46, (64, True): 0.40, (128, False): 0.61, (128, True): 0.69, (256, False): 0.79, (256, True): 0.85}
FP16, FP8 = ('fa3-fp16', 'fp16:tile=192x128'), ('fa3-fp8', 'fp8:tile=192x128', 'fp8:tile=192x96')
PROMOTED = 'fp8:promote=128'
TOOLS = ('memcheck', 'racecheck', 'synccheck', 'initcheck')


# What is run: each step yields commands; those that run until enough has been compared are sent what the last one printed.

def step_bits(programs, seed):
    outputs = 0
    for number in range(SEEDS_MOST):
        if outputs < OUTPUTS_LEAST:
            outputs += compared((yield [programs['gpu_attention'], '60', str(seed + number), '4000', '120']), 'outputs')[1]
    yield [programs['gpu_attention'], 'large']


def step_prepare_bits(programs, seed):
    compared_bytes = 0
    for number in range(SEEDS_MOST):
        if compared_bytes < BYTES_LEAST:
            compared_bytes += compared((yield [programs['gpu_prepare'], '120', str(seed + number)]), 'bytes of codes')[1]


def step_sanitizer(programs, _seed):
    for tool in TOOLS:
        for arguments in (['gpu_attention', 'reach'], ['gpu_prepare', '12']):
            yield ['compute-sanitizer', '--tool', tool, '--error-exitcode', '9', programs[arguments[0]], *arguments[1:]]


def bench(programs, *more):
    return [programs['attest'], 'bench', '--db', 'proof.db', '--json', '--repeats', '20', *more]


def step_speed(programs, _seed):
    variants = ','.join([*FP16, *FP8, PROMOTED, 'fp8-two-level'])
    yield bench(programs, '--variants', variants, '--warm-up', '20')
    for _ in range(4):
        yield bench(programs, '--variants', variants, '--warm-up', '20', '--seq', str(LENGTH))


def step_prepare_speed(programs, _seed):
    yield [programs['gpu_prepare'], 'bench']
    for warm_up, lengths in (('50', '2048,4096,16384'), ('1000', '2048')):  # ms: the closest places also when the GPU is hot
        yield bench(programs, '--variants', ','.join([FP16[0], *FP8]), '--prepare', '--seq', lengths, '--warm-up', warm_up)


def step_cudnn(_programs, _seed):
    yield [sys.executable, os.path.join(ROOT, 'tools', 'bench_cudnn.py')]


def step_ablation(programs, _seed):
    yield [programs['ablation'], '10']


def step_studies(programs, _seed):
    for study, device in (('table3', 'auto'), ('accumulator', 'cuda')):
        yield [programs['attest'], 'run', os.path.join(ROOT, 'studies', study + '.yaml'), '--device', device, '--db', study + '.db',
               '--json']


def step_refused(programs, _seed):
    yield [programs['attest'], 'run', '--distribution', 'normal', '--shape', '1x2x256x32', '--rows', '4', '--variants', 'fa3-fp8',
           '--device', 'cuda', '--db', 'refused.db']
    yield bench(programs, '--variants', FP16[0], '--dim', '128', '--seq', '65536', '--tokens', '16777216', '--causal', 'no')


STEPS = {'bits': step_bits, 'prepare-bits': step_prepare_bits, 'sanitizer': step_sanitizer, 'speed': step_speed,
         'prepare-speed': step_prepare_speed, 'cudnn': step_cudnn, 'ablation': step_ablation, 'studies': step_studies,
         'refused': step_refused}


# What was printed.

def compared(record, what):
    """(differing, compared) in the last line of a program that compares bits; (0, 0) where it did not come to its end."""
    found = re.findall(rf'^# (\d+) of (\d+) {what}\b', record['out'], re.M)
    return tuple(map(int, found[-1])) if found and record['code'] == 0 else (0, 0)


def named(record, *words):
    """Whether the words stand, in this order, among the command's."""
    command = [os.path.basename(record['command'][0]), *record['command'][1:]]
    return any(command[i:i + len(words)] == list(words) for i in range(len(command)))


def speeds(records, step, key='median_ns'):
    """{(variant, d, causal, S): values of `key`, one of each process that measured it}."""
    found = {}
    for record in records:
        if record['step'] == step and named(record, 'attest', 'bench') and record['out']:  # a bench that failed prints nothing
            for row in json.loads(record['out'])['bench']:
                if row[key] is not None:
                    place = row['variant'], row['dim'], bool(row['causal']), row['seq_k']
                    found.setdefault(place, []).append(row[key])
    return found


# The claims: each says what is needed, what was measured and whether that is enough (None: not measured).

def claim_bits(records, step, what, least):
    done = [r for r in records if r['step'] == step and not named(r, 'large')]
    differing, outputs = (sum(compared(r, what)[i] for r in done) for i in (0, 1))
    bad = [r for r in done if r['code'] != 0]
    enough = outputs >= least
    return (f'0 of {least:,} {what} differ from the twin', f'{differing:,} of {outputs:,}' + (f', {len(bad)} runs failed' if bad else ''),
            False if bad or differing else True if enough else None)


def claim_large(records):
    done = [r for r in records if r['step'] == 'bits' and named(r, 'large')]
    good, bad = (len(re.findall(rf'^{word} \d', done[-1]['out'], re.M)) if done else 0 for word in ('ok', 'not ok'))
    return ('tensors of more than 2^31 elements', f'{good} of {good + bad} with the twin\'s bits',
            None if not done else done[-1]['code'] == 0 and bad == 0 and good >= 6)


def claim_sanitizer(records, tool):
    done = [r for r in records if r['step'] == 'sanitizer' and named(r, '--tool', tool)]
    errors, silent = 0, 2 - len(done)
    for record in done:
        summaries = re.findall(r'SUMMARY: (\d+) (?:errors?|hazards?)', record['out'])
        errors += sum(map(int, summaries)) + (record['code'] != 0)
        silent += not summaries or not re.search(r'^ok \d', record['out'], re.M)
    return (f'compute-sanitizer {tool}, every kernel', f'{errors} errors', False if errors else True if silent == 0 else None)


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def claim_speed(records, label, variants, reference, least):
    needed = f'{label}, of FlashAttention-3\'s share: {least} or more'
    shares, ratios = speeds(records, 'speed', 'share'), []
    for (dim, causal), of_fa3 in reference.items():
        here = [statistics.median(shares[v, dim, causal, LENGTH]) for v in variants if (v, dim, causal, LENGTH) in shares]
        if not here:
            return needed, f'nothing for d = {dim}', None
        ratios.append(max(here) / of_fa3)
    mean = geometric_mean(ratios)
    return needed, f'{mean:.3f} ({", ".join(f"{r:.2f}" for r in ratios)})', mean >= least


def claim_promotion(records, dim, least):
    times, kept = speeds(records, 'speed'), []
    for causal in (False, True):
        fastest = [statistics.median(times[v, dim, causal, LENGTH]) for v in FP8 if (v, dim, causal, LENGTH) in times]
        promoted = times.get((PROMOTED, dim, causal, LENGTH))
        if fastest and promoted:
            kept.append(min(fastest) / statistics.median(promoted))
    return (f'promotion at d = {dim} keeps {least} or more', ', '.join(f'{k:.2f}' for k in kept) or 'nothing',
            all(k >= least for k in kept) if len(kept) == 2 else None)


def prepare_shares(records):
    """{(d, S, numerics, tensor): share of the copy}."""
    found = {}
    for record in records:
        if record['step'] == 'prepare-speed' and record['code'] == 0 and named(record, 'gpu_prepare', 'bench'):
            for row in re.findall(r'^\| (\d+) \| (\d+) \| (\S+) \| (Q|K|V|all) \|.*\| ([\d.]+) \|$', record['out'], re.M):
                found[int(row[0]), int(row[1]), row[2], row[3]] = float(row[4])
    return found


def claim_prepare(records):
    """Q, K and V in one launch; the least of a tensor alone is told beside it."""
    told, held = [], None
    for label, tensors in (('', ('all',)), ('alone ', ('Q', 'K', 'V'))):
        shares = {place: share for place, share in prepare_shares(records).items() if place[3] in tensors}
        if shares:
            least = min(shares, key=shares.get)
            told.append(f'{label}{shares[least]:.2f} at d = {least[0]}, S = {least[1]}, {least[2]}, {least[3]}')
            held = shares[least] >= 0.70 if 'all' in tensors else held
    return 'prepare, Q, K and V: 0.70 of a copy or more', '; '.join(told) or 'nothing', held


def claim_faster(records):
    """Of each process on its own: the faster FP8 kernel with prepare against FP16 attention alone."""
    slowest, where = math.inf, 'nothing'
    for record in records:
        alone, whole = speeds([record], 'prepare-speed'), speeds([record], 'prepare-speed', 'whole_median_ns')
        for (variant, dim, causal, length), times in alone.items():
            fp8 = [whole[v, dim, causal, length][0] for v in FP8 if (v, dim, causal, length) in whole]
            if variant == FP16[0] and fp8 and times[0] / min(fp8) < slowest:
                slowest = times[0] / min(fp8)
                where = f'd = {dim}, {"causal" if causal else "full"}, S = {length}: {times[0] / 1e3:.0f} and {min(fp8) / 1e3:.0f} us'
    return ('prepare and FP8 faster than FP16 from S = 2048 on', where if where == 'nothing' else f'{slowest:.3f} at {where}',
            None if where == 'nothing' else slowest > 1)


def claim_cudnn(records):
    shares = [float(share) for r in records if r['step'] == 'cudnn' and r['code'] == 0
              for share in re.findall(rf'^\| \d+ \| \w+ \| {LENGTH} \| \d+ \| ([\d.]+) \|$', r['out'], re.M)]
    return f'cuDNN beside, its shares at S = {LENGTH}', ', '.join(f'{s:.2f}' for s in shares) or 'nothing', len(shares) >= 6 or None


def claim_ablation(records):
    rows = [row for r in records if r['step'] == 'ablation' and r['code'] == 0
            for row in re.findall(r'^(\S+) +(full|causal) +(\S.*?) +(\d+) TFLOP/s$', r['out'], re.M)]
    return 'ablation: five schedules, two formats, two masks', f'{len(rows)} figures', len(rows) >= 20 or None


def claim_study(records, study):
    done = [r for r in records if r['step'] == 'studies' and any(study + '.yaml' in word for word in r['command'])]
    return (f'studies/{study}.yaml: each output with the twin\'s bits', f'exit status {done[-1]["code"]}' if done else 'nothing',
            done[-1]['code'] == 0 if done else None)


def claim_refused(records, what, words, pattern):
    done = [r for r in records if r['step'] == 'refused' and named(r, *words)]
    if not done:
        return what, 'nothing', None
    lines = done[-1]['err'].strip().split('\n')
    return what, lines[0], done[-1]['code'] not in (0, 1, 124) and any(re.search(pattern, line) for line in lines)


def claims(records):
    yield claim_bits(records, 'bits', 'outputs', OUTPUTS_LEAST)
    yield claim_large(records)
    yield claim_bits(records, 'prepare-bits', 'bytes of codes', BYTES_LEAST)
    for tool in TOOLS:
        yield claim_sanitizer(records, tool)
    yield claim_speed(records, 'FP16', FP16[:1], FA3_FP16, 1.0)
    yield claim_speed(records, 'FP8', FP8, FA3_FP8, 1.15)
    yield claim_promotion(records, 128, 0.85)
    yield claim_promotion(records, 256, 0.80)
    yield claim_prepare(records)
    yield claim_faster(records)
    yield claim_cudnn(records)
    yield claim_ablation(records)
    yield claim_study(records, 'table3')
    yield claim_study(records, 'accumulator')
    yield claim_refused(records, 'a shape that no kernel takes is refused by name', ('attest', 'run'), r'fa3-fp8.*head dimension 32')
    yield claim_refused(records, 'out of device memory is one line', ('attest', 'bench'), r"GPU's memory are needed")


# Running and showing.

def run_command(step, command, folder, show):
    start = time.monotonic()
    if show:
        print(f'{step}: {" ".join([os.path.basename(command[0]), *command[1:]])}', file=sys.stderr, flush=True)
    limited = ['timeout', '--kill-after=10', str(LIMIT_S), *command]
    try:
        done = subprocess.run(limited, cwd=folder, capture_output=True, text=True, check=False)
        record = {'code': done.returncode, 'out': done.stdout, 'err': done.stderr}
    except OSError as error:
        record = {'code': 127, 'out': '', 'err': str(error)}
    record = {'step': step, 'command': command, 'seconds': round(time.monotonic() - start, 1), **record}
    with open(os.path.join(folder, 'records.jsonl'), 'a', encoding='utf-8') as file:
        file.write(json.dumps(record) + '\n')
    return record


def run_step(step, programs, seed, folder, show):
    commands = STEPS[step](programs, seed)
    record = None
    while True:
        try:
            command = commands.send(record)
        except StopIteration:
            return
        record = run_command(step, command, folder, show)


def find_programs(build):
    found = {}
    for name, place in PLACES.items():
        paths = [os.path.join(build, place), os.path.join(build, name)]
        found[name] = next((os.path.abspath(p) for p in paths if os.path.isfile(p) and os.access(p, os.X_OK)), None)
        if not found[name]:
            raise SystemExit(f'gpu_proof.py: {build} has no program {name}: build with nvcc on the path, scripts/build {build}')
    return found


def read_records(folders):
    records = []
    for folder in folders:
        path = os.path.join(folder, 'records.jsonl')
        try:
            with open(path, encoding='utf-8') as file:
                records += [json.loads(line) for line in file]
        except (OSError, ValueError) as error:
            raise SystemExit(f'gpu_proof.py: {path}: {error}; name a folder that "run" has filled') from error
    return records


def judge(records):
    """Prints the table; returns the exit status."""
    rows = list(claims(records))
    print('| needed | measured | |\n| --- | --- | --- |')
    for needed, measured, held in rows:
        print(f'| {needed} | {measured} | {"not measured" if held is None else "holds" if held else "DOES NOT HOLD"} |')
    return 1 if any(held is False for _, _, held in rows) else 2 if any(held is None for _, _, held in rows) else 0


def read_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    verbs = parser.add_subparsers(dest='verb', required=True)
    run = verbs.add_parser('run', help='measure, then judge')
    run.add_argument('build', help='a build folder')
    run.add_argument('out', help='the folder of the records; made where it is missing')
    run.add_argument('--steps', default=','.join(STEPS), help='parted by commas; default: %(default)s')
    run.add_argument('--seed', type=int, default=1, help='the first of the random problems; default: 1')
    verbs.add_parser('judge', help='the table of what was measured').add_argument('out', nargs='+', help='folders that "run" has filled')
    args = parser.parse_args(arguments)
    unknown = [step for step in getattr(args, 'steps', '').split(',') if step and step not in STEPS]
    if unknown:
        parser.error(f"--steps: '{unknown[0]}' is none of {', '.join(STEPS)}")
    return args


def main(arguments=None):
    args = read_arguments(arguments)
    if args.verb == 'judge':
        return judge(read_records(args.out))
    if not shutil.which('timeout'):
        raise SystemExit('gpu_proof.py: there is no program timeout here; install coreutils')
    programs = find_programs(args.build)
    os.makedirs(args.out, exist_ok=True)
    for step in args.steps.split(','):
        run_step(step, programs, args.seed, args.out, sys.stderr.isatty())
    return judge(read_records([args.out]))


if __name__ == '__main__':
    sys.exit(main())
