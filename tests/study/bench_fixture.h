/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STUDY_BENCH_FIXTURE_H
#define AT_TESTS_STUDY_BENCH_FIXTURE_H

#include "study/bench.h"

/* A small request for the kernel of bench_kernel.c: variants by problems, all inputs normal. */
enum { BENCH_VARIANTS = 3, BENCH_PROBLEMS = 3 };
struct bench_fixture {
    struct at_bench_request request;
    struct at_variant_choice variants[BENCH_VARIANTS]; /* fa3-fp16, fa3-fp8, and q.smooth, which the kernel refuses */
    struct at_problem problems[BENCH_PROBLEMS];        /* of d 64, 6 pairs; of d 32, which it refuses; of d 64, causal, one pair */
};

/* Points of `fixture` that the kernel computes. */
enum { BENCH_COMPUTED = 4 };

/* `asked`: of the stand-in for the driver. */
void bench_fixture_init(struct bench_fixture *fixture, const char *asked);

/* at_benchmark_plan and at_benchmark_run, failing the test with their message. */
void bench_fixture_run(const struct bench_fixture *fixture, struct at_benchmark *ret_benchmark);

#endif
