/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/device.h"

#include "kernels/common/repeat.h"

#include <stdlib.h>
#include <string.h>

int64_t at_device_v_columns(const struct at_problem *problem)
{
    return (problem->seq_k + AT_DEVICE_V_STEP - 1) / AT_DEVICE_V_STEP * AT_DEVICE_V_STEP;
}

/* The key of a group of 32 that lies at `place`. */
static int64_t key_at(int64_t place)
{
    return (place & 16) | (place & 2) << 2 | (place & 12) >> 1 | (place & 1);
}

void at_device_turn_v(const struct at_tensor *v, void *ret_codes)
{
    const struct at_problem p = {.seq_k = v->seq};
    int64_t columns = at_device_v_columns(&p);
#pragma omp parallel for schedule(static)
    for (int64_t head = 0; head < v->batch * v->heads; head++) {
        const uint8_t *from = (const uint8_t *)v->codes + head * v->seq * v->dim;
        uint8_t *to = (uint8_t *)ret_codes + head * v->dim * columns;
        for (int64_t place = 0; place < columns; place++) {
            int64_t key = place / AT_DEVICE_V_GROUP * AT_DEVICE_V_GROUP + key_at(place % AT_DEVICE_V_GROUP);
            for (int64_t c = 0; c < v->dim; c++)
                to[c * columns + place] = key < v->seq ? from[key * v->dim + c] : 0;
        }
    }
}

void at_device_turn_v_back(const void *codes, struct at_tensor *v)
{
    const struct at_problem p = {.seq_k = v->seq};
    int64_t columns = at_device_v_columns(&p);
#pragma omp parallel for schedule(static)
    for (int64_t head = 0; head < v->batch * v->heads; head++) {
        const uint8_t *from = (const uint8_t *)codes + head * v->dim * columns;
        uint8_t *to = (uint8_t *)v->codes + head * v->seq * v->dim;
        for (int64_t place = 0; place < columns; place++) {
            int64_t key = place / AT_DEVICE_V_GROUP * AT_DEVICE_V_GROUP + key_at(place % AT_DEVICE_V_GROUP);
            for (int64_t c = 0; c < v->dim && key < v->seq; c++)
                to[key * v->dim + c] = from[c * columns + place];
        }
    }
}

/* Bytes of each array of an operand; 0 where it has none. */
struct sizes {
    size_t codes, scale, mean;
};

static struct sizes sizes_of(const struct at_operand_numerics *n, int64_t batch, int64_t heads, int64_t seq, int64_t dim,
                             int64_t rows_of_mean, int64_t columns)
{
    size_t all = (size_t)(batch * heads);
    return (struct sizes){
        .codes = all * (size_t)(columns ? columns : seq) * (size_t)dim * at_format_size(n->format),
        .scale = n->scale == AT_SCALE_NONE ? 0 : all * (size_t)at_scale_groups(n->scale, seq, dim) * sizeof(float),
        .mean = n->smooth ? all * (size_t)((seq + rows_of_mean - 1) / rows_of_mean * dim) * sizeof(float) : 0,
    };
}

static void sizes_of_all(const struct at_problem *p, const struct at_numerics *n, struct sizes ret_sizes[3])
{
    bool turned = at_formats[n->v.format].bits == 8;
    ret_sizes[0] = sizes_of(&n->q, p->batch, p->heads_q, p->seq_q, p->dim, AT_Q_MEAN_ROWS, 0);
    ret_sizes[1] = sizes_of(&n->k, p->batch, p->heads_kv, p->seq_k, p->dim, p->seq_k, 0);
    ret_sizes[2] = sizes_of(&n->v, p->batch, p->heads_kv, p->seq_k, p->dim, p->seq_k, turned ? at_device_v_columns(p) : 0);
}

static enum at_status alloc(struct at_gpu *gpu, size_t bytes, uint64_t *ret_address, struct at_error *error)
{
    return bytes ? at_gpu_alloc(gpu, bytes, ret_address, error) : AT_OK;
}

static size_t bytes_of_rows(const struct at_problem *p)
{
    return (size_t)(p->batch * p->heads_q * p->seq_q) * sizeof(float);
}

void at_device_operands_done(struct at_device_operands *o)
{
    const struct at_device_operand *operands[3] = {&o->q, &o->k, &o->v};
    for (int i = 0; i < 3 && o->gpu; i++) {
        at_gpu_free(o->gpu, operands[i]->codes);
        at_gpu_free(o->gpu, operands[i]->scale);
        at_gpu_free(o->gpu, operands[i]->mean);
    }
    if (o->gpu)
        at_gpu_free(o->gpu, o->lse_shift);
    *o = (struct at_device_operands){.gpu = NULL};
}

enum at_status at_device_operands_init(struct at_gpu *gpu, const struct at_problem *problem, const struct at_numerics *numerics,
                                       struct at_device_operands *ret_operands, struct at_error *error)
{
    struct at_device_operands o = {.gpu = gpu, .problem = *problem, .numerics = *numerics};
    struct at_device_operand *operands[3] = {&o.q, &o.k, &o.v};
    struct sizes sizes[3];
    enum at_status status = AT_OK;
    sizes_of_all(problem, numerics, sizes);
    for (int i = 0; i < 3 && !status; i++) {
        status = alloc(gpu, sizes[i].codes, &operands[i]->codes, error);
        if (!status)
            status = alloc(gpu, sizes[i].scale, &operands[i]->scale, error);
        if (!status)
            status = alloc(gpu, sizes[i].mean, &operands[i]->mean, error);
    }
    if (!status && numerics->k.smooth)
        status = alloc(gpu, bytes_of_rows(problem), &o.lse_shift, error);
    if (status)
        at_device_operands_done(&o);
    else
        *ret_operands = o;
    return status;
}

