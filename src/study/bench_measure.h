/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_BENCH_MEASURE_H
#define AT_STUDY_BENCH_MEASURE_H

#include "core/guard.h"
#include "study/bench.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the child process measures and hands back: bytes without pointers, cut into these. */
struct at_bench_head {
    struct at_gpu_facts gpu;
    size_t blas_version;
    struct at_error no_product;
};

struct at_bench_measured {
    struct at_bench_time alone, whole;
    int64_t operand_sets;
};

struct at_bench_answer {
    struct at_bench_head *head;
    struct at_bench_round *rounds;      /* [round_count] */
    struct at_bench_measured *measured; /* [count] */
    float *outputs;                     /* [at_bench_outputs(b, count)] */
    size_t size;
};

/* The parts of the answer at `bytes`; with NULL only its size counts. */
struct at_bench_answer at_bench_answer_of(const struct at_benchmark *b, void *bytes);

/* Numbers of `outputs` that stand before those of point i. */
size_t at_bench_outputs(const struct at_benchmark *b, size_t i);

/* The problem of the heads whose inputs are made: one batch, AT_BENCH_PAIRS key/value heads or fewer. */
struct at_problem at_bench_made(const struct at_problem *problem);

/* Chooses the oracle of the rows looked at; does nothing without any. */
enum at_status at_bench_settle(struct at_benchmark *b, struct at_error *error);

/* Whether the GPU can be had and takes the kernels; an at_guarded without an answer, whose argument is the struct at_benchmark. */
enum at_status at_bench_open(const void *benchmark, struct at_pulse *pulse, void *answer, struct at_error *error);

/* Measures all; an at_guarded whose argument is the struct at_benchmark. */
enum at_status at_bench_measure(const void *benchmark, struct at_pulse *pulse, void *answer, struct at_error *error);

/* Steps of which at_bench_measure tells the pulse; and what the step after `done` of them is about. */
enum { AT_BENCH_STEP_SIZE = AT_VARIANT_NAME_SIZE + 128 };
double at_bench_steps(const struct at_benchmark *b);
void at_bench_step_name(const struct at_benchmark *b, double done, char ret_text[AT_BENCH_STEP_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
