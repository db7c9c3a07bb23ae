/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * gpu_attention [CASES [SEED]]: random problems on this machine's GPU and on the twin, every bit of O, row maximum, row sum and log-sum-exp
 * compared. Formats, head dimensions, masks, grouped queries, lengths and inputs (normal, outliers, large scores, few specials, subnormals)
 * follow from seed and number. TAP; skipped, with the reason, where there is no Hopper GPU or no image. Needs libc, libm and libgomp only.
 */
#include "core/guard.h"
#include "core/random.h"
#include "kernels/attention/kernel.h"
#include "kernels/twin/attention.h"
#include "kernels/variants/variant.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NORMAL, OUTLIERS, LARGE_SCORES, SPECIALS, SUBNORMALS, KINDS };
static const char *const kinds[KINDS] = {"normal", "outliers", "large scores", "specials", "subnormals"};

struct job {
    uint64_t seed;
    int64_t index;
};

struct counts {
    int64_t outputs, differing, rows, differing_rows;
    char what[256];
};

static int64_t between(struct at_random key, uint64_t counter, int64_t least, int64_t most)
{
    return least + (int64_t)(at_random_bits(key, counter) % (uint64_t)(most - least + 1));
}

static float element(int kind, int which, struct at_random key, uint64_t i)
{
    float x = (float)at_random_normal(key, 2 * i);
    double u = at_random_uniform(key, 2 * i + 1);
    if (kind == OUTLIERS && u < 1e-3)
        return 30 * x;
    if (kind == LARGE_SCORES && which == 0)
        return 20 * x;
    if (kind == SUBNORMALS)
        return u < 0.5 ? x * 0x1p-20f : x;
    if (kind == SPECIALS && u < 1e-5)
        return u < 3e-6 ? NAN : u < 6e-6 ? INFINITY : -INFINITY;
    return x;
}

static enum at_status fill(struct at_tensor *t, enum at_format format, const struct at_problem *p, int which, int kind, struct job job,
                           struct at_error *error)
{
    struct at_random key = {job.seed, (uint64_t)job.index * 8 + 1 + (uint64_t)which};
    enum at_status status =
        at_tensor_init(t, format, p->batch, which ? p->heads_kv : p->heads_q, which ? p->seq_k : p->seq_q, p->dim, error);
    for (int64_t i = 0; !status && i < at_tensor_count(t); i++)
        ((uint16_t *)t->codes)[i] = (uint16_t)at_encode(format, element(kind, which, key, (uint64_t)i), AT_OVERFLOW_IEEE);
    return status;
}

static enum at_status make(struct job job, struct at_operands *ret_operands, struct counts *counts, struct at_error *error)
{
    static const int dims[] = {64, 128, 256}, groups[] = {1, 1, 2, 4};
    struct at_random key = {job.seed, (uint64_t)job.index * 8};
    enum at_format format = job.index % 2 ? AT_BF16 : AT_FP16;
    int kind = (int)between(key, 0, 0, KINDS - 1);
    struct at_operands o = {.problem = {.batch = between(key, 1, 1, 3), .heads_kv = between(key, 2, 1, 3), .dim = dims[job.index / 2 % 3]}};
    struct at_problem *p = &o.problem;
    struct at_variant_choice choice;
    p->heads_q = p->heads_kv * groups[between(key, 3, 0, 3)];
    p->seq_q = between(key, 4, 1, 900);
    p->seq_k = between(key, 5, 1, 1200);
    p->causal = job.index / 6 % 2;
    snprintf(counts->what, sizeof counts->what, "%s, d %d, %s, batch %d, heads %d/%d, rows %d, keys %d, %s", at_formats[format].name,
             (int)p->dim, p->causal ? "causal" : "not causal", (int)p->batch, (int)p->heads_q, (int)p->heads_kv, (int)p->seq_q,
             (int)p->seq_k, kinds[kind]);
    /* Under a mask FlashAttention-3 has 192 rows a tile for d = 64, the kernel 128: masked NaN and infinities of V tell. */
    char spelled[64];
    snprintf(spelled, sizeof spelled, "%s%s", format == AT_BF16 ? "bf16" : "fp16", p->dim == 64 && p->causal ? ":tile=128x128" : "");
    enum at_status status = at_variant_choose(spelled, &choice, error);
    if (!status)
        status = at_numerics_resolve(&choice.numerics, p, &o.numerics, error);
    struct at_operand *operands[] = {&o.q, &o.k, &o.v};
    for (int i = 0; i < 3 && !status; i++) {
        operands[i]->scale = (struct at_scales){AT_SCALE_NONE, p->batch, i ? p->heads_kv : p->heads_q, 1, calloc(64, sizeof(float))};
        for (int j = 0; j < 64; j++)
            operands[i]->scale.value[j] = 1;
        status = fill(&operands[i]->codes, format, p, i, kind, job, error);
    }
    *ret_operands = o;
    return status;
}