size_t at_device_operands_bytes(const struct at_problem *problem, const struct at_numerics *numerics)
{
    struct sizes sizes[3];
    size_t bytes = numerics->k.smooth ? bytes_of_rows(problem) : 0;
    sizes_of_all(problem, numerics, sizes);
    for (int i = 0; i < 3; i++)
        bytes += sizes[i].codes + sizes[i].scale + sizes[i].mean;
    return bytes;
}

static enum at_status repeat(const struct at_device_operands *device, uint64_t address, size_t part, size_t whole, struct at_error *error)
{
    return address ? at_gpu_repeat(device->gpu, address, part, whole, error) : AT_OK;
}

enum at_status at_device_operands_repeat(const struct at_device_operands *device, int64_t pairs, struct at_error *error)
{
    const struct at_device_operand *operands[3] = {&device->q, &device->k, &device->v};
    struct at_problem first = device->problem;
    struct sizes part[3], whole[3];
    enum at_status status = AT_OK;
    first.batch = 1;
    first.heads_kv = pairs;
    first.heads_q = pairs * at_problem_group(&device->problem);
    sizes_of_all(&first, &device->numerics, part);
    sizes_of_all(&device->problem, &device->numerics, whole);
    for (int i = 0; i < 3 && !status; i++) {
        status = repeat(device, operands[i]->codes, part[i].codes, whole[i].codes, error);
        if (!status)
            status = repeat(device, operands[i]->scale, part[i].scale, whole[i].scale, error);
        if (!status)
            status = repeat(device, operands[i]->mean, part[i].mean, whole[i].mean, error);
    }
    return status ? status : repeat(device, device->lse_shift, bytes_of_rows(&first), bytes_of_rows(&device->problem), error);
}

static enum at_status copy_in(struct at_gpu *gpu, uint64_t to, const void *from, size_t bytes, struct at_error *error)
{
    return to ? at_gpu_copy_in(gpu, to, from, bytes, error) : AT_OK;
}

static enum at_status upload_turned(const struct at_device_operands *device, const struct at_tensor *v, size_t bytes,
                                    struct at_error *error)
{
    void *turned = malloc(bytes);
    if (!turned)
        return at_fail(error, AT_ERR_MEMORY, "no memory for V in the GPU's order, %.1f MiB", (double)bytes / 0x1p20);
    at_device_turn_v(v, turned);
    enum at_status status = at_gpu_copy_in(device->gpu, device->v.codes, turned, bytes, error);
    free(turned);
    return status;
}

enum at_status at_device_operands_upload(const struct at_device_operands *device, const struct at_operands *host, struct at_error *error)
{
    const struct at_device_operand *to[3] = {&device->q, &device->k, &device->v};
    const struct at_operand *from[3] = {&host->q, &host->k, &host->v};
    struct at_gpu *gpu = device->gpu;
    struct sizes sizes[3];
    enum at_status status = AT_OK;
    sizes_of_all(&device->problem, &device->numerics, sizes);
    for (int i = 0; i < 3 && !status; i++) {
        if (i == 2 && at_formats[device->numerics.v.format].bits == 8)
            status = upload_turned(device, &from[i]->codes, sizes[i].codes, error);
        else
            status = at_gpu_copy_in(gpu, to[i]->codes, from[i]->codes.codes, sizes[i].codes, error);
        if (!status)
            status = copy_in(gpu, to[i]->scale, from[i]->scale.value, sizes[i].scale, error);
        if (!status)
            status = copy_in(gpu, to[i]->mean, from[i]->mean, sizes[i].mean, error);
    }
    return status ? status : copy_in(gpu, device->lse_shift, host->lse_shift, bytes_of_rows(&device->problem), error);
}

void at_device_outputs_done(struct at_device_outputs *o)
{
    const uint64_t addresses[] = {o->o, o->row_max, o->row_sum, o->lse, o->work};
    for (size_t i = 0; o->gpu && i < sizeof addresses / sizeof addresses[0]; i++)
        at_gpu_free(o->gpu, addresses[i]);
    *o = (struct at_device_outputs){.gpu = NULL};
}

enum at_status at_device_outputs_init(struct at_gpu *gpu, const struct at_problem *problem, const struct at_numerics *numerics,
                                      struct at_device_outputs *ret_outputs, struct at_error *error)
{
    struct at_device_outputs o = {.gpu = gpu};
    size_t rows = bytes_of_rows(problem), elements = rows / sizeof(float) * (size_t)problem->dim;
    enum at_status status = at_gpu_alloc(gpu, elements * at_format_size(numerics->output), &o.o, error);
    if (!status)
        status = at_gpu_alloc(gpu, rows, &o.row_max, error);
    if (!status)
        status = at_gpu_alloc(gpu, rows, &o.row_sum, error);
    if (!status)
        status = at_gpu_alloc(gpu, rows, &o.lse, error);
    if (!status)
        status = at_gpu_alloc(gpu, AT_DEVICE_WORK_BYTES, &o.work, error);
    if (!status)
        status = at_gpu_fill(gpu, o.work, 0, AT_DEVICE_WORK_BYTES, error);
    const struct {
        uint64_t address;
        size_t bytes;
    } outputs[] = {{o.o, elements * at_format_size(numerics->output)}, {o.row_max, rows}, {o.row_sum, rows}, {o.lse, rows}};
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0] && !status; i++)
        status = at_gpu_fill(gpu, outputs[i].address, 0xff, outputs[i].bytes, error);
    if (status)
        at_device_outputs_done(&o);
    else
        *ret_outputs = o;
    return status;
}
