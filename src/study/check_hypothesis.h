/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_HYPOTHESIS_H
#define AT_STUDY_CHECK_HYPOTHESIS_H

#include "study/check_lse.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Inside the patterns: what a kernel may have computed instead, as operands that differ from those declared. check_operands.c. */
struct at_check_hypothesis {
    const char *pattern;
    char evidence[120];
    struct at_operands operands; /* borrows what it does not change */
    bool scores;                 /* differ from those declared, and with them log-sum-exps; not set: V alone does */
    int64_t changed_from;        /* rows that see that many keys or fewer as declared are as declared; 0: the operands say all */
    void *own[5];                /* arrays that it has made */
};

/*
 * Calls `visit` with each hypothesis that the case allows and that differs from what is declared in the rows looked at, until one fails;
 * stops when asked to.
 */
typedef enum at_status at_check_visit(void *context, const struct at_check_hypothesis *hypothesis, struct at_error *error);
enum at_status at_check_each_hypothesis(const struct at_check_case *c, at_check_visit *visit, void *context, struct at_error *error);

/* Whether row i of those looked at is as declared all the same. */
static inline bool at_check_unchanged(const struct at_check_case *c, const struct at_check_hypothesis *x, int64_t i)
{
    return x->changed_from && at_problem_keys(&c->c.problem, c->c.rows.index[i]) <= x->changed_from;
}

/*
 * What rows of one head are on other operands: the truth, the error that is expected, the twin's log-sum-exps and sums, and the rooms of
 * log-sum-exps. By the model there is no twin: log-sum-exps and sums are the truth's, and what the scores may be off is in the rooms.
 */
struct at_check_answer {
    struct at_oracle_truth truth;   /* without P, but by the model */
    double *square;                 /* [count] mean square error expected; not finite where the twin's outputs are not */
    float *o, *row_sum, *lse;       /* [count][dim], [count], [count] of the twin; o: scratch */
    struct at_check_lse_room *room; /* [count] */
};

/*
 * Rows which[count] among those looked at, of head `head` (b * query heads + h); rooms are 0 unless asked for. Free with
 * at_check_answer_done.
 */
enum at_status at_check_answer(const struct at_check_case *c, const struct at_operands *operands, int64_t head, const int64_t *which,
                               int64_t count, bool rooms, struct at_check_answer *ret_answer, struct at_error *error);
void at_check_answer_done(struct at_check_answer *answer);

#ifdef __cplusplus
}
#endif

#endif
