/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_FP64_HEADS_H
#define AT_TESTS_ORACLES_FP64_HEADS_H

#include "oracles/fp64_sm90/batch.h"
#include "oracles/fp64_sm90/device.h"

/* Whole heads on a GPU, all rows of each, to be timed. */

enum { HEADS_MOST = 64 };

struct heads {
    struct at_problem problem;
    int64_t *rows;
    struct at_oracle_head head[HEADS_MOST]; /* these three point into this struct, which stays where it is */
    struct at_fp64_batch batch;
    struct at_fp64_device device;
};

/*
 * Copies q, k and v, [heads_q][seq][dim] each and one key/value head for each query head, to the GPU, finds the references and runs once,
 * for the first time is slower. With sum p |v| if `sums`. Free with heads_done, failed or not.
 */
enum at_status heads_init(struct heads *ret_heads, struct at_gpu *gpu, const struct at_problem *problem, const double *q, const double *k,
                          const double *v, bool sums, struct at_error *error);
void heads_done(struct heads *heads);

/* One launch each, by the GPU's clock: ret_ms[repeats], in order of time. */
enum at_status heads_time(struct heads *heads, int repeats, double *ret_ms, struct at_error *error);

/* What the last launch gave: ret_o, ret_radius, ret_sum_abs, [heads_q][seq_q][dim] each. AT_ERR_UNDEFINED: a row has no bound. */
enum at_status heads_fetch(struct heads *heads, double *ret_o, double *ret_radius, double *ret_sum_abs, struct at_error *error);

#endif
