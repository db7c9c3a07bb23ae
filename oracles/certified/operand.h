/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_OPERAND_H
#define AT_ORACLES_CERTIFIED_OPERAND_H

#include "oracles/certified/lanes.h"
#include "oracles/mpfr/integer.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Queries and keys as sums of short integers ("slices") times one factor a vector, so that dot products of slices are exact in doubles
 * (docs/oracles.md, eq. 11).
 */

/* A vector's largest odd common factor, 1 if it has none or is zero, and the span of what is left when that is divided out. */
struct at_certified_form {
    int64_t factor;
    struct at_span span;
};

struct at_certified_form at_certified_form_of(const double *values, int64_t count);

/* The smallest e with every element below 2^e in magnitude; `form` is not that of zeros. */
int at_certified_form_top(const struct at_certified_form *form);

/*
 * How vectors of score_dim elements are cut: slices of so many bits, from the top, that the sum of score_dim products of a query's and a
 * key's slices is at most 2^53. It depends on nothing else, so that the bits of a row do not depend on the rows beside it.
 */
struct at_certified_plan {
    int q_width, k_width;
};

struct at_certified_plan at_certified_plan_of(int64_t score_dim);

/* Slices that `form` needs of a given width: 1 to AT_CERTIFIED_SLICES. */
int at_certified_slices_of(const struct at_certified_form *form, int width);

/*
 * The bound of eq. 11 on the error of a difference of two scores, in the unit of scores; 0: exact. `depth`: of the bits below that unit;
 * at most q_slices and k_slices.
 */
double at_certified_score_error(const struct at_certified_plan *plan, int depth, int q_slices, int k_slices);

/* Room for `count` keys, a multiple of 16, in `slices` slices, all zero. Free with _keys_done, failed or not. */
bool at_certified_keys_init(struct at_certified_keys *ret_keys, int slices, int width, int64_t count, int64_t score_dim);
void at_certified_keys_done(struct at_certified_keys *keys);

/* Key j <- values[score_dim] of the given form in units of 2^(top - width), top being at least at_certified_form_top: factor[j] < 1. */
void at_certified_keys_set(struct at_certified_keys *keys, int64_t j, const double *values, const struct at_certified_form *form, int top);

/* Room for 8 queries in `slices` slices, all zero. Free with _queries_done, failed or not. */
bool at_certified_queries_init(struct at_certified_queries *ret_queries, int slices, int width, int64_t score_dim);
void at_certified_queries_done(struct at_certified_queries *queries);

/*
 * Query i <- values[score_dim] of the given form, its factor left to the caller, or zeros if values is NULL. Queries that need the most
 * slices come last.
 */
void at_certified_queries_set(struct at_certified_queries *queries, int64_t i, const double *values, const struct at_certified_form *form);

#ifdef __cplusplus
}
#endif

#endif
