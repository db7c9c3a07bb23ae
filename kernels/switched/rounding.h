/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_SWITCHED_ROUNDING_H
#define AT_KERNELS_SWITCHED_ROUNDING_H

#include "core/numerics.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The rounding events of docs/numerics.md in groups that a budget of the error switches together: those of one decision of
 * `struct at_numerics`. docs/budget.md says for each what "off" means.
 */
enum at_rounding {
    AT_ROUNDING_TRANSFORM,   /* E1, E3: rotating and smoothing Q, K and V */
    AT_ROUNDING_Q,           /* E5, E6 */
    AT_ROUNDING_K,           /* E5, E6 */
    AT_ROUNDING_V,           /* E5, E6 */
    AT_ROUNDING_COEFFICIENT, /* E7, the softmax scale in fp32 among it */
    AT_ROUNDING_SCORES_SUM,  /* E8 */
    AT_ROUNDING_SCORES,      /* E9, E10 */
    AT_ROUNDING_EXPONENT,    /* E11, E12 */
    AT_ROUNDING_EXP2,        /* E13 */
    AT_ROUNDING_ROW_SUM,     /* E14 */
    AT_ROUNDING_P,           /* E15 */
    AT_ROUNDING_OUTPUT_SUM,  /* E16 */
    AT_ROUNDING_RESCALE,     /* E17 */
    AT_ROUNDING_PROMOTION,   /* E18 */
    AT_ROUNDING_DIVISION,    /* E19 to E21 */
    AT_ROUNDING_RESTORE,     /* E22 */
    AT_ROUNDING_OUTPUT,      /* E23 */
    AT_ROUNDING_LSE,         /* E24, and what K's smoothing takes from the log-sum-exp (E3) */
    AT_ROUNDING_COUNT
};

struct at_rounding_info {
    const char *name;   /* "p-cast" */
    const char *label;  /* "P's cast" */
    const char *events; /* "E15" */
    const char *fields; /* of at_numerics that govern it, parted by commas; "" for none */
};

extern const struct at_rounding_info at_roundings[AT_ROUNDING_COUNT];

/* A set of roundings that are performed; the others are left out. */
struct at_switches {
    uint32_t on; /* bit r: enum at_rounding r */
};

struct at_switches at_switches_all(void);
struct at_switches at_switches_only(enum at_rounding rounding);
struct at_switches at_switches_but(enum at_rounding rounding);

static inline bool at_switched_on(struct at_switches switches, enum at_rounding rounding)
{
    return switches.on >> rounding & 1;
}

/*
 * Whether a kernel with these numerics, resolved, has such a rounding at all: no promotion with one accumulator, no output cast to fp32,
 * no E9 with one scale for the row.
 */
bool at_rounding_happens(enum at_rounding rounding, const struct at_numerics *numerics);

#ifdef __cplusplus
}
#endif

#endif
