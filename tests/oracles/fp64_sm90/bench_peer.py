# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""bench_peer.py: unfused float64 attention and the float64 matrix product by PyTorch on this machine's GPU, beside gpu_fp64 bench."""
import torch

SHAPES = ((16, 2048, 128, 9), (16, 8192, 128, 5), (1, 16384, 128, 5), (1, 131072, 128, 1))


def time_ms(run, repeats):
    """The median time by events, after two warm-ups."""
    times = []
    for i in range(repeats + 2):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        run()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end))
    return sorted(times[2:])[repeats // 2]


def main():
    torch.manual_seed(1)
    print(f'torch {torch.__version__}, {torch.cuda.get_device_name()}')
    a, b = (torch.randn(8192, 8192, dtype=torch.float64, device='cuda') for _ in range(2))
    ms = time_ms(lambda: torch.matmul(a, b), 5)
    print(f'matrix product 8192: {ms:.2f} ms, {2 * 8192 ** 3 / ms * 1e-9:.1f} TFLOP/s', flush=True)
    for heads, keys, dim, repeats in SHAPES:
        q, k, v = (torch.randn(heads, keys, dim, device='cuda').half().double() for _ in range(3))
        flops = 4 * heads * keys * keys * dim
        for name, run in (
                ('softmax(q k) v', lambda: torch.softmax(q @ k.transpose(-1, -2) * dim ** -0.5, -1) @ v),
                ('head by head', lambda: [torch.softmax(q[h] @ k[h].T * dim ** -0.5, -1) @ v[h] for h in range(heads)]),
                ('scaled_dot_product_attention', lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v))):
            try:
                ms = time_ms(run, repeats)
                print(f'{heads:3} heads, {keys:6} keys, d = {dim}, {name:28} {ms:9.2f} ms {flops / ms * 1e-9:6.1f} TFLOP/s', flush=True)
            except RuntimeError as error:  # torch.OutOfMemoryError among them
                print(f'{heads:3} heads, {keys:6} keys, d = {dim}, {name:28} {str(error).splitlines()[0][:90]}', flush=True)
            torch.cuda.empty_cache()


if __name__ == '__main__':
    main()
