/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_ORACLE_H
#define AT_ORACLES_ORACLE_H

#include "core/problem.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An oracle gives the true answer and a bound on its own error. It knows nothing of variants: its inputs are real numbers.
 * One folder each; meson.build lists them.
 */

/* One query head. Borrowed arrays; every element is an exact real number. */
struct at_oracle_head {
    const struct at_problem *problem; /* mask, scale, seq_q, seq_k, dim; 0 as scale means exactly 1/sqrt(dim) */
    const int64_t *rows;              /* [row_count] positions of the query rows, 0 <= rows[i] < seq_q */
    int64_t row_count;
    const double *q;     /* [row_count][score_dim] the query rows at those positions */
    const double *k, *v; /* [seq_k][score_dim], [seq_k][dim] */
    int64_t score_dim;   /* columns that a score q . k sums over; 0: dim. The scale stays that of dim. */
};

/*
 * The caller owns the arrays; p may be NULL. The truth of output (i, c) lies within radius[i][c] of o[i][c] + o_low[i][c].
 * A row that sees no key has o = 0, lse = -infinity, radius 0. A row for which a query, or a key or value it sees, is NaN or infinite
 * has no finite truth: o, lse and p are NaN and its radius is infinity. sum_abs and p are good to 1e-15 relative, or, where that is more,
 * to the largest radius / sum_abs of their row.
 */
struct at_oracle_truth {
    double *o, *o_low;  /* [row_count][dim] leading and trailing double of the value */
    double *radius;     /* [row_count][dim] >= 0 */
    double *sum_abs;    /* [row_count][dim] sum over keys of p * |v|: the unit of cancellation-free error */
    double *lse;        /* [row_count] natural log-sum-exp of the scaled scores */
    double *lse_radius; /* [row_count] */
    double *p;          /* [row_count][seq_k] softmax probabilities (0 beyond the mask); or NULL */
    int precision_bits; /* largest working precision used */
    double radius_log2; /* largest log2(radius / sum_abs) over the outputs with a finite truth and sum_abs > 0; -infinity if none */
};

/* Rows of one query head, of which nothing but the sizes is known yet. */
struct at_oracle_shape {
    const struct at_problem *problem;
    int64_t row_count;
    double pairs;      /* sum over the rows of the keys that each sees */
    int64_t score_dim; /* as in at_oracle_head */
    int threads;
};

/* What they take, before anything is computed. Only `bytes` is relied on; the rest explains a choice (oracles/ladder.h). */
struct at_oracle_estimate {
    double seconds;     /* about, with as many cores as there are threads */
    double bytes;       /* that solve allocates at its widest, with P asked for */
    double radius_log2; /* about the largest log2(radius / sum_abs) */
    double start_s;     /* seconds that the first solve takes beside: what is opened then stays (`rest`) */
};

struct at_oracle {
    const char *name;    /* "mpfr" */
    const char *summary; /* one line */
    const char *bound;   /* one line: what the radius guarantees */
    void (*estimate)(const struct at_oracle_shape *shape, struct at_oracle_estimate *ret_estimate);
    enum at_status (*available)(struct at_error *error); /* whether this machine has what it needs; NULL: nothing. May be asked often. */
    /* Fills `truth` for all rows; shares rows among OpenMP threads; the bits do not depend on their number. */
    enum at_status (*solve)(const struct at_oracle_head *head, struct at_oracle_truth *truth, struct at_error *error);
    /* Ends what `available` and `solve` keep from call to call, a process with a GPU; they open it anew. NULL: nothing is kept. */
    void (*rest)(void);
};

extern const struct at_oracle *const at_oracles[];
extern const size_t at_oracle_count;

/* Refuses a problem that at_problem_check refuses, query rows that do not exist, and counts below 0; `oracle` names who asks. */
enum at_status at_oracle_head_check(const struct at_oracle_head *head, const char *oracle, struct at_error *error);

/* The oracle named `name`; an unknown one is refused with the nearest name. */
enum at_status at_oracle_find(const char *name, const struct at_oracle **ret_oracle, struct at_error *error);

/* Has all oracles but `except`, which may be NULL, end what they keep. */
void at_oracles_rest(const struct at_oracle *except);

/* Allocates the arrays for row_count rows (p only if `with_p`); free with at_oracle_truth_done. */
enum at_status at_oracle_truth_init(struct at_oracle_truth *ret_truth, const struct at_problem *problem, int64_t row_count, int with_p,
                                    struct at_error *error);
void at_oracle_truth_done(struct at_oracle_truth *truth);

#ifdef __cplusplus
}
#endif

#endif
