/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* In the place of what kernels/common/ptx/wgmma.py writes: products are kept until their group is made. */

enum class operand { e4m3, e5m2, f16, bf16, tf32 };

constexpr enum at_format format_of(operand x)
{
    return x == operand::e4m3 ? AT_E4M3 : x == operand::e5m2 ? AT_E5M2 : x == operand::f16 ? AT_FP16 : AT_BF16;
}

template <operand A, operand B, int N> struct wgmma {
    static void issue(float *d, const uint32_t *left_registers, uint64_t left, uint64_t right, bool adds, bool transposed)
    {
        self->products[self->issued++ % MOST_PRODUCTS] = {format_of(A), format_of(B), N, adds, transposed, d, left_registers, left, right};
    }

    static void from_shared(float (&d)[N / 2], uint64_t a, uint64_t b, int accumulate)
    {
        issue(d, nullptr, a, b, accumulate, false);
    }

    static void fresh_from_shared(float (&d)[N / 2], uint64_t a, uint64_t b)
    {
        issue(d, nullptr, a, b, false, false);
    }

    static void from_registers(float (&d)[N / 2], const uint32_t *a, uint64_t b, int accumulate)
    {
        issue(d, a, 0, b, accumulate, false);
    }

    static void fresh_from_registers(float (&d)[N / 2], const uint32_t *a, uint64_t b)
    {
        issue(d, a, 0, b, false, false);
    }

    static void from_registers_transposed(float (&d)[N / 2], const uint32_t *a, uint64_t b, int accumulate)
    {
        issue(d, a, 0, b, accumulate, true);
    }
};
