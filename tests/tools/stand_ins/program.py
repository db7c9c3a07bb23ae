#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""A stand-in for each program that tools/gpu_proof.py runs, under whose name it is called: prints what one prints on a GPU where all is
well, in the form of its source (tests/kernels, src/cli)."""
import json
import os
import sys

LENGTHS = (512, 1024, 2048, 4096, 8192, 16384)
FP16_TIME, FP8_TIME, PROMOTED_TIME, PREPARE_TIME = 1000.0, 600.0, 640.0, 200.0


def option(name, default=None):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def gpu_attention():
    if sys.argv[1] in ('large', 'reach'):
        count = 6 if sys.argv[1] == 'large' else 56
        print(f'1..{count}')
        for i in range(count):
            print(f'ok {i + 1} - fp16, 2149580800 elements: 0 of 1048576 outputs differ')
        return 0
    print('1..1\nok 1 - fp16: 0 of 300000000 outputs, 0 of 3 maxima, sums and log-sum-exps differ')
    print('# 0 of 300000000 outputs differ')
    return 0


def gpu_prepare():
    if sys.argv[1] != 'bench':
        print('1..1\nok 1 - 0 of 400000000 bytes of codes, 0 of 7 numbers differ: x')
        print('# 0 of 400000000 bytes of codes and 0 of 7 numbers differ')
        return 0
    print('| d | S | numerics | tensor | us | MB | TB/s | TB/s of a copy | share |')
    print('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
    for tensor, share in (('Q', 0.72), ('K', 0.73), ('V', 0.74), ('all', 0.81)):
        print(f'| 128 | 512 | fa3-fp8 | {tensor} | 27.0 | 100.7 | 3.73 | 4.07 | {share:.2f} |')
    return 0


def row(variant, dim, causal, length):
    eight = variant.startswith(('fa3-fp8', 'fp8'))
    time = (PROMOTED_TIME if 'promote' in variant else FP8_TIME if eight else FP16_TIME) * length
    whole = time + PREPARE_TIME * length if '--prepare' in sys.argv else None
    return {'variant': variant, 'dim': dim, 'causal': causal, 'seq_k': length, 'median_ns': time, 'whole_median_ns': whole,
            'share': 1.02 if eight else 1.05}


def attest():
    if sys.argv[1] == 'run' and option('--shape'):
        print('attest: normal: fa3-fp8: no kernel computes it on a GPU: fwd-e4m3-sm90: head dimension 32: the kernel has 64',
              file=sys.stderr)
        return 2
    if sys.argv[1] == 'run':
        return 0
    if option('--tokens'):
        print("attest: operands of fa3-fp16 on 256 x 16 heads of 65536 rows, d 128: 4.0 MiB of the GPU's memory are needed",
              file=sys.stderr)
        return 2
    lengths = [int(length) for length in option('--seq', ','.join(map(str, LENGTHS))).split(',')]
    rows = [row(variant, dim, causal, length) for variant in option('--variants').split(',') for dim in (64, 128, 256)
            for causal in (False, True) for length in lengths
            if not ('192x96' in variant and dim != 128) and not ('192x128' in variant and dim != 64)]
    print(json.dumps({'schema': 'attest.bench/1', 'bench': rows}))
    return 2  # shapes that a tile does not have are left out


def ablation():
    for variant in ('fp16:tile=128x128', 'fp8:tile=128x128'):
        for mask in ('full', 'causal'):
            for part in ('overlap', 'no turns', 'late', 'serial', 'one role'):
                print(f'{variant:16} {mask:10} {part:13} {600:6.0f} TFLOP/s')
    return 0


def compute_sanitizer():
    print('ok 1 - fp16\n========= ERROR SUMMARY: 0 errors')
    return 0


if __name__ == '__main__':
    sys.exit({f.__name__: f for f in (gpu_attention, gpu_prepare, attest, ablation, compute_sanitizer)}
             [os.path.basename(sys.argv[0]).replace('-', '_')]())
