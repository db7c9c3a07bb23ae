/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_RULES_TRIAL_H
#define AT_TESTS_RULES_TRIAL_H

#include "core/rows.h"
#include "kernels/operands.h"
#include "rules/rule.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Published rules on trial: a kernel's outputs, defects put into them, and what each rule says (docs/acceptance_rules.md). */

/* Inputs, shape and kernel that rules are tried with. */
struct trial_setting {
    const char *name;
    const char *inputs; /* a distribution's spelling, or "sparse-integers" */
    int64_t heads, heads_kv, seq_q, seq_k;
    bool causal;
    enum at_format format; /* of the inputs */
    const char *variant;   /* the correct kernel */
    bool descales;         /* each head's scales of Q, K and V are replaced by uniform draws from (0, 2), as FA3's FP8 test draws them */
    bool plain;            /* too long for more than the defects without a strength */
    bool outputs_e4m3;     /* the outputs are rounded to e4m3 */
    const char *rules[4];  /* names, ended by NULL; none: every rule that takes the operands */
};

extern const struct trial_setting trial_settings[];
extern const size_t trial_setting_count;

enum { TRIAL_DIM = 128 };

/* Outputs of all heads and rows; owned. */
struct trial_outputs {
    float *o, *lse;
};

/* A defect's outputs that were dear to compute. */
struct trial_memo {
    struct trial_memo *next;
    size_t defect;
    double strength;
    struct trial_outputs outputs;
};

struct trial {
    const struct trial_setting *setting;
    uint64_t seed; /* of inputs, descales and the order of rows */
    struct at_problem problem;
    struct at_qkv inputs;
    struct at_operands operands;
    struct at_rows rows; /* all */
    enum at_format format;
    int64_t lines, outputs; /* heads * rows, and times dim */
    struct trial_outputs correct, reference[AT_REFERENCE_COUNT], baseline;
    float *p;       /* [heads][seq_q][seq_k] the weights that V was multiplied with */
    float *v;       /* [heads_kv][seq_k][dim] dequantised */
    int64_t *order; /* [lines] a random order of the rows of all heads */
    double error;   /* relative RMSE of the correct kernel against attention in double on the inputs, 32 rows of each head */
    struct trial_memo *memo;
};

/* Prepares inputs, the correct kernel's outputs, references and baseline. Free with trial_done. */
enum at_status trial_init(struct trial *ret_trial, const struct trial_setting *setting, uint64_t seed, struct at_error *error);
void trial_done(struct trial *trial);

enum at_status trial_outputs_init(struct trial_outputs *ret_outputs, const struct trial *trial, struct at_error *error);
void trial_outputs_done(struct trial_outputs *outputs);

/*
 * The kernel's outputs on `operands`: the trial's own, or some that a defect has changed.
 *   p: [heads][seq_q][seq_k] of the trial, or NULL
 */
enum at_status trial_attend(const struct trial *trial, const struct at_operands *operands, struct trial_outputs *outputs, float *p,
                            struct at_error *error);

/* The number of the outputs' format nearest to x. */
float trial_round(const struct trial *trial, float x);

/* A deliberate defect of a strength. */
struct trial_defect {
    const char *name;
    enum { DEFECT_PLAIN, DEFECT_WHOLE, DEFECT_REAL } kind; /* no strength; a count from 1; a real number */
    double least, most;                                    /* of a real number; of a count, most() says */
    bool dear;                                             /* worth keeping */
    int64_t (*most_count)(const struct trial *trial);
    enum at_status (*make)(const struct trial *trial, double strength, struct trial_outputs *outputs, struct at_error *error);
};

extern const struct trial_defect trial_defects[];
extern const size_t trial_defect_count;

/* How far a rule lets a defect go. */
struct trial_verdict {
    bool all, none;  /* every strength tried is accepted; not even the least */
    double accepted; /* the largest before the first that is rejected */
    double rejected; /* the smallest rejected: accepted + 1, or within 1 % above it */
    double again;    /* a larger one on the ladder that is accepted all the same; 0: none */
};

/* Climbs a ladder of doubling strengths and bisects below the first that is rejected. */
enum at_status trial_search(struct trial *trial, const struct at_rule *rule, size_t defect, struct trial_verdict *ret_verdict,
                            struct at_error *error);

/* What the rule says of these outputs. */
bool trial_accepts(const struct trial *trial, const struct at_rule *rule, const struct trial_outputs *outputs);

#ifdef __cplusplus
}
#endif

#endif
