/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_PATTERN_H
#define AT_STUDY_CHECK_PATTERN_H

#include "study/check_expect.h"

#include <math.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a wrong head looks like. Each hypothesis says what the rows above the bound would be, and is named only if that is what they are: to
 * within format noise, by the bound that convicted them.
 */
struct at_check_suspect {
    const struct at_check_case *c;
    const struct at_check_expectation *e;
    int64_t head;         /* b * query heads + h */
    const int64_t *which; /* [count] numbers of the rows above a bound among those looked at, ascending */
    int64_t count;
    char *pattern;  /* [160] in struct at_check_head; "" until one is found */
    char *evidence; /* [200] */
};

/* Row n of the suspect's: what the kernel gave, and its truth. */
static inline const float *at_check_got(const struct at_check_suspect *s, int64_t n)
{
    return s->c->o + (s->head * s->c->c.rows.count + s->which[n]) * s->c->c.problem.dim;
}
static inline const double *at_check_truth(const struct at_check_suspect *s, int64_t n)
{
    return s->c->truths[AT_AGAINST_DEQUANTISED].head[s->head].o + s->which[n] * s->c->c.problem.dim;
}

/* How well a hypothesis fits, over the rows added so far. All zero at the start but for what is said. */
struct at_check_fit {
    bool by_declared;          /* said at the start: errors expected are those of the declared schedule, else of all schedules */
    double largest;            /* ratio of a row; NaN where an output is not finite */
    double measured, expected; /* sums of mean squares */
};

/* Adds row n beside `truth`, where a mean square error of `square` is expected, or of rounding that truth if this is more. */
void at_check_fit_add(struct at_check_fit *fit, const struct at_check_suspect *s, int64_t n, const double *truth, double square);

/* The ratio that is left of all rows added together. */
static inline double at_check_left(const struct at_check_fit *fit)
{
    return sqrt(fit->measured / fit->expected);
}

/*
 * Whether what is left is format noise: each row below the bound of rows, and all rows of the suspect together below what a schedule of a
 * correct kernel leaves in them. And whether it is less than without the hypothesis by a factor that is none of chance: a right kernel's
 * ratio is about 1 and comes as far as the bound (of these rows together, or of one row where that is less) with the probability asked
 * for; a hypothesis that takes less away than that would be named of rows that are only as far off as chance may put them.
 */
bool at_check_fits(const struct at_check_suspect *s, const struct at_check_fit *fit);

/* The same where the suspect's rows were beside others, rows which[count] of head `head`. */
bool at_check_fits_at(const struct at_check_suspect *s, const struct at_check_fit *fit, int64_t head, const int64_t *which);

/* Names the pattern with its evidence; of a fit (may be NULL) the largest ratio left is added. */
void at_check_name(struct at_check_suspect *s, const struct at_check_fit *fit, const char *pattern, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Looks for what the kernel may have computed instead, in operands that differ from those declared: scales dropped or applied twice, the
 * mask late, early or missing, another key/value head. check_operands.c; names nothing where none fits.
 */
enum at_status at_check_try_operands(struct at_check_suspect *suspects, size_t count, struct at_error *error);

/*
 * P clipped at a fraction 2^-t of the running maximum, the row sum as it is: t is fitted to the worst rows. check_saturation.c; names
 * nothing where it does not fit.
 */
enum at_status at_check_try_saturation(struct at_check_suspect *s, struct at_error *error);

/*
 * Of each head whose outputs are right and whose log-sum-exps are not: what they would be instead. check_lse_pattern.c; one that explains
 * all rows of the head is named "log-sum-exp: ...", else it is "log-sum-exp".
 */
enum at_status at_check_explain_lse(const struct at_check_case *c, const struct at_check_expectation *e, struct at_check *check,
                                    struct at_error *error);

/* All hypotheses, for all suspects; one whose pattern none gives is "unknown". */
enum at_status at_check_explain(struct at_check_suspect *suspects, size_t count, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
