/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * gpu_attention [CASES [SEED [ROWS KEYS HEADS]]]: random problems on this machine's GPU and on the twin, every bit of O, row maximum, row
 * sum and log-sum-exp compared. Formats, numerics (scales, smoothing, promotion, P's offset, order of the tiles, tiles), head dimensions,
 * masks, grouped queries, lengths (up to ROWS and KEYS, 900 and 1200), (batch, key/value head) pairs (up to HEADS, 9) and inputs (each
 * registered distribution, large scores, few specials, subnormals, random codes) follow from seed and number. Each problem is computed
 * twice: the bits must be the same.
 *
 * gpu_attention reach [ROWS KEYS]: a small problem for each kernel there is, all in this process, for tools that watch one:
 * compute-sanitizer.
 *
 * gpu_attention large: Q, K, V and O of more than 2^31 elements each, the heads of two (batch, head) pairs over and over: the last two have
 * the twin's bits, and all others theirs.
 *
 * TAP; skipped, with the reason, where there is no Hopper GPU or no image.
 */
#include "problems.h"

#include "core/guard.h"
#include "kernels/attention/kernel.h"
#include "kernels/prepare/prepare.h"
#include "kernels/twin/attention.h"
#include "kernels/variants/variant.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct counts {
    int64_t outputs, differing, rows, differing_rows;
    char what[PROBLEM_TEXT_SIZE], first[128];
};

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
    for (int64_t i = 0; !status && i < p->seq_q * p->dim; i++) {
        uint32_t wanted = at_encode(o->numerics.output, a.o[i], AT_OVERFLOW_IEEE), seen = ((const uint16_t *)got->o)[first * p->dim + i];
        if (wanted != seen && counts->differing++ == 0)
            snprintf(counts->first, sizeof counts->first, "; first at batch %d, head %d, row %d, column %d: %#x for %#x", (int)b, (int)h,
                     (int)(i / p->dim), (int)(i % p->dim), seen, wanted);
    }
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

static size_t bytes_of_rows(const struct at_problem *p)
{
    return (size_t)(p->batch * p->heads_q * p->seq_q) * sizeof(float);
}

static enum at_status outputs_init(struct at_kernel_outputs *ret_outputs, const struct at_problem *p, int poison)
{
    size_t rows = bytes_of_rows(p), o = rows / sizeof(float) * (size_t)p->dim * 2;
    *ret_outputs = (struct at_kernel_outputs){malloc(o), malloc(rows), malloc(rows), malloc(rows)};
    if (!ret_outputs->o || !ret_outputs->row_max || !ret_outputs->row_sum || !ret_outputs->lse)
        return AT_ERR_MEMORY;
    memset(ret_outputs->o, poison, o);
    memset(ret_outputs->row_max, poison, rows);
    memset(ret_outputs->row_sum, poison, rows);
    memset(ret_outputs->lse, poison, rows);
    return AT_OK;
}

static void outputs_done(struct at_kernel_outputs *outputs)
{
    free(outputs->o);
    free(outputs->row_max);
    free(outputs->row_sum);
    free(outputs->lse);
}

static bool same(const struct at_kernel_outputs *a, const struct at_kernel_outputs *b, const struct at_problem *p)
{
    size_t rows = bytes_of_rows(p), o = rows / sizeof(float) * (size_t)p->dim * 2;
    return !memcmp(a->o, b->o, o) && !memcmp(a->row_max, b->row_max, rows) && !memcmp(a->row_sum, b->row_sum, rows) &&
           !memcmp(a->lse, b->lse, rows);
}

