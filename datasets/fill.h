/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_DATASETS_FILL_H
#define AT_DATASETS_FILL_H

#include "core/problem.h"
#include "core/random.h"
#include "core/tensor.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What all distributions share: walking the rows of Q, K and V in parallel, drawing by position, rounding into the format. An element
 * is a pure function of (seed, tensor, b, h, s, c), not of the tensor's sizes: a longer sequence begins with the shorter one.
 */

enum at_fill_tensor { AT_FILL_Q, AT_FILL_K, AT_FILL_V };

/* Draws of different purposes are independent. The normal part has the same purpose everywhere: equal seeds, equal noise. */
enum at_fill_purpose { AT_FILL_NOISE, AT_FILL_EVENT, AT_FILL_SIZE, AT_FILL_SIGN };

/* Largest head dimension (at_problem_check), and the number of batches and heads below which no two positions share a draw. */
enum { AT_FILL_DIM_MAX = 256, AT_FILL_HEADS_MAX = 1 << 24 };

/* One head of one tensor while it is filled. */
struct at_fill_head {
    const struct at_problem *problem;
    const void *context;             /* the distribution's own */
    uint64_t seed;
    enum at_fill_tensor tensor;
    int64_t b, h;                    /* h counts the tensor's own heads */
    double pattern[AT_FILL_DIM_MAX]; /* what the rows of the head have in common; zeros unless begin_head sets it */
};

struct at_fill {
    /* Sets `pattern`; may be NULL. */
    void (*begin_head)(struct at_fill_head *head);
    /* Writes the dim elements of row s, unrounded. Called from several threads. */
    void (*row)(const struct at_fill_head *head, int64_t s, double *ret_row);
};

/* Fills q, k and v: every element rounded once to nearest even, saturating. */
void at_fill(const struct at_fill *fill, const struct at_problem *problem, const void *context, uint64_t seed, struct at_qkv *qkv);

/* Draws of this tensor's head; the counter is at_fill_counter. */
struct at_random at_fill_key(const struct at_fill_head *head, enum at_fill_purpose purpose);

/* Draws that the query heads of a group share with the key/value head they read, in every batch: what a model fixes, not its input. */
struct at_random at_fill_group_key(const struct at_fill_head *head, enum at_fill_purpose purpose);

uint64_t at_fill_counter(int64_t s, int64_t c);

/* The softmax scale: the problem's, or 1/sqrt(dim). */
double at_fill_scale(const struct at_problem *problem);

/* The token of row s: of K and V the row itself, of Q counted from the end, as the causal mask is aligned; may be negative. */
int64_t at_fill_token(const struct at_fill_head *head, int64_t s);

/* ret_row[c] = sigma * N(0, 1), c < dim. */
void at_fill_normal(const struct at_fill_head *head, int64_t s, double sigma, double *ret_row);

#ifdef __cplusplus
}
#endif

#endif
