/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_DRAW_H
#define AT_TESTS_ORACLES_DRAW_H

#include "oracles/oracle.h"

#include <stdint.h>

/* Random heads for the tests of oracles, one kind for each way in which an oracle could go wrong. */
enum draw_kind {
    DRAW_FP16,       /* normal, rounded to fp16 */
    DRAW_E4M3,       /* e4m3 codes times one fp32 scale for each tensor */
    DRAW_DOUBLE,     /* normal, all 53 bits: no integer path fits */
    DRAW_LARGE,      /* fp16 up to 65504: most keys vanish */
    DRAW_PEAKED,     /* one key far above the rest, and its values are 0: sum p|v| hangs on tiny p */
    DRAW_CANCEL,     /* equal keys in pairs with values v, -v (1 + d): d = 0 in column 0, else 2^-10 or 2^-41 */
    DRAW_ZERO,       /* V all zero in even columns */
    DRAW_TINY,       /* subnormal doubles among normal ones */
    DRAW_WIDE,       /* exponents from -300 to 300 */
    DRAW_HUGE,       /* doubles near the largest: scores beyond the range of a double */
    DRAW_KIND_COUNT
};

extern const char *const draw_names[DRAW_KIND_COUNT];

struct draw {
    struct at_problem problem;
    int64_t rows[8];
    double *q, *k, *v;
    struct at_oracle_head head; /* points into this struct */
};

/* Kind, shape (dim, lengths, causal), rows and scale all follow from (kind, seed). Free with draw_done. */
void draw_init(struct draw *ret_draw, enum draw_kind kind, uint64_t seed);
void draw_done(struct draw *draw);

/* A head of the given shape; `rows` evenly spread query rows, at most 8. */
void draw_shape(struct draw *ret_draw, enum draw_kind kind, uint64_t seed, int64_t dim, int64_t seq_q, int64_t seq_k, bool causal,
                int64_t rows);

#endif