/* The kernel twice, then the twin. */
static enum at_status compare(struct at_gpu *gpu, const struct at_kernel *kernel, const struct at_operands *o, struct at_pulse *pulse,
                              struct counts *counts, struct at_error *error)
{
    const struct at_problem *p = &o->problem;
    struct at_kernel_outputs got, again;
    enum at_status status = outputs_init(&got, p, 0xa5), second = outputs_init(&again, p, 0x5a);
    if (status || second)
        return at_fail(error, AT_ERR_MEMORY, "no memory for the outputs");
    if (pulse)
        at_pulse_beat(pulse, 0, 1);
    status = at_kernel_attend(kernel, gpu, o, &got, error);
    if (!status)
        status = at_kernel_attend(kernel, gpu, o, &again, error);
    if (!status && !same(&got, &again, p))
        status = at_fail(error, AT_ERR_DEVICE, "two runs of the kernel differ");
    for (int64_t i = 0; i < p->batch * p->heads_q && !status; i++) {
        status = compare_head(o, &got, i / p->heads_q, i % p->heads_q, counts, error);
        if (pulse)
            at_pulse_beat(pulse, (double)i, 1);
    }
    outputs_done(&got);
    outputs_done(&again);
    return status;
}

static enum at_status run_job(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct job *job = argument;
    struct counts *counts = answer;
    const struct at_kernel *kernel;
    struct at_operands operands;
    struct at_gpu *gpu = NULL;
    enum at_status status = problem_make(*job, &operands, counts->what, error);
    if (!status)
        status = at_kernel_choose(&operands.numerics, &operands.problem, &kernel, error);
    if (!status)
        status = at_gpu_open(0, kernel->image, &gpu, error);
    if (!status)
        status = compare(gpu, kernel, &operands, pulse, counts, error);
    at_gpu_close(gpu);
    return status;
}

/* One problem of each kernel: what a family's config.h lists, spelled. */
static enum at_status reach_one(struct at_gpu *gpu, const char *spelled, const struct at_problem *p, struct counts *counts,
                                struct at_error *error)
{
    const struct at_kernel *kernel;
    struct at_variant_choice choice;
    struct at_numerics n;
    struct at_qkv qkv = {.q = {.codes = NULL}};
    struct at_operands operands = {.lse_shift = NULL};
    enum at_status status = at_variant_choose(spelled, &choice, error);
    if (!status)
        status = at_numerics_resolve(&choice.numerics, p, &n, error);
    if (!status)
        status = at_kernel_choose(&n, p, &kernel, error);
    if (!status)
        status = at_gpu_load(gpu, kernel->image, error);
    if (!status)
        status = problem_inputs(SUBNORMALS, p, (struct job){.seed = 1}, &qkv, error);
    if (!status)
        status = at_prepare(p, &n, &qkv, &operands, error);
    if (!status)
        status = compare(gpu, kernel, &operands, NULL, counts, error);
    at_operands_done(&operands);
    at_qkv_done(&qkv);
    return status;
}

/* Where there is no GPU or no image the program is skipped; a GPU that does not work fails it. Returns the exit code. */
static int say_no_gpu(enum at_status status, const struct at_error *error)
{
    bool skip = status == AT_ERR_NOT_FOUND || status == AT_ERR_UNSUPPORTED;
    printf(skip ? "1..0 # SKIP %s\n" : "Bail out! %s\n", error->message);
    return !skip;
}

static int reach(int64_t rows, int64_t keys)
{
    static const char *const spelled[] = {"fp16",
                                          "bf16",
                                          "fp16:tile=192x128",
                                          "bf16:tile=192x128",
                                          "fp16:tile=128x128",
                                          "fp8",
                                          "fp8:tile=192x96",
                                          "fp8:tile=192x128",
                                          "fp8-two-level",
                                          "fp8:promote=128",
                                          "fp8-block128",
                                          "fp8-e5m2",
                                          "fp8:k.format=e5m2,k.storage=e5m2,v.format=e5m2,v.storage=e5m2"};
    struct at_error error = {""};
    struct at_gpu *gpu = NULL;
    enum at_status status = at_gpu_open(0, at_kernels[0]->image, &gpu, &error);
    int number = 0, failed = 0;
    if (status)
        return say_no_gpu(status, &error);
    for (size_t i = 0; i < sizeof spelled / sizeof spelled[0]; i++)
        for (int dim = 64; dim <= 256; dim *= 2)
            for (int causal = 0; causal < 2; causal++) {
                struct at_problem p = {.batch = 2, .heads_q = 2, .heads_kv = 1, .seq_q = rows, .seq_k = keys, .dim = dim, .causal = causal};
                struct counts counts = {0};
                status = reach_one(gpu, spelled[i], &p, &counts, &error);
                if (status == AT_ERR_UNSUPPORTED) /* not every tile is there for every dimension and mask */
                    continue;
                bool good = !status && counts.differing == 0 && counts.differing_rows == 0 && counts.outputs > 0;
                printf("%s %d - %s, d %d, %s: %" PRId64 " of %" PRId64 " outputs differ%s%s\n", good ? "ok" : "not ok", ++number,
                       spelled[i], dim, causal ? "causal" : "not causal", counts.differing, counts.outputs, status ? ": " : "",
                       status ? error.message : "");
                failed += !good;
            }
    printf("1..%d\n", number);
    at_gpu_close(gpu);
    return failed || number < 40;
}

