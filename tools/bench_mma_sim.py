#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""The twin beside MMA-Sim (microsoft/MMA-Sim, arXiv 2511.10909) on the same chains of Hopper's WGMMA, alternating, in one run.

For each format, regime and round, tests/kernels/bench_dots draws operands and computes D = A B + C with the twin; MMA-Sim computes the
same from the same codes; all bits of D are compared. Prints the rates and their ratios, medians over the rounds; exit status 1 if a bit
differs, 2 if nothing could be compared. One core: processor time of each. More: that many threads of the twin, then as many processes of
MMA-Sim with a product each, both by the clock on the wall. Needs PyTorch.
"""
import argparse
import hashlib
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time

FORMATS = {'e4m3': ('e4m3', 32), 'e5m2': ('e5m2', 32), 'fp16': ('f16', 16), 'bf16': ('bf16', 16), 'fp32': ('tf32', 8)}
REGIMES = ('normal', 'codes', 'bits', 'zeros')
ROWS, COLUMNS, INSTRUCTIONS = 64, 64, 2


class CannotCompare(Exception):
    """One line that says why."""


def dtype_of(name):
    import torch
    return {'e4m3': torch.float8_e4m3fn, 'e5m2': torch.float8_e5m2, 'fp16': torch.float16, 'bf16': torch.bfloat16,
            'fp32': torch.float32}[name]


def read_case(path, name):
    """(A, B, C, D) as tensors, and the bytes of D."""
    import torch
    k, dtype = FORMATS[name][1] * INSTRUCTIONS, dtype_of(name)
    with open(path, 'rb') as file:
        data = bytearray(file.read())
    tensors, at = [], 0
    for shape, kind in (((ROWS, k), dtype), ((k, COLUMNS), dtype), ((ROWS, COLUMNS), torch.float32), ((ROWS, COLUMNS), torch.float32)):
        size = shape[0] * shape[1] * torch.empty(0, dtype=kind).element_size()
        tensors.append(torch.frombuffer(data[at:at + size], dtype=torch.uint8).view(kind).reshape(shape))
        at += size
    if at != len(data):
        raise CannotCompare(f'{path}: {len(data)} bytes, {at} expected')
    return tensors, bytes(data[-ROWS * COLUMNS * 4:])


def simulate(job):
    """MMA-Sim's D for one case: its bytes, and processor seconds."""
    path, name, mma_sim = job
    sys.path.insert(0, mma_sim)
    import torch
    from mmasim.simulator.nv_ptx import wgmma
    torch.set_num_threads(1)
    kind, depth = FORMATS[name]
    (a, b, c, _), _ = read_case(path, name)
    instruction = wgmma('Hopper', f'm{ROWS}n{COLUMNS}k{depth}.f32.{kind}.{kind}')
    start, d = time.process_time(), c
    for i in range(INSTRUCTIONS):
        d = instruction(a[:, i * depth:(i + 1) * depth], b[i * depth:(i + 1) * depth], d)
    seconds = time.process_time() - start
    return d.contiguous().view(torch.uint8).numpy().tobytes(), seconds


def twin(program, name, regime, seed, path, seconds, cores):
    """Products per second of the twin; checks that the file's D is the one whose digest was printed."""
    command = [program, name, regime, str(ROWS), str(COLUMNS), str(INSTRUCTIONS), str(seed), path, str(seconds), str(cores)]
    digest, rate = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    if hashlib.sha256(read_case(path, name)[1]).hexdigest() != digest:
        raise CannotCompare(f'{path}: not the outputs whose digest bench_dots printed')
    return float(rate)


