/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include <cstdint>

/*
 * What mma with doubles computes, and how fast. Matrices of a product are A [16][K], B [K][8], C and D [16][8]; a warp computes one product
 * after the other.
 */

template <int K> static __device__ __forceinline__ void multiply(double (&d)[4], const double (&a)[K / 2], const double (&b)[K / 4]);

template <> __device__ __forceinline__ void multiply<4>(double (&d)[4], const double (&a)[2], const double (&b)[1])
{
    asm volatile("mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
                 : "+d"(d[0]), "+d"(d[1]), "+d"(d[2]), "+d"(d[3])
                 : "d"(a[0]), "d"(a[1]), "d"(b[0]));
}

template <> __device__ __forceinline__ void multiply<8>(double (&d)[4], const double (&a)[4], const double (&b)[2])
{
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+d"(d[0]), "+d"(d[1]), "+d"(d[2]), "+d"(d[3])
                 : "d"(a[0]), "d"(a[1]), "d"(a[2]), "d"(a[3]), "d"(b[0]), "d"(b[1]));
}

template <> __device__ __forceinline__ void multiply<16>(double (&d)[4], const double (&a)[8], const double (&b)[4])
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7, %8, %9, %10, %11}, "
                 "{%12, %13, %14, %15}, {%0, %1, %2, %3};"
                 : "+d"(d[0]), "+d"(d[1]), "+d"(d[2]), "+d"(d[3])
                 : "d"(a[0]), "d"(a[1]), "d"(a[2]), "d"(a[3]), "d"(a[4]), "d"(a[5]), "d"(a[6]), "d"(a[7]), "d"(b[0]), "d"(b[1]), "d"(b[2]),
                   "d"(b[3]));
}

template <int K> static __device__ __forceinline__ void products(const double *a, const double *b, const double *c, double *d, int cases)
{
    const int lane = static_cast<int>(threadIdx.x), g = lane / 4, t = lane % 4;
    for (int i = static_cast<int>(blockIdx.x); i < cases; i += static_cast<int>(gridDim.x)) {
        double left[K / 2], right[K / 4], sum[4];
        for (int n = 0; n < K / 2; n++)
            left[n] = a[(i * 16 + g + 8 * (n % 2)) * K + t + 4 * (n / 2)];
        for (int n = 0; n < K / 4; n++)
            right[n] = b[(i * K + t + 4 * n) * 8 + g];
        for (int n = 0; n < 4; n++)
            sum[n] = c[(i * 16 + g + 8 * (n / 2)) * 8 + 2 * t + n % 2];
        multiply<K>(sum, left, right);
        for (int n = 0; n < 4; n++)
            d[(i * 16 + g + 8 * (n / 2)) * 8 + 2 * t + n % 2] = sum[n];
    }
}

/* `rounds` times eight products a warp that do not wait for each other, and beside each `fused` multiply-adds a lane. */
template <int K, int fused> static __device__ __forceinline__ void repeat(double *out, int rounds)
{
    enum { CHAINS = 8 };
    double d[CHAINS][4], a[K / 2], b[K / 4], f[CHAINS], x = 1 + 0x1p-20 * static_cast<double>(threadIdx.x), sum = 0;
    for (int n = 0; n < K / 2; n++)
        a[n] = x + n;
    for (int n = 0; n < K / 4; n++)
        b[n] = 0x1p-30 * (x - n);
    for (int c = 0; c < CHAINS; c++)
        f[c] = d[c][0] = d[c][1] = d[c][2] = d[c][3] = c;
    for (int i = 0; i < rounds; i++)
#pragma unroll
        for (int c = 0; c < CHAINS; c++) {
            multiply<K>(d[c], a, b);
#pragma unroll
            for (int n = 0; n < fused; n++)
                f[(c + n) % CHAINS] = __fma_rn(f[(c + n) % CHAINS], x, b[0]);
        }
    for (int c = 0; c < CHAINS; c++)
        sum += f[c] + d[c][0] + d[c][1] + d[c][2] + d[c][3];
    out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

#define KERNELS(K) \
    extern "C" __global__ void __launch_bounds__(32) probe_k##K(const double *a, const double *b, const double *c, double *d, int cases) \
    { \
        products<K>(a, b, c, d, cases); \
    } \
    extern "C" __global__ void __launch_bounds__(256, 1) rate_k##K(double *out, int rounds) \
    { \
        repeat<K, 0>(out, rounds); \
    } \
    extern "C" __global__ void __launch_bounds__(256, 1) rate_fused_k##K(double *out, int rounds) \
    { \
        repeat<K, K / 4>(out, rounds); \
    }
KERNELS(4) KERNELS(8) KERNELS(16)