/* Outputs of the (batch, head) pairs from `first` on. */
static enum at_status fetch_pairs(struct at_gpu *gpu, const struct at_device_outputs *from, const struct at_problem *pairs, int64_t first,
                                  const struct at_kernel_outputs *to, struct at_error *error)
{
    size_t rows = bytes_of_rows(pairs), o = rows / sizeof(float) * (size_t)pairs->dim * 2, times = (size_t)(first / pairs->heads_q);
    enum at_status status = at_gpu_copy_out(gpu, to->o, from->o + times * o, o, error);
    if (!status)
        status = at_gpu_copy_out(gpu, to->row_max, from->row_max + times * rows, rows, error);
    if (!status)
        status = at_gpu_copy_out(gpu, to->row_sum, from->row_sum + times * rows, rows, error);
    return status ? status : at_gpu_copy_out(gpu, to->lse, from->lse + times * rows, rows, error);
}

/* The outputs of all pairs against those of the last ones, and these against the twin. */
static enum at_status compare_large(struct at_gpu *gpu, const struct at_operands *o, const struct at_device_outputs *outputs,
                                    const struct at_problem *all, struct counts *counts, struct at_error *error)
{
    const struct at_problem *p = &o->problem;
    struct at_kernel_outputs last, other;
    enum at_status status = outputs_init(&last, p, 0xa5), second = outputs_init(&other, p, 0x5a);
    if (status || second)
        return at_fail(error, AT_ERR_MEMORY, "no memory for the outputs");
    int64_t pairs = all->batch * all->heads_q;
    status = fetch_pairs(gpu, outputs, p, pairs - p->heads_q, &last, error);
    for (int64_t h = 0; h < p->heads_q && !status; h++)
        status = compare_head(o, &last, 0, h, counts, error);
    for (int64_t first = 0; first < pairs && !status; first += p->heads_q) {
        status = fetch_pairs(gpu, outputs, p, first, &other, error);
        if (!status && !same(&other, &last, p))
            status =
                at_fail(error, AT_ERR_DEVICE, "pairs %" PRId64 " and %" PRId64 " of the same operands differ", first, pairs - p->heads_q);
    }
    outputs_done(&last);
    outputs_done(&other);
    return status;
}

static enum at_status large_one(struct at_gpu *gpu, const char *spelled, bool causal, const struct at_problem *all, struct counts *counts,
                                struct at_error *error)
{
    const struct at_kernel *kernel;
    struct at_variant_choice choice;
    struct at_numerics n;
    struct at_problem few = *all;
    struct at_qkv qkv = {.q = {.codes = NULL}};
    struct at_operands host = {.lse_shift = NULL};
    struct at_device_operands operands = {.gpu = NULL};
    struct at_device_outputs outputs = {.gpu = NULL};
    few.batch = 1;
    few.heads_q = few.heads_kv = 2;
    enum at_status status = at_variant_choose(spelled, &choice, error);
    if (!status)
        status = at_numerics_resolve(&choice.numerics, all, &n, error);
    if (!status)
        status = at_kernel_choose(&n, all, &kernel, error);
    if (!status)
        status = at_gpu_load(gpu, kernel->image, error);
    if (!status)
        status = problem_inputs(SUBNORMALS, &few, (struct job){.seed = (uint64_t)causal + 1}, &qkv, error);
    if (!status)
        status = at_prepare(&few, &n, &qkv, &host, error);
    if (!status)
        status = at_device_operands_init(gpu, all, &n, &operands, error);
    struct at_device_operands first = operands;
    first.problem = few;
    if (!status)
        status = at_device_operands_upload(&first, &host, error);
    if (!status)
        status = at_device_operands_repeat(&operands, few.heads_kv, error);
    if (!status)
        status = at_device_outputs_init(gpu, all, &n, &outputs, error);
    if (!status)
        status = kernel->start(&operands, &outputs, error);
    if (!status)
        status = at_gpu_wait(gpu, error);
    if (!status)
        status = compare_large(gpu, &host, &outputs, all, counts, error);
    at_device_outputs_done(&outputs);
    at_device_operands_done(&operands);
    at_operands_done(&host);
    at_qkv_done(&qkv);
    return status;
}

