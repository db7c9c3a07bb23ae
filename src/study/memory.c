/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/memory.h"

#include "metrics/metric.h"
#include "study/readings.h"

static double bytes_of_qkv(const struct at_problem *p, double element)
{
    double rows = (double)p->heads_q * (double)p->seq_q + 2.0 * (double)p->heads_kv * (double)p->seq_k;
    return element * (double)p->batch * (double)p->dim * rows;
}

/* Bytes of an element of the operands. */
static double bytes_of_operand(const struct at_numerics *n)
{
    return at_formats[n->q.format].bits / 8.0 + (n->q.smooth != AT_SMOOTH_NONE ? sizeof(float) : 0);
}

double at_memory_of_attend(const struct at_problem *problem, enum at_format format, const struct at_numerics *numerics)
{
    double inputs = bytes_of_qkv(problem, (double)at_format_size(format)), operands = bytes_of_qkv(problem, bytes_of_operand(numerics));
    return 1.1 * (inputs + operands + bytes_of_qkv(problem, sizeof(float)));
}

/* A truth of `rows` rows of one head, with P. */
static double bytes_of_truth(const struct at_problem *p, double rows)
{
    return rows * (4 * (double)p->dim + 2 + (double)p->seq_k) * sizeof(double);
}

double at_memory_of_truth(const struct at_problem *p, int64_t rows, int64_t score_dim, const struct at_oracle *oracle, int threads)
{
    const struct at_oracle_shape shape = {p, rows, (double)rows * (double)p->seq_k, score_dim, threads};
    double keys = (double)p->seq_k, wide = (double)score_dim, count = (double)rows, most = 0;
    double head = (count * wide + keys * (wide + (double)p->dim)) * sizeof(double);
    for (const struct at_oracle *rung = oracle; rung; rung = at_oracle_sharper(rung, &shape)) {
        struct at_oracle_estimate estimate;
        rung->estimate(&shape, &estimate);
        /* above the first: rows looked at again, in a truth of their own, and once more among all that were */
        double own = estimate.bytes + (rung == oracle ? 0 : 2 * bytes_of_truth(p, count) + count * wide * sizeof(double));
        most = own > most ? own : most;
    }
    return head + most;
}

/* Truths that are kept: of the inputs, and of each set of operands that a later variant has again. */
static double count_kept(const struct at_study *study)
{
    double truths = 1;
    for (size_t i = 0; i < study->variant_count; i++) {
        bool first = true, again = false;
        for (size_t j = 0; j < study->variant_count; j++)
            if (j != i && at_plan_same_operands(&study->variants[i].numerics, &study->variants[j].numerics)) {
                first = first && j > i;
                again = true;
            }
        truths += first && again;
    }
    return truths;
}

double at_memory_of_case(const struct at_case *c, const struct at_study *study, const struct at_oracle *oracle, int threads)
{
    const struct at_problem *p = &c->problem;
    double heads = (double)p->batch * (double)p->heads_q, rows = (double)c->rows.count, operands = 0;
    int64_t wide = p->dim; /* columns of a score: twice as many with a smoothed Q */
    for (size_t i = 0; i < study->variant_count; i++) {
        double element = bytes_of_operand(&study->variants[i].numerics);
        operands = element > operands ? element : operands;
        wide = study->variants[i].numerics.q.smooth != AT_SMOOTH_NONE ? 2 * p->dim : wide;
    }
    double truth = heads * bytes_of_truth(p, rows);
    double solve = truth + rows * (double)(p->dim + p->seq_k) * sizeof(double) /* O and P of the twin */
                   + at_memory_of_truth(p, c->rows.count, wide, oracle, threads);
    double measures = 4 * heads * (rows + 1) * (double)at_metric_count * sizeof(struct at_measure_fact); /* two references, copied once */
    double prepare = bytes_of_qkv(p, sizeof(float)); /* Q, K and V in fp32 at once; gone before the truths */
    double held = bytes_of_qkv(p, (double)at_format_size(c->format)) + bytes_of_qkv(p, operands) + count_kept(study) * truth + measures +
                  at_readings_bytes(c, threads) + (prepare > solve ? prepare : solve);
    return 1.1 * held; /* and a tenth for what allocators and threads keep */
}
