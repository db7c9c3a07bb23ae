/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_H
#define AT_STUDY_CHECK_H

#include "rules/rule.h"
#include "study/reference.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The output of a kernel that attest does not know, on trial: measured error beside expected, row by row (docs/check.md). */

/* Where the output stands. Text may be NULL, which is the default. */
struct at_check_output {
    const char *path;    /* safetensors */
    const char *o, *lse; /* names of tensors; default "o", and "lse" if there is one */
    const char *layout;  /* "bhsd" or "bshd"; default: metadata key "layout", else "bhsd" */
};

/* Who says which errors to expect. Left to attest it is the twin where it has the head dimension, else the a-priori model. */
enum at_check_by { AT_CHECK_BY_ANY, AT_CHECK_BY_TWIN, AT_CHECK_BY_MODEL };

struct at_check_question {
    const struct at_study *study; /* of one case and one variant: what the kernel claims to compute */
    const char *scales[3]; /* tensors of the capture that hold the descales of Q, K and V [batch][key/value heads]; NULL: not coded */
    struct at_check_output output;
    enum at_check_by by;
    double level; /* probability with which a correct kernel may be called a bug, at most */
    enum at_simd simd;
    double memory;                        /* bytes that may be taken */
    const struct at_study_events *events; /* may be NULL */
};

/* The worst first. */
enum at_check_verdict { AT_CHECK_BUG, AT_CHECK_CANNOT_SAY, AT_CHECK_NOISE, AT_CHECK_SAME_BITS, AT_CHECK_VERDICTS };

/* "bug", "cannot say", "format noise", "same bits"; static storage. */
const char *at_check_verdict_name(enum at_check_verdict verdict);

/* Errors are root mean squares over outputs; NaN where no row has a finite truth. Ratios are measured over expected. */
struct at_check_error {
    double measured, expected, ratio;
};

/* Of a log-sum-exp, in nat: what it is off, and between what a right kernel's is; NaN where none was given. */
struct at_check_lse {
    double error, low, high;
};

struct at_check_row {
    struct at_check_error dequantised;
    struct at_check_lse lse;
    bool defined; /* its truth is finite, and known more exactly than the expected error */
    bool bad;     /* above a bound, or not finite where the truth is */
    bool lse_bad; /* its log-sum-exp is none of a right kernel */
};

struct at_check_head {
    int64_t b, h;
    struct at_check_error dequantised, original; /* against the truth of the operands, and of the inputs */
    int64_t undefined, bad, lse_bad, nonfinite;  /* rows; outputs */
    int64_t differing;                           /* outputs that have not the twin's bits; -1: it was not asked */
    int64_t worst;                               /* index of the row with the largest ratio; -1: none is defined */
    enum at_check_verdict verdict;
    char pattern[160];  /* of a bug: "V's scale dropped", "unknown"; else "" */
    char evidence[200]; /* for the pattern */
};

/*
 * Ratios that a correct kernel exceeds somewhere with probability `level` at most; NaN: there was nothing to derive it from. Without that
 * of rows nothing passes, without that of heads rows alone decide. lse: the most that a right log-sum-exp may be off in any row, nat.
 */
struct at_check_bounds {
    double row, head, lse;
};

struct at_check_rule {
    const struct at_rule *rule;
    bool asked, accepts;
    const char *why_not; /* where it was not asked; static storage */
};

struct at_check {
    struct at_problem problem;
    struct at_numerics numerics; /* resolved, with the output's format */
    enum at_format format;       /* of the tensor with the outputs */
    bool has_lse;
    const struct at_oracle *oracle;
    const char *expected_by; /* "twin" or "a-priori model"; static storage */
    bool by_model;           /* the latter */
    int64_t heads, rows;
    int64_t *row_index;         /* [rows] query rows looked at */
    struct at_check_head *head; /* [heads] */
    struct at_check_row *row;   /* [heads][rows] */
    struct at_check_bounds bounds;
    int controls;               /* schedules that the bounds come from; 0: the same bits need none, the model has none */
    struct at_check_rule *rule; /* [at_rule_count] */
    enum at_check_verdict verdict;
    char reason[200]; /* of AT_CHECK_CANNOT_SAY, else "" */
};

/*
 * Reads inputs and output, and judges. A disaster in the output (NaN, zeros, another head) is a finding; a tensor that is missing or has
 * another shape is a failure. Free with at_check_done.
 */
enum at_status at_check(const struct at_check_question *question, struct at_check *ret_check, struct at_error *error);
void at_check_done(struct at_check *check);

#ifdef __cplusplus
}
#endif

#endif
