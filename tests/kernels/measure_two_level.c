/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */

/*
 * A program for figures, not a test: how far fp8-two-level is above the format's own noise (docs/measurements.md). The noise is what the
 * kernel's own weights give with exact sums and its output format; the truth is attention in double on the dequantised operands, good to
 * about 1e-13. Inputs and rows are those of studies/accumulator.yaml.
 */
#include "datasets/dataset.h"
#include "kernels/prepare/prepare.h"
#include "kernels/twin/attention.h"
#include "kernels/variants/variant.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 16, DIM = 128 };

struct errors {
    double kernel2, noise2, truth2;
};

/* One row: weights[keys] of the kernel and its output o[DIM], against q . k, v in double. */
static void add_row(const double *q, const double *k, const double *v, const double *weights, const float *o, int64_t keys, double *scores,
                    struct errors *errors)
{
    double largest = -INFINITY, sum = 0, truth[DIM] = {0}, exact[DIM] = {0};
    for (int64_t j = 0; j < keys; j++) {
        scores[j] = 0;
        for (int c = 0; c < DIM; c++)
            scores[j] += q[c] * k[j * DIM + c];
        scores[j] /= sqrt(DIM);
        largest = fmax(largest, scores[j]);
    }
    for (int64_t j = 0; j < keys; j++)
        sum += scores[j] = exp(scores[j] - largest);
    for (int64_t j = 0; j < keys; j++)
        for (int c = 0; c < DIM; c++) {
            truth[c] += scores[j] / sum * v[j * DIM + c];
            exact[c] += weights[j] * v[j * DIM + c];
        }
    for (int c = 0; c < DIM; c++) {
        double noisy = at_decode(AT_BF16, at_encode(AT_BF16, (float)exact[c], AT_OVERFLOW_IEEE));
        errors->kernel2 += (o[c] - truth[c]) * (o[c] - truth[c]);
        errors->noise2 += (noisy - truth[c]) * (noisy - truth[c]);
        errors->truth2 += truth[c] * truth[c];
    }
}

static enum at_status measure(const char *spelling, int64_t keys, struct at_error *error)
{
    struct at_problem p = {1, 1, 1, keys, keys, DIM, false, 0};
    struct at_distribution_choice distribution;
    struct at_variant_choice variant;
    struct at_qkv inputs = {0};
    struct at_operands operands = {0};
    struct at_rows rows = {0};
    float o[ROWS * DIM], state[3][ROWS];
    size_t n = (size_t)keys;
    double *memory = malloc((ROWS * n + (size_t)ROWS * DIM + 2 * n * DIM + n) * sizeof *memory);
    double *weights = memory, *q = weights + ROWS * n, *k = q + ROWS * DIM, *v = k + n * DIM, *scores = v + n * DIM;
    struct at_attention out = {.o = o, .row_max = state[0], .row_sum = state[1], .lse = state[2], .p = weights};
    struct errors errors = {0};
    enum at_status status = memory ? at_distribution_choose(spelling, &distribution, error) : at_fail(error, AT_ERR_MEMORY, "no memory");
    status = status ? status : at_variant_choose("fp8-two-level", &variant, error);
    status = status ? status : at_distribution_generate(&distribution, &p, AT_FP16, 1, &inputs, error);
    status = status ? status : at_prepare(&p, &variant.numerics, &inputs, &operands, error);
    status = status ? status : at_rows_choose(&rows, keys, ROWS, 1, error);
    status = status ? status : at_twin_attend(&operands, 0, 0, &rows, AT_SIMD_AUTO, &out, error);
    if (!status) {
        at_operands_dequantise(&operands, 0, 0, rows.index, ROWS, q, k, v);
        for (int i = 0; i < ROWS; i++)
            add_row(q + i * DIM, k, v, weights + (size_t)i * n, o + i * DIM, keys, scores, &errors);
        double kernel = sqrt(errors.kernel2 / errors.truth2), noise = sqrt(errors.noise2 / errors.truth2);
        printf("%-16s %8" PRId64 " %12.3e %12.3e %12.2e\n", spelling, keys, kernel, noise, kernel - noise);
        fflush(stdout);
    }
    at_rows_done(&rows);
    at_operands_done(&operands);
    at_qkv_done(&inputs);
    free(memory);
    return status;
}

int main(void)
{
    static const char *const spellings[] = {"v-mean:mean=0", "v-mean:mean=0.1", "v-mean:mean=1"};
    static const int64_t lengths[] = {1024, 8192, 32768, 131072};
    struct at_error error;
    printf("%-16s %8s %12s %12s %12s\n", "inputs", "keys", "two-level", "own noise", "above");
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 4; j++)
            if (measure(spellings[i], lengths[j], &error)) {
                fprintf(stderr, "%s\n", error.message);
                return 1;
            }
    return 0;
}
