/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include <immintrin.h>
#include <stdint.h>

enum { WIDTH = 8, DOT_ROWS = 8, DOT_VECTORS = 2, VALUE_ROWS = 8 };

typedef double vd __attribute__((vector_size(64)));
typedef int64_t vi __attribute__((vector_size(64)));

static inline vd all(double x)
{
    return (vd)_mm512_set1_pd(x);
}

static inline vd fused(vd a, vd b, vd c)
{
    return (vd)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}

#define EXACT_FUSED(a, b, c) fused(a, b, c)

static inline vd load_floats(const float *from)
{
    return (vd)_mm512_cvtps_pd(_mm256_loadu_ps(from));
}

static inline vd look_up(const double *column, vi row)
{
    return (vd)_mm512_i64gather_pd((__m512i)row, column, 8);
}

#define LANES at_certified_lanes_avx512
#include "oracles/certified/lanes_body.h"
