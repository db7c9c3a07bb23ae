/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_FP64_TRIAL_H
#define AT_TESTS_ORACLES_FP64_TRIAL_H

#include "oracles/fp64_sm90/fp64_sm90.h"

#include <stdio.h>

/* Random heads through the fp64 oracle, each output held against the certified oracle's. On a GPU and on an emulated one. */

enum trial_kind {
    TRIAL_FP16,    /* normal, rounded to fp16 */
    TRIAL_BF16,    /* normal, rounded to bf16; V with a mean */
    TRIAL_E4M3,    /* e4m3 codes times one fp32 scale for each tensor */
    TRIAL_OUTLIER, /* normal, one element of 1000 a hundred times larger */
    TRIAL_SHARP,   /* normal, Q times 30 to 3000: few keys count, many are dropped */
    TRIAL_CANCEL,  /* keys in equal pairs with values v and -v (1 + 2^-10) */
    TRIAL_EQUAL,   /* all keys equal */
    TRIAL_SINK,    /* the first key far above the rest, and its values are 0 */
    TRIAL_KINDS
};

extern const char *const trial_names[TRIAL_KINDS];

struct trial_size {
    int64_t rows, keys; /* at most */
};

struct trial {
    struct at_problem problem;
    enum trial_kind kind;
    enum at_fp64_want want;
    int64_t count, *rows;
    double *q, *k, *v;
    struct at_oracle_head heads[4]; /* point into this struct; two heads may share K and V */
};

/* All follows from the seed. Free with trial_done. */
void trial_init(struct trial *ret_trial, uint64_t seed, const struct trial_size *most);
void trial_done(struct trial *trial);

struct trial_result {
    int64_t outputs, violations, declined;
    double ratio, lse_ratio; /* largest |error| / radius */
    double radius_log2;      /* largest log2(radius / sum p |v|), declined rows left out */
};

/* Solves the trial on `gpu` and by the certified oracle and adds to `result`; the first disagreement of each head is told on `out`. */
enum at_status trial_run(const struct trial *trial, struct at_gpu *gpu, uint64_t seed, struct trial_result *result, FILE *out,
                         struct at_error *error);

#endif