def differing(ours, theirs):
    """Places whose four bytes differ."""
    return [i for i in range(len(ours) // 4) if ours[4 * i:4 * i + 4] != theirs[4 * i:4 * i + 4]]


def compare(args, name, regime, seed, folder, pool):
    """(the twin's rate, MMA-Sim's, outputs, [(seed, place, the twin's bits, MMA-Sim's)]) of one round."""
    jobs, rates = [], []
    for core in range(args.cores):
        path = os.path.join(folder, f'{name}-{regime}-{seed}-{core}')
        rates.append(twin(args.program, name, regime, seed * 1000 + core, path, args.seconds, args.cores))
        jobs.append((path, name, args.mma_sim))
    start = time.monotonic()
    done = pool.map(simulate, jobs, chunksize=1)
    wall = time.monotonic() - start
    products = ROWS * COLUMNS * INSTRUCTIONS * FORMATS[name][1] * len(jobs)
    found = []
    for (path, _, _), (theirs, _) in zip(jobs, done):
        ours = read_case(path, name)[1]
        found += [(path, i, ours[4 * i:4 * i + 4][::-1].hex(), theirs[4 * i:4 * i + 4][::-1].hex()) for i in differing(ours, theirs)]
        os.unlink(path)
    seconds = done[0][1] if args.cores == 1 else wall
    return statistics.median(rates), products / seconds, ROWS * COLUMNS * len(jobs), found


def names(known):
    """A type of argparse: names parted by commas, each of them known, none twice."""
    def read(text):
        chosen = text.split(',')
        unknown = [name for name in chosen if name not in known]
        if unknown or len(set(chosen)) < len(chosen):
            raise argparse.ArgumentTypeError(f"'{unknown[0]}' is none of {', '.join(known)}" if unknown else f"'{text}' names one twice")
        return chosen
    return read


def number(kind, least, most):
    """A type of argparse: a number from least to most."""
    def read(text):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            raise argparse.ArgumentTypeError(f"'{text}' is not a {'whole ' if kind is int else ''}number from {least} to {most}")
        return value
    return read


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('mma_sim', help='a checkout of MMA-Sim')
    parser.add_argument('program', help='bench_dots of the build, tests/kernels/bench_dots')
    parser.add_argument('--formats', type=names(FORMATS), default=list(FORMATS),
                        help='of A and B, parted by commas: e4m3, e5m2, fp16, bf16, fp32 (which means tf32, the instruction that reads '
                             'fp32 codes); default: all')
    parser.add_argument('--regimes', type=names(REGIMES), default=['normal', 'codes', 'bits'],
                        help='how bench_dots draws operands, parted by commas: normal, codes, bits, zeros; default: all but zeros')
    parser.add_argument('--rounds', type=number(int, 1, 1000), default=3,
                        help='products of each format and regime, each from a seed of its own; default: 3')
    parser.add_argument('--seed', type=number(int, 0, 10**9), default=1, help='of the first round, the next has the next; default: 1')
    parser.add_argument('--seconds', type=number(float, 1e-3, 3600), default=0.5, help='of each measurement of the twin; default: 0.5')
    parser.add_argument('--cores', type=number(int, 1, 1000), default=1, help="the twin's threads, then MMA-Sim's processes; default: 1")
    args = parser.parse_args()
    if not os.path.isdir(os.path.join(args.mma_sim, 'mmasim', 'simulator')):
        parser.error(f'{args.mma_sim} is no checkout of MMA-Sim: it has no folder mmasim/simulator')
    args.program = os.path.abspath(args.program)
    if not os.access(args.program, os.X_OK) or not os.path.isfile(args.program):
        parser.error(f'{args.program} is no program: build tests/kernels/bench_dots')
    return args


def compare_all(args):
    bad = 0
    print(f'{ROWS} x {COLUMNS} outputs of {INSTRUCTIONS} instructions, {args.rounds} rounds, {args.cores} core(s); medians, products per '
          'second')
    print(f'{"":6} {"":7} {"twin":>10} {"MMA-Sim":>10} {"ratio":>9} {"outputs":>8} {"differ":>7}', flush=True)
    with tempfile.TemporaryDirectory() as folder, multiprocessing.Pool(args.cores) as pool:
        pool.map(dtype_of, ['e4m3'] * args.cores)  # PyTorch is loaded before anything is timed
        for name in args.formats:
            for regime in args.regimes:
                rounds = [compare(args, name, regime, args.seed + i, folder, pool) for i in range(args.rounds)]
                ours, theirs = (statistics.median(r[i] for r in rounds) for i in (0, 1))
                ratio = statistics.median(r[0] / r[1] for r in rounds)
                found = [difference for r in rounds for difference in r[3]]
                print(f'{FORMATS[name][0]:6} {regime:7} {ours:10.3e} {theirs:10.3e} {ratio:9.0f} {sum(r[2] for r in rounds):8} '
                      f'{len(found):7}', flush=True)
                for path, place, twins, sims in found[:5]:
                    print(f'  {os.path.basename(path)}: row {place // COLUMNS} column {place % COLUMNS}: twin {twins}, MMA-Sim {sims}')
                bad += len(found)
    return 1 if bad else 0


def main():
    args = read_arguments()
    try:
        return compare_all(args)
    except ImportError as error:
        why = f'{error}; this needs PyTorch and what MMA-Sim needs'
    except subprocess.CalledProcessError as error:
        why = f'{args.program} ended with {error.returncode}'
    except (CannotCompare, OSError) as error:
        why = error
    except Exception as error:  # whatever MMA-Sim raises: 1 is for a bit that differs
        why = f'{type(error).__name__}: {error}'
    print(f'{os.path.basename(__file__)}: {why}', file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main())
