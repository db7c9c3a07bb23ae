/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_BENCH_H
#define AT_STUDY_BENCH_H

#include "core/rows.h"
#include "kernels/attention/kernel.h"
#include "study/bench_prepare.h"
#include "study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How fast attention kernels are, beside what the GPU does at best in the same minutes, and beside their error (docs/bench.md). */

/* What the GPU does at best: matrix products of cuBLASLt, and copying within its memory. */
enum at_ceiling { AT_CEILING_BF16, AT_CEILING_E4M3, AT_CEILING_COPY, AT_CEILING_COUNT };
extern const char *const at_ceiling_names[AT_CEILING_COUNT];

/* Nanoseconds of one launch: the least, the quartiles and the most over the repeats. NaN: not measured. */
struct at_bench_time {
    double min_ns, low_ns, median_ns, high_ns, max_ns;
    int64_t launches; /* in one repeat, back to back */
};

struct at_bench_round {
    struct at_bench_time time[AT_CEILING_COUNT];
};

/* How each time is measured. */
struct at_bench_pace {
    int repeats;
    double warm_ns;  /* of launches that warm up before them */
    double burst_ns; /* of launches back to back that one repeat takes at least, 64 launches at most */
};

struct at_bench_request {
    int gpu;
    double limit_s; /* seconds without a sign of life after which the GPU counts as hung */
    const struct at_variant_choice *variants;
    size_t variant_count;
    const struct at_problem *problems;
    size_t problem_count;
    struct at_distribution_choice distribution;
    enum at_format format;
    uint64_t seed;
    struct at_bench_pace pace;
    int64_t product;   /* n of the matrix products, a multiple of 16 */
    size_t copy_bytes; /* that the copy reads, and writes */
    int64_t rows;      /* query rows whose error is measured in each head looked at; 0: none */
    uint64_t rows_seed;
    const struct at_oracle *oracle;           /* of their truth; NULL: the cheapest, see oracles/ladder.h */
    const struct at_bench_preparer *preparer; /* NULL: preparing is not timed */
    const struct at_study_events *events;     /* may be NULL, as may its members */
};

/* (batch, key/value head) pairs whose inputs are made; all others repeat them. Their query heads are those whose error is measured. */
enum { AT_BENCH_PAIRS = 4 };

/* One variant on one problem. */
struct at_bench_point {
    size_t variant, problem;           /* indices of the request */
    struct at_numerics numerics;       /* resolved */
    const struct at_kernel *kernel;    /* NULL: none computes it */
    struct at_error reason;            /* then, why */
    struct at_bench_time alone, whole; /* the kernel; prepare and the kernel */
    int64_t operand_bytes;             /* of Q, K and V with their scales */
    int64_t operand_sets;              /* that the launches took in turn, so that they do not find them in the L2 cache */
    double rel_rmse, rel_rmse_radius;  /* of the whole error; NaN: undefined or not measured */
};

/* Floating-point operations: 4 batch heads_q seq_q seq_k dim, half of it under a mask. */
double at_bench_flop(const struct at_problem *problem);

/* A request, and what came of it. */
struct at_benchmark {
    const struct at_bench_request *request;
    struct at_bench_point *points;  /* [count] problem by problem */
    size_t count, computed;         /* computed: points with a kernel */
    struct at_rows *rows;           /* [problem_count] looked at */
    struct at_oracle_choice oracle; /* of their truth; none without rows */
    struct at_gpu_facts gpu;
    struct at_bench_round *rounds; /* [round_count] before the first problem and after each */
    size_t round_count;
    size_t blas_version;        /* of cuBLASLt; 0: none */
    struct at_error no_product; /* why no matrix product was timed; "" */
    float *outputs;             /* of the rows looked at, one point after the other: O, then the log-sum-exp; owned */
};

/*
 * Finds the kernel of each variant on each problem. AT_ERR_UNSUPPORTED: none computes any of them; AT_ERR_MEMORY: the inputs do not fit
 * into the machine. Free with at_benchmark_done, whatever it returns.
 */
enum at_status at_benchmark_plan(const struct at_bench_request *request, struct at_benchmark *ret_benchmark, struct at_error *error);
void at_benchmark_done(struct at_benchmark *benchmark);

/* Whether the GPU can be had and takes the kernels, found out in a guarded child process. */
enum at_status at_benchmark_check(const struct at_benchmark *benchmark, struct at_error *error);

/*
 * Times all points and ceilings in one guarded child process. Call before the first parallel region. On failure nothing has been measured.
 */
enum at_status at_benchmark_run(struct at_benchmark *benchmark, struct at_error *error);

/* Measures the error of the rows looked at, on the CPU; does nothing where the request asks for none. */
enum at_status at_benchmark_score(struct at_benchmark *benchmark, struct at_error *error);

/* Stores all of it in one transaction, after the build, the GPU and the variants. */
enum at_status at_benchmark_store(const struct at_benchmark *benchmark, struct at_store *store, int64_t *ret_id, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
