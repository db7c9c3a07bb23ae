/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench_ceiling.h"

#include "kernels/common/repeat.h"
#include "study/bench_time.h"

const char *const at_ceiling_names[AT_CEILING_COUNT] = {
    [AT_CEILING_BF16] = "bf16 product", [AT_CEILING_E4M3] = "e4m3 product", [AT_CEILING_COPY] = "copy"};

static const enum at_format formats[AT_CEILING_COPY] = {[AT_CEILING_BF16] = AT_BF16, [AT_CEILING_E4M3] = AT_E4M3};

double at_bench_ceiling_work(const struct at_bench_request *request, enum at_ceiling ceiling)
{
    double n = (double)request->product;
    return ceiling == AT_CEILING_COPY ? 2 * (double)request->copy_bytes : 2 * n * n * n;
}

/* Normal deviates: what a GPU can do depends on the bits that it moves. */
static enum at_status make_data(const struct at_bench_request *request, enum at_format format, struct at_qkv *ret_data,
                                struct at_error *error)
{
    const struct at_problem block = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 4096, .seq_k = 4096, .dim = 256};
    struct at_distribution_choice normal;
    enum at_status status = at_distribution_choose("normal", &normal, error);
    return status ? status : at_distribution_generate(&normal, &block, format, request->seed, ret_data, error);
}

static size_t bytes_of(const struct at_tensor *tensor)
{
    return (size_t)at_tensor_count(tensor) * at_format_size(tensor->format);
}

static enum at_status open_product(struct at_gpu *gpu, const struct at_bench_request *request, enum at_ceiling ceiling,
                                   struct at_matmul **ret_product, struct at_error *error)
{
    struct at_qkv data = {.q = {.codes = NULL}};
    enum at_status status = make_data(request, formats[ceiling], &data, error);
    if (!status)
        status = at_matmul_open(gpu, formats[ceiling], request->product, data.q.codes, data.k.codes, bytes_of(&data.q), ret_product, error);
    at_qkv_done(&data);
    return status;
}

static enum at_status open_copy(struct at_bench_ceilings *c, const struct at_bench_request *request, struct at_error *error)
{
    struct at_qkv data = {.q = {.codes = NULL}};
    enum at_status status = make_data(request, AT_FP16, &data, error);
    size_t first = status ? 0 : bytes_of(&data.q);
    first = first < c->copy_bytes ? first : c->copy_bytes;
    if (!status)
        status = at_gpu_alloc(c->gpu, c->copy_bytes, &c->from, error);
    if (!status)
        status = at_gpu_alloc(c->gpu, c->copy_bytes, &c->to, error);
    if (!status)
        status = at_gpu_copy_in(c->gpu, c->from, data.q.codes, first, error);
    at_qkv_done(&data);
    return status ? status : at_gpu_repeat(c->gpu, c->from, first, c->copy_bytes, error);
}

void at_bench_ceilings_done(struct at_bench_ceilings *c)
{
    for (int i = 0; i < AT_CEILING_COPY; i++)
        c->product[i] = at_matmul_close(c->product[i]);
    if (c->gpu) {
        at_gpu_free(c->gpu, c->from);
        at_gpu_free(c->gpu, c->to);
    }
    *c = (struct at_bench_ceilings){.gpu = NULL};
}

enum at_status at_bench_ceilings_init(struct at_gpu *gpu, const struct at_bench_request *request, struct at_bench_ceilings *ret_ceilings,
                                      size_t *ret_blas_version, struct at_error *ret_no_product, struct at_error *error)
{
    struct at_bench_ceilings *c = ret_ceilings;
    *c = (struct at_bench_ceilings){.gpu = gpu, .copy_bytes = request->copy_bytes};
    enum at_status status = AT_OK;
    for (int i = 0; i < AT_CEILING_COPY && !status; i++)
        status = open_product(gpu, request, (enum at_ceiling)i, &c->product[i], ret_no_product);
    if (!status)
        *ret_blas_version = at_matmul_version(c->product[0]);
    for (int i = 0; i < AT_CEILING_COPY && status; i++) /* all or none: shares of one table have one meaning */
        c->product[i] = at_matmul_close(c->product[i]);
    return open_copy(c, request, error);
}

static enum at_status start_product(void *product, struct at_error *error)
{
    return at_matmul_start(product, error);
}

static enum at_status start_copy(void *context, struct at_error *error)
{
    const struct at_bench_ceilings *c = context;
    return at_gpu_copy(c->gpu, c->to, c->from, c->copy_bytes, error);
}

enum at_status at_bench_ceilings_time(struct at_bench_ceilings *c, const struct at_bench_pace *pace, struct at_bench_round *ret_round,
                                      struct at_error *error)
{
    struct at_bench_round round;
    enum at_status status = AT_OK;
    for (int i = 0; i < AT_CEILING_COPY && !status; i++) {
        round.time[i] = at_bench_no_time();
        if (c->product[i])
            status = at_bench_measure_time(c->gpu, start_product, c->product[i], pace, &round.time[i], error);
    }
    if (!status)
        status = at_bench_measure_time(c->gpu, start_copy, c, pace, &round.time[AT_CEILING_COPY], error);
    if (!status)
        *ret_round = round;
    return status;
}
