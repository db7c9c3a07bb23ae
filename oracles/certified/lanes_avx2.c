/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include <immintrin.h>
#include <stdint.h>

enum { WIDTH = 4, DOT_ROWS = 2, DOT_VECTORS = 4, VALUE_ROWS = 4 };

typedef double vd __attribute__((vector_size(32)));
typedef int64_t vi __attribute__((vector_size(32)));

static inline vd all(double x)
{
    return (vd)_mm256_set1_pd(x);
}

static inline vd fused(vd a, vd b, vd c)
{
    return (vd)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

#define EXACT_FUSED(a, b, c) fused(a, b, c)

static inline vd load_floats(const float *from)
{
    return (vd)_mm256_cvtps_pd(_mm_loadu_ps(from));
}

static inline vd look_up(const double *column, vi row)
{
    return (vd)_mm256_i64gather_pd(column, (__m256i)row, 8);
}

#define LANES at_certified_lanes_avx2
#include "oracles/certified/lanes_body.h"
