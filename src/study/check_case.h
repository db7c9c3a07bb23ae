/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_CASE_H
#define AT_STUDY_CHECK_CASE_H

#include "study/attend.h"
#include "study/check.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What all parts of a check look at: the case, what the kernel gave, and the truths. */
struct at_check_case {
    const struct at_check_question *question;
    struct at_case c;
    struct at_numerics numerics; /* resolved; the output's format is the kernel's */
    const struct at_oracle *oracle;
    bool by_model; /* errors are expected by the a-priori model, not by the twin */
    struct at_qkv inputs;
    struct at_operands operands;
    enum at_format format; /* of the tensor with the outputs */
    float *o, *lse;        /* [heads][rows][dim], [heads][rows] what the kernel gave; lse NULL: not given */
    struct at_truths truths[AT_REFERENCES];
    struct at_work work;
};

/*
 * Reads inputs and output and prepares the operands; coded inputs with descales are operands as they are. The declared output format gives
 * way to that of the tensor, but fp32 holds the numbers of any. Truths are not solved yet. Free with at_check_case_done.
 */
enum at_status at_check_case_open(const struct at_check_question *question, struct at_check_case *ret_case, struct at_error *error);
void at_check_case_done(struct at_check_case *c);

/* Solves both truths. */
enum at_status at_check_case_solve(struct at_check_case *c, struct at_error *error);

/* batch * query heads. */
static inline int64_t at_check_heads(const struct at_check_case *c)
{
    return c->c.problem.batch * c->c.problem.heads_q;
}

/* The natural log-sum-exp that the kernel should give: the truth's, with what a mean of K took from it. */
double at_check_true_lse(const struct at_check_case *c, int64_t head, int64_t row);

/* The share of the level that rows, heads and, where there are any, log-sum-exps have each. */
static inline double at_check_share(const struct at_check_case *c)
{
    return c->question->level / (c->lse ? 3 : 2);
}

/* got - that; 0 where `got` is the fp32 number nearest to it, which no kernel can better. */
double at_check_lse_error(const struct at_check_case *c, int64_t head, int64_t row, float got);

#ifdef __cplusplus
}
#endif

#endif