static int64_t differ(const float *a, const float *b, int64_t count)
{
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++)
        found += memcmp(a + i, b + i, sizeof *a) != 0;
    return found;
}

static enum at_status compare_head(const struct at_operands *o, const struct at_kernel_outputs *got, int64_t b, int64_t h,
                                   struct counts *counts, struct at_error *error)
{
    const struct at_problem *p = &o->problem;
    int64_t first = (b * p->heads_q + h) * p->seq_q;
    size_t rows_size = (size_t)p->seq_q * sizeof(float);
    struct at_attention a = {malloc(rows_size * (size_t)p->dim), malloc(rows_size), malloc(rows_size), malloc(rows_size), NULL, 0, 0};
    struct at_rows rows;
    enum at_status status = at_rows_choose(&rows, p->seq_q, 0, 0, error);
    if (!status)
        status = at_twin_attend(o, b, h, &rows, AT_SIMD_AUTO, &a, error);
    for (int64_t i = 0; !status && i < p->seq_q * p->dim; i++)
        counts->differing += at_encode(o->numerics.output, a.o[i], AT_OVERFLOW_IEEE) != ((const uint16_t *)got->o)[first * p->dim + i];
    if (!status)
        counts->differing_rows += differ(a.row_max, got->row_max + first, p->seq_q) + differ(a.row_sum, got->row_sum + first, p->seq_q) +
                                  differ(a.lse, got->lse + first, p->seq_q);
    counts->outputs += p->seq_q * p->dim;
    counts->rows += 3 * p->seq_q;
    at_rows_done(&rows);
    free(a.o);
    free(a.row_max);
    free(a.row_sum);
    free(a.lse);
    return status;
}

static enum at_status run_job(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct job *job = argument;
    struct counts *counts = answer;
    struct at_operands o = {0};
    struct at_gpu *gpu = NULL;
    const struct at_kernel *kernel;
    enum at_status status = make(*job, &o, counts, error);
    if (!status)
        status = at_kernel_choose(&o.numerics, &o.problem, &kernel, error);
    if (!status)
        status = at_gpu_open(0, kernel->image, &gpu, error);
    if (status)
        return status;
    const struct at_problem *p = &o.problem;
    int64_t rows = p->batch * p->heads_q * p->seq_q;
    struct at_kernel_outputs got = {malloc((size_t)(rows * p->dim) * 2), malloc((size_t)rows * 4), malloc((size_t)rows * 4),
                                    malloc((size_t)rows * 4)};
    at_pulse_beat(pulse, 0, 1);
    status = at_kernel_attend(kernel, gpu, &o, &got, error);
    for (int64_t i = 0; i < p->batch * p->heads_q && !status; i++) {
        status = compare_head(&o, &got, i / p->heads_q, i % p->heads_q, counts, error);
        at_pulse_beat(pulse, (double)i, 1);
    }
    at_gpu_close(gpu);
    return status;
}

static enum at_status open_image(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    struct at_gpu *gpu;
    (void)argument;
    (void)answer;
    (void)pulse;
    enum at_status status = at_gpu_open(0, at_kernels[0]->image, &gpu, error);
    if (!status)
        at_gpu_close(gpu);
    return status;
}

int main(int argc, char **argv)
{
    struct at_guard guard = {.what = "attention", .remedy = "look at nvidia-smi", .limit_s = 60};
    struct at_error error = {""};
    struct counts all = {0};
    char none[1];
    int64_t cases = argc > 1 ? atoll(argv[1]) : 36;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    enum at_status status = at_guard_run(&guard, open_image, NULL, none, 0, &error);
    if (status == AT_ERR_NOT_FOUND || status == AT_ERR_UNSUPPORTED) {
        printf("1..0 # SKIP %s\n", error.message);
        return 0;
    }
    printf("1..%" PRId64 "\n", cases);
    bool failed = cases < 1;
    for (int64_t i = 0; i < cases; i++) {
        struct job job = {seed, i};
        struct counts counts = {0};
        status = at_guard_run(&guard, run_job, &job, &counts, sizeof counts, &error);
        bool good = !status && counts.differing == 0 && counts.differing_rows == 0 && counts.outputs > 0;
        printf("%s %" PRId64 " - %s: %" PRId64 " of %" PRId64 " outputs, %" PRId64 " of %" PRId64
               " maxima, sums and log-sum-exps differ%s%s\n",
               good ? "ok" : "not ok", i + 1, counts.what, counts.differing, counts.outputs, counts.differing_rows, counts.rows,
               status ? ": " : "", status ? error.message : "");
        fflush(stdout);
        failed = failed || !good;
        all.outputs += counts.outputs;
        all.differing += counts.differing;
    }
    printf("# %" PRId64 " of %" PRId64 " outputs differ\n", all.differing, all.outputs);
    return failed;
}
