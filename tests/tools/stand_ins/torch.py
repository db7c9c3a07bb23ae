# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""A stand-in for what tools/bench_cudnn.py takes of PyTorch: a GPU whose clock goes on by what it computes, products at 700 TFLOP/s and
attention at 350, under a mask at 280. Attention by anything but cuDNN is an error, and cuDNN takes no head dimension 512."""
import contextlib
import sys
import types

__version__ = 'stand-in'
bfloat16 = 'bfloat16'
PRODUCT, ATTENTION, MASKED = 700e9, 350e9, 280e9  # operations in a millisecond
NOW = {'ms': 0.0, 'backend': None}


class Tensor:
    def __init__(self, *shape):
        self.shape = shape

    @property
    def T(self):
        return Tensor(*self.shape[::-1])

    def __matmul__(self, other):
        NOW['ms'] += 2 * self.shape[0] * self.shape[1] * other.shape[1] / PRODUCT
        return Tensor(self.shape[0], other.shape[1])


class Event:
    def __init__(self, enable_timing):
        self.at_ms = None if enable_timing else float('nan')

    def record(self):
        self.at_ms = NOW['ms']

    def elapsed_time(self, end):
        return end.at_ms - self.at_ms


def randn(*shape, device, dtype):
    assert device == 'cuda' and dtype == bfloat16
    return Tensor(*shape)


def manual_seed(_seed):
    pass


def attention(q, k, v, is_causal):
    assert NOW['backend'] == 'cuDNN' and q.shape == k.shape == v.shape
    batch, heads, rows, dim = q.shape
    if dim == 512:
        raise RuntimeError('No available kernel. Aborting execution.\nmore')
    NOW['ms'] += 4 * batch * heads * rows * rows * dim * (0.5 / MASKED if is_causal else 1 / ATTENTION)


@contextlib.contextmanager
def sdpa_kernel(backend):
    NOW['backend'] = backend
    yield
    NOW['backend'] = None


cuda = types.SimpleNamespace(is_available=lambda: True, Event=Event, synchronize=lambda: None, get_device_name=lambda: 'stand-in',
                             empty_cache=lambda: None)
backends = types.SimpleNamespace(cudnn=types.SimpleNamespace(version=lambda: 0))
nn = types.SimpleNamespace(functional=types.SimpleNamespace(scaled_dot_product_attention=attention))
sys.modules['torch.nn.attention'] = types.SimpleNamespace(sdpa_kernel=sdpa_kernel,
                                                          SDPBackend=types.SimpleNamespace(CUDNN_ATTENTION='cuDNN'))
