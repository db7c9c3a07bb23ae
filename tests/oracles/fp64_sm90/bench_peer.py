# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""The fp64 oracle's kernels, the float64 matrix product and PyTorch's unfused float64 attention, timed in turn in one process on one GPU.

    bench_peer.py [--library FILE] [--heads 16] [--keys 8192] [--dim 128] [--rounds 5] [--repeats 3] [--seed 1]
    bench_peer.py --library FILE --bundle FOLDER     puts script, library and what it needs beside libc there, for a machine with a GPU

The library is fp64_peer.so of the build (ninja tests/oracles/fp64_sm90/fp64_peer.so), if it does not lie beside this file. It and PyTorch
share the device's primary context and its default stream. TFLOP/s of 4 heads keys^2 dim, and of 2 n^3 for the product of n = 8192; the
best and the median of rounds x repeats. Exit status: 0, or 1 with one line that says why: no GPU, no PyTorch, outputs that disagree.
"""
import argparse
import ctypes
import os
import pathlib
import re
import shutil
import subprocess
import sys

PRODUCT = 8192
LIBC = re.compile(r'lib(c|m|dl|rt|pthread)\.so|ld-linux|linux-vdso')


class Refused(Exception):
    """One line that says what is missing."""


def bundle(library, folder):
    os.makedirs(folder, exist_ok=True)
    needed = re.findall(r'=> (/\S+)', subprocess.run(['ldd', library], check=True, capture_output=True, text=True).stdout)
    for path in [library, __file__] + [path for path in needed if not LIBC.search(path)]:
        shutil.copy(path, folder)


class Peer:
    """The library: peer.h."""

    def __init__(self, path):
        if not path.exists():
            raise Refused(f'{path}: no such library; build it with ninja tests/oracles/fp64_sm90/fp64_peer.so')
        try:
            self.lib = ctypes.CDLL(str(path))
        except OSError as error:
            raise Refused(str(error)) from error
        self.lib.peer_why.restype = self.lib.peer_gpu.restype = ctypes.c_char_p
        self.call('peer_open', 0)
        self.gpu = self.lib.peer_gpu().decode()

    def call(self, name, *arguments):
        if getattr(self.lib, name)(*arguments):
            raise Refused(self.lib.peer_why().decode())

    def make(self, name, *arguments):
        handle = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(handle))
        return handle

    def heads(self, q, k, v, sums):
        size = [ctypes.c_int64(n) for n in q.shape]
        return self.make('peer_heads_new', *size, *(ctypes.c_void_p(x.data_ptr()) for x in (q, k, v)), ctypes.c_bool(sums))

    def times_ms(self, name, handle, repeats):
        times = (ctypes.c_double * repeats)()
        self.call(name, handle, repeats, times)
        return list(times)

    def fetch(self, handle, *tensors):
        self.call('peer_heads_fetch', handle, *(ctypes.c_void_p(x.data_ptr()) for x in tensors))


def torch_times_ms(torch, run, repeats):
    times = []
    for _ in range(repeats):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        run()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end))
    return times


def torch_ways(torch, q, k, v):
    """Unfused attention in three ways; those that the memory does not hold are left out."""
    scale = q.shape[-1] ** -0.5
    ways = {
        'PyTorch, softmax(q k) v': lambda: torch.softmax(q @ k.transpose(-1, -2) * scale, -1) @ v,
        'PyTorch, head by head': lambda: torch.stack([torch.softmax(q[h] @ k[h].T * scale, -1) @ v[h] for h in range(len(q))]),
        'PyTorch, scaled_dot_product_attention': lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v),
    }
    kept = {}
    for name, run in ways.items():
        try:
            run()
            torch.cuda.synchronize()
            kept[name] = run
        except torch.cuda.OutOfMemoryError:
            print(f'{name}: out of memory')
        torch.cuda.empty_cache()
    return kept


def agree(torch, peer, handles, run):
    """Largest differences to PyTorch's outputs, as fractions of sum p|v| and of our radius. False: one is beyond the radius."""
    good, found = True, {}
    theirs = run().cpu()
    for form, handle in handles.items():
        found[form] = [torch.empty(theirs.shape, dtype=torch.float64) for _ in range(3)]
        peer.fetch(handle, *found[form])
    sum_abs = found['sums'][2]
    for form, (o, radius, _) in found.items():
        off = (o - theirs).abs()
        share = (off / radius).nan_to_num(nan=float('inf')).max().item()
        good = good and share <= 1
        unit, most = ((x / sum_abs).max().log2().item() for x in (off, radius))
        print(f'fp64_sm90, {form}: PyTorch differs by at most 2^{unit:.1f} of sum p|v| and {share:.3g} of the radius; '
              f'the largest radius is 2^{most:.1f}')
    (a, ra, _), (b, rb, _) = found['values'], found['sums']
    return good and bool(((a - b).abs() <= ra + rb).all())


