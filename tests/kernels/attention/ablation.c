/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * ablation [REPEATS]: what each part of the forward kernels' schedule gives on this machine's GPU, as FlashAttention-3's paper (arXiv
 * 2407.08608, table 2) asks it: without turns of the consumers (its ping-pong), without them but with a late wait for P V, without overlap
 * inside a warpgroup, without a producer warpgroup. TFLOP/s, median, 16384 rows and keys, 16 heads, d = 128, 128 x 128 tiles. The
 * variations take turns, so that the GPU's heat is shared. A benchmark: exit code 2 where there is no Hopper GPU.
 */
#include "ablation.h"

#include "core/random.h"
#include "kernels/attention/forward/forward.h"
#include "kernels/prepare/prepare.h"
#include "kernels/variants/variant.h"

#include <stdio.h>
#include <stdlib.h>

enum { LENGTH = 16384, HEADS = 16, DIM = 128 };
enum part { WHOLE, NO_TURNS, LATE, NO_OVERLAP, NO_PRODUCER, PARTS };
static const char *const suffixes[PARTS] = {
    [WHOLE] = "_whole", [NO_TURNS] = "_no_turns", [LATE] = "_late", [NO_OVERLAP] = "_no_overlap", [NO_PRODUCER] = "_no_producer"};

struct work {
    struct at_forward_family family;
    const struct at_device_operands *operands;
    const struct at_device_outputs *outputs;
};

static enum at_status enqueue(void *context, struct at_error *error)
{
    const struct work *w = context;
    return at_forward_start(&w->family, w->operands, w->outputs, error);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static enum at_status place(struct at_gpu *gpu, const char *spelled, const struct at_problem *p, struct at_device_operands *ret_operands,
                            struct at_error *error)
{
    struct at_variant_choice choice;
    struct at_numerics n;
    struct at_qkv qkv;
    struct at_operands host;
    enum at_status status = at_variant_choose(spelled, &choice, error);
    if (!status)
        status = at_numerics_resolve(&choice.numerics, p, &n, error);
    if (!status)
        status = at_qkv_init(&qkv, AT_FP16, p, error);
    if (status)
        return status;
    struct at_tensor *tensors[] = {&qkv.q, &qkv.k, &qkv.v};
    for (int t = 0; t < 3; t++) {
        const struct at_random key = {1, (uint64_t)t};
#pragma omp parallel for schedule(static)
        for (int64_t i = 0; i < at_tensor_count(tensors[t]); i++)
            ((uint16_t *)tensors[t]->codes)[i] = (uint16_t)at_encode(AT_FP16, (float)at_random_normal(key, (uint64_t)i), AT_OVERFLOW_IEEE);
    }
    status = at_prepare(p, &n, &qkv, &host, error);
    at_qkv_done(&qkv);
    if (status)
        return status;
    status = at_device_operands_init(gpu, p, &n, ret_operands, error);
    if (!status)
        status = at_device_operands_upload(ret_operands, &host, error);
    at_operands_done(&host);
    return status;
}

/* The medians of each part's `repeats` launches, one of each part in turn; the first of each warms up. */
static enum at_status measure(struct at_gpu *gpu, struct work work[PARTS], int repeats, double ret_median_ns[PARTS], struct at_error *error)
{
    double *time_ns = malloc((size_t)repeats * PARTS * sizeof *time_ns), unused;
    enum at_status status = time_ns ? AT_OK : at_fail(error, AT_ERR_MEMORY, "ablation: no memory for %d times", repeats * PARTS);
    for (int i = -1; i < repeats && !status; i++)
        for (int part = 0; part < PARTS && !status; part++)
            status = at_gpu_time(gpu, enqueue, &work[part], 1, i < 0 ? &unused : &time_ns[part * repeats + i], error);
    for (int part = 0; part < PARTS && !status; part++) {
        qsort(time_ns + part * repeats, (size_t)repeats, sizeof *time_ns, ascending);
        ret_median_ns[part] = time_ns[part * repeats + repeats / 2];
    }
    free(time_ns);
    return status;
}

static enum at_status ablate(struct at_gpu *gpu, const char *spelled, bool causal, int repeats, struct at_error *error)
{
    const struct at_problem p = {
        .batch = 1, .heads_q = HEADS, .heads_kv = HEADS, .seq_q = LENGTH, .seq_k = LENGTH, .dim = DIM, .causal = causal};
    struct at_device_operands operands = {.gpu = NULL};
    struct at_device_outputs outputs = {.gpu = NULL};
    struct work work[PARTS];
    double median_ns[PARTS];
    enum at_status status = place(gpu, spelled, &p, &operands, error);
    if (!status)
        status = at_device_outputs_init(gpu, &p, &operands.numerics, &outputs, error);
    const bool eight = at_formats[operands.numerics.q.format].bits == 8;
    const struct at_forward_tile tile = {DIM, 128, 128, eight ? 3 : 2, AT_FORWARD_none, causal ? AT_FORWARD_causal : AT_FORWARD_full};
    for (int part = 0; part < PARTS; part++)
        work[part] = (struct work){
            {"ablation", &ablation_image, &tile, 1, eight ? AT_BF16 : AT_FP32, suffixes[part], part == NO_PRODUCER}, &operands, &outputs};
    if (!status)
        status = measure(gpu, work, repeats, median_ns, error);
    for (int part = 0; part < PARTS && !status; part++)
        printf("%-16s %-10s %-13s %6.0f TFLOP/s\n", spelled, causal ? "causal" : "full", suffixes[part] + 1,
               4.0 * HEADS * (double)LENGTH * LENGTH * DIM * (causal ? 0.5 : 1) / median_ns[part] * 1e-3);
    at_device_outputs_done(&outputs);
    at_device_operands_done(&operands);
    return status;
}

int main(int argc, char **argv)
{
    static const char *const spelled[] = {"fp16:tile=128x128", "fp8:tile=128x128"};
    struct at_gpu *gpu = NULL;
    struct at_error error = {""};
    int repeats = argc > 1 ? atoi(argv[1]) : 20;
    enum at_status status =
        repeats < 1 ? at_fail(&error, AT_ERR_ARGUMENT, "ablation: REPEATS is at least 1") : at_gpu_open(0, &ablation_image, &gpu, &error);
    for (int i = 0; i < 4 && !status; i++)
        status = ablate(gpu, spelled[i / 2], i % 2, repeats, &error);
    if (status)
        fprintf(stderr, "%s\n", error.message);
    at_gpu_close(gpu);
    return status ? 2 : 0;
}
