/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_BENCH_TIME_H
#define AT_STUDY_BENCH_TIME_H

#include "study/bench.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Times what `enqueue` enqueues: launches to warm up, then the repeats, as `pace` says. What the host needs for a launch shows in the first
 * of a burst alone.
 */
enum at_status at_bench_measure_time(struct at_gpu *gpu, at_gpu_enqueue *enqueue, void *context, const struct at_bench_pace *pace,
                                     struct at_bench_time *ret_time, struct at_error *error);

/* All NaN, no launches. */
struct at_bench_time at_bench_no_time(void);

#ifdef __cplusplus
}
#endif

#endif
