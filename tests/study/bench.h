/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STUDY_BENCH_H
#define AT_TESTS_STUDY_BENCH_H

#include "study/attempt.h"
#include "study/attend.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One case of a study on a bench with a store, as the executor sets it up. */
struct scratch_bench {
    struct at_study study;
    struct at_plan plan;
    struct at_store *store;
    struct at_work progress;
    struct at_bench bench;
    int64_t variants[16];
};

/* `text`: a study file of one case. */
void scratch_bench_open(struct scratch_bench *b, const char *text, const char *database);

/* Variant `i` on the bench's case, ready to attend. */
struct at_attend scratch_bench_prepare(const struct scratch_bench *b, size_t i);

/* Variant `i` from begin to end; its outputs must be the twin's. */
enum at_status scratch_bench_attempt(struct scratch_bench *b, size_t i, struct at_error *error);

void scratch_bench_close(struct scratch_bench *b);

#ifdef __cplusplus
}
#endif

#endif