def report(times, flops):
    rates = {name: flops.get(name, flops['']) / 1e9 / min(ms) for name, ms in times.items()}
    product = max((name for name in times if name.startswith('product')), key=rates.get)
    torch_best = max((name for name in times if name.startswith('PyTorch')), key=rates.get, default=None)
    print(f'{"":38} best ms median ms TFLOP/s  of the product' + ('  of PyTorch' if torch_best else ''))
    for name, ms in times.items():
        line = f'{name:38} {min(ms):7.2f} {sorted(ms)[len(ms) // 2]:9.2f} {rates[name]:7.1f} {100 * rates[name] / rates[product]:14.0f}%'
        if torch_best and name not in flops:
            line += f' {rates[name] / rates[torch_best]:11.2f}'
        print(line)
    print(f'The product is the faster one, by {product}' + (f'; PyTorch its fastest way, {torch_best}.' if torch_best else '.'))


def measure(options):
    peer = Peer(options.shared)
    try:
        import torch
    except ImportError as error:
        raise Refused(f'no PyTorch: {error}') from error
    torch.manual_seed(options.seed)
    host = [torch.randn(options.heads, options.keys, options.dim).half().double().contiguous() for _ in range(3)]
    device = [x.cuda() for x in host]
    handles = {form: peer.heads(*host, form == 'sums') for form in ('values', 'sums')}
    matrices = [torch.randn(PRODUCT, PRODUCT, dtype=torch.float64, device='cuda') for _ in range(2)]
    try:
        product = peer.make('peer_product_new', ctypes.c_int64(PRODUCT))
    except Refused as refused:  # PyTorch's remains
        product = None
        print(f'product, cuBLASLt: {refused}')
    ways = torch_ways(torch, *device)
    print(f'{peer.gpu}, torch {torch.__version__}; {options.heads} heads of {options.keys} keys, d = {options.dim}, '
          f'{options.rounds} rounds of {options.repeats}', flush=True)
    runs = {f'fp64_sm90, {form}': lambda handle=handle: peer.times_ms('peer_heads_time', handle, options.repeats)
            for form, handle in handles.items()}
    for name, run in ways.items():
        runs[name] = lambda run=run: torch_times_ms(torch, run, options.repeats)
    if product:
        runs['product, cuBLASLt'] = lambda: peer.times_ms('peer_product_time', product, options.repeats)
    runs['product, PyTorch'] = lambda: torch_times_ms(torch, lambda: torch.matmul(*matrices), options.repeats)
    times = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, run in runs.items():
            times[name] += run()
    each = 2 * PRODUCT ** 3
    report(times, {'': 4 * options.heads * options.keys ** 2 * options.dim, 'product, cuBLASLt': each, 'product, PyTorch': each})
    if ways and not agree(torch, peer, handles, next(iter(ways.values()))):
        raise Refused('outputs disagree by more than the radius')


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--library', dest='shared', type=pathlib.Path, default=here / 'fp64_peer.so')
    parser.add_argument('--bundle', type=pathlib.Path)
    for name, value in (('heads', 16), ('keys', 8192), ('dim', 128), ('rounds', 5), ('repeats', 3), ('seed', 1)):
        parser.add_argument('--' + name, type=int, default=value)
    options = parser.parse_args()
    try:
        if options.bundle:
            bundle(options.shared, options.bundle)
        else:
            measure(options)
    except Refused as refused:
        print(f'bench_peer.py: {refused}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
