/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include <math.h>
#include <stdint.h>

enum { WIDTH = 2, DOT_ROWS = 2, DOT_VECTORS = 4, VALUE_ROWS = 2 };

typedef double vd __attribute__((vector_size(16)));
typedef int64_t vi __attribute__((vector_size(16)));

static inline vd all(double x)
{
    return (vd){x, x};
}

/* By the C library where the processor has no such instruction; rounds once in either case. */
static inline vd fused(vd a, vd b, vd c)
{
    return (vd){fma(a[0], b[0], c[0]), fma(a[1], b[1], c[1])};
}

/* a b + c of which both are exact. */
#define EXACT_FUSED(a, b, c) ((a) * (b) + (c))

static inline vd load_floats(const float *from)
{
    return (vd){from[0], from[1]};
}

static inline vd look_up(const double *column, vi row)
{
    return (vd){column[row[0]], column[row[1]]};
}

#define LANES at_certified_lanes_portable
#include "oracles/certified/lanes_body.h"
