#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""cuDNN's forward attention in bf16, through PyTorch, timed as `attest bench` times kernels: shares of a bf16 product in the same process.

B S = 16384 and H d = 2048 (16384 tokens, 2048 columns), normal inputs, queries and keys of one length. A repeat is as many launches back
to back as take 4 ms (64 at most); printed is the median of the repeats. 4 B H S^2 d operations, half of them under a mask. The product is
8192^3 by PyTorch, timed before and after, its median. Exit status: 0, or 1 with one line that says why.
"""
import argparse
import itertools
import statistics
import sys

TOKENS, WIDTH, PRODUCT = 16384, 2048, 8192
PRODUCT_FLOP = 2 * PRODUCT ** 3
WARM_UP_MS, BURST_MS, LAUNCHES_MOST = 50, 4, 64


class Refused(Exception):
    """One line that says what is missing."""


def attention_flop(length, causal):
    return TOKENS * length * WIDTH * (2 if causal else 4)


def launches_of(once_ms):
    """As many launches as take BURST_MS, from one to LAUNCHES_MOST."""
    return max(1, min(LAUNCHES_MOST, round(BURST_MS / once_ms)))


def time_ms(torch, run, launches):
    """Of one launch of several back to back, by the GPU's own events."""
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(launches):
        run()
    end.record()
    torch.cuda.synchronize()
    return start.elapsed_time(end) / launches


def median_ms(torch, run, repeats):
    run()  # what is chosen and allocated at the first call is not timed
    once, spent = time_ms(torch, run, 1), 0.0
    while spent < WARM_UP_MS:
        spent += (once := time_ms(torch, run, 1))
    return statistics.median(time_ms(torch, run, launches_of(once)) for _ in range(repeats))


def attention(torch, dim, length, causal):
    q, k, v = (torch.randn(TOKENS // length, WIDTH // dim, length, dim, device='cuda', dtype=torch.bfloat16) for _ in range(3))
    return lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)


def measure(options):
    try:
        import torch
        from torch.nn.attention import SDPBackend, sdpa_kernel
    except ImportError as error:
        raise Refused(f'no PyTorch: {error}') from error
    if not torch.cuda.is_available():
        raise Refused('PyTorch finds no GPU')
    torch.manual_seed(options.seed)
    a, b = (torch.randn(PRODUCT, PRODUCT, device='cuda', dtype=torch.bfloat16) for _ in range(2))

    def tflops(run, flop):
        return flop / median_ms(torch, run, options.repeats) * 1e-9
    ceilings, rates = [tflops(lambda: a @ b.T, PRODUCT_FLOP)], {}
    for dim, causal, length in itertools.product(options.dim, (False, True), options.seq):
        try:
            with sdpa_kernel(SDPBackend.CUDNN_ATTENTION):
                rates[dim, causal, length] = tflops(attention(torch, dim, length, causal), attention_flop(length, causal))
        except RuntimeError as error:
            print(f'd = {dim}, {"causal" if causal else "full"}, S = {length}: {str(error).splitlines()[0]}', file=sys.stderr)
    ceilings.append(tflops(lambda: a @ b.T, PRODUCT_FLOP))
    ceiling = statistics.median(ceilings)
    print(f'PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}, {torch.cuda.get_device_name()}; '
          f'product {ceiling:.0f} TFLOP/s ({min(ceilings):.0f} to {max(ceilings):.0f})')
    print('| d | mask | S | TFLOP/s | share |\n| --- | --- | --- | --- | --- |')
    for (dim, causal, length), rate in rates.items():
        print(f'| {dim} | {"causal" if causal else "full"} | {length} | {rate:.0f} | {rate / ceiling:.2f} |')
    if not rates:
        raise Refused('cuDNN took none of the shapes')


def divisors_of(whole):
    """A type of argparse: numbers that divide `whole`, parted by commas."""
    def read(text):
        try:
            chosen = [int(number) for number in text.split(',')]
        except ValueError:
            chosen = []
        if not chosen or any(number < 1 or whole % number for number in chosen):
            raise argparse.ArgumentTypeError(f"'{text}' is not a list of divisors of {whole}, as 64,128")
        return chosen
    return read


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--dim', type=divisors_of(WIDTH), default=[64, 128, 256],
                        help='head dimensions, parted by commas; default: 64,128,256')
    parser.add_argument('--seq', type=divisors_of(TOKENS), default=[512, 1024, 2048, 4096, 8192, 16384],
                        help='lengths; default: 512 to 16384')
    parser.add_argument('--repeats', type=int, default=20, help='default: 20')
    parser.add_argument('--seed', type=int, default=1, help='of the inputs; default: 1')
    try:
        measure(parser.parse_args())
        return 0
    except Refused as refused:
        print(f'bench_cudnn.py: {refused}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