static int large(void)
{
    static const char *const spelled[] = {"fp16", "fp8", "fp8-block128"};
    const int variants = sizeof spelled / sizeof spelled[0];
    struct at_error error = {""};
    struct at_gpu *gpu = NULL;
    enum at_status status = at_gpu_open(0, at_kernels[0]->image, &gpu, &error);
    int failed = 0;
    if (status)
        return say_no_gpu(status, &error);
    printf("1..%d\n", 2 * variants);
    for (int i = 0; i < 2 * variants; i++) {
        const bool causal = i % 2;
        const struct at_problem all = {
            .batch = 41, .heads_q = 100, .heads_kv = 100, .seq_q = 4096, .seq_k = 4096, .dim = 128, .causal = causal};
        struct counts counts = {0};
        status = large_one(gpu, spelled[i / 2], causal, &all, &counts, &error);
        bool good = !status && counts.differing == 0 && counts.differing_rows == 0 && counts.outputs > 0;
        printf("%s %d - %s%s, %" PRId64 " elements: %" PRId64 " of %" PRId64 " outputs differ%s%s\n", good ? "ok" : "not ok", i + 1,
               spelled[i / 2], causal ? ", causal" : "", all.batch * all.heads_q * all.seq_q * all.dim, counts.differing, counts.outputs,
               status ? ": " : "", status ? error.message : "");
        failed += !good;
    }
    at_gpu_close(gpu);
    return failed;
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
    if (argc > 1 && strcmp(argv[1], "reach") == 0)
        return reach(argc > 2 ? atoll(argv[2]) : 200, argc > 3 ? atoll(argv[3]) : 300);
    if (argc > 1 && strcmp(argv[1], "large") == 0)
        return large();
    struct at_guard guard = {.what = "attention", .remedy = "look at nvidia-smi", .limit_s = 120};
    struct at_error error = {""};
    struct counts all = {0};
    char none[1];
    int64_t cases = argc > 1 ? atoll(argv[1]) : 72;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    int64_t rows = argc > 3 ? atoll(argv[3]) : 900, keys = argc > 4 ? atoll(argv[4]) : 1200, heads = argc > 5 ? atoll(argv[5]) : 9;
    enum at_status status = at_guard_run(&guard, open_image, NULL, none, 0, &error);
    if (status)
        return say_no_gpu(status, &error);
    printf("1..%" PRId64 "\n", cases);
    bool failed = cases < 1;
    for (int64_t i = 0; i < cases; i++) {
        struct job job = {seed, i, rows, keys, heads};
        struct counts counts = {0};
        status = at_guard_run(&guard, run_job, &job, &counts, sizeof counts, &error);
        bool good = !status && counts.differing == 0 && counts.differing_rows == 0 && counts.outputs > 0;
        printf("%s %" PRId64 " - %s: %" PRId64 " of %" PRId64 " outputs, %" PRId64 " of %" PRId64
               " maxima, sums and log-sum-exps differ%s%s%s\n",
               good ? "ok" : "not ok", i + 1, counts.what, counts.differing, counts.outputs, counts.differing_rows, counts.rows,
               counts.first, status ? ": " : "", status ? error.message : "");
        fflush(stdout);
        failed = failed || !good;
        all.outputs += counts.outputs;
        all.differing += counts.differing;
    }
    printf("# %" PRId64 " of %" PRId64 " outputs differ\n", all.differing, all.outputs);
    return failed;
}
