# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""tools/bench_cudnn.py on a stand-in for PyTorch whose speeds are known: they are what it prints.

Usage: bench_cudnn.py ROOT
"""
import os
import subprocess
import sys
import tempfile

STAND_IN = os.path.join(sys.argv[1], 'tests', 'tools', 'stand_ins')
TOOL = os.path.join(sys.argv[1], 'tools', 'bench_cudnn.py')


def run(*arguments, pythonpath=STAND_IN):
    return subprocess.run([sys.executable, TOOL, *arguments], env={**os.environ, 'PYTHONPATH': pythonpath}, capture_output=True, text=True,
                          check=False)


def speeds():
    done = run('--dim', '64,256', '--seq', '512,16384')
    rows = [f'| {dim} | {mask} | {length} | {rate} | {share} |' for dim in (64, 256)
            for mask, rate, share in (('full', 350, '0.50'), ('causal', 280, '0.40')) for length in (512, 16384)]
    return done.returncode == 0 and not done.stderr and 'product 700 TFLOP/s' in done.stdout and done.stdout.split('\n')[3:-1] == rows


def one_line(done, words):
    return done.returncode != 0 and words in done.stderr.strip().split('\n')[-1] and 'Traceback' not in done.stderr


def no_pytorch():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'torch.py'), 'w', encoding='utf-8') as file:
            file.write('raise ImportError("not here")\n')
        return one_line(run(pythonpath=folder), 'no PyTorch: not here')


def main():
    refused = run('--dim', '512,64', '--seq', '1024')
    results = [
        ('speeds and shares', speeds()),
        ('a shape that cuDNN does not take is told, the others are timed',
         refused.returncode == 0 and 'd = 512, full, S = 1024: No available kernel. Aborting execution.\n' in refused.stderr
         and refused.stderr.count('\n') == 2 and refused.stdout.count('\n| 64 | ') == 2),
        ('none of the shapes', one_line(run('--dim', '512'), 'took none of the shapes')),
        ('no PyTorch', no_pytorch()),
        ('a head dimension that leaves columns over', one_line(run('--dim', '96'), "'96' is not a list of divisors of 2048")),
    ]
    print(f'1..{len(results)}')
    for number, (name, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    return 0 if all(good for _, good in results) else 1


if __name__ == '__main__':
    sys.exit(main())
