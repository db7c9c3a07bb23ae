/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/on_gpu.h"

#include "study/machine.h"

#include <stdlib.h>

/* Rows from the `first` of those looked at on that follow each other on the GPU too. */
static int64_t neighbours(const struct at_rows *rows, int64_t first)
{
    int64_t count = 1;
    while (first + count < rows->count && rows->index[first + count] == rows->index[first] + count)
        count++;
    return count;
}

static enum at_status collect_o(const struct at_gpu_work *work, const struct at_device_outputs *made, struct at_error *error)
{
    const struct at_problem *p = &work->operands.problem;
    const struct at_gpu_rows *out = &work->out;
    enum at_format format = work->operands.numerics.output;
    size_t size = at_format_size(format) * (size_t)p->dim;
    void *codes = malloc((size_t)out->rows * size);
    enum at_status status =
        codes ? AT_OK : at_fail(error, AT_ERR_MEMORY, "no memory for %lld rows of a GPU's outputs", (long long)out->rows);
    for (int64_t head = 0; head < out->heads && !status; head++)
        for (int64_t i = 0, count; i < out->rows && !status; i += count) {
            count = neighbours(&work->rows, i);
            uint64_t from = made->o + (uint64_t)(head * p->seq_q + work->rows.index[i]) * size;
            status = at_gpu_copy_out(made->gpu, codes, from, (size_t)count * size, error);
            if (!status)
                at_decode_array(format, codes, (size_t)(count * p->dim), out->o + (head * out->rows + i) * p->dim);
        }
    free(codes);
    return status;
}

/* Of every row one number: all of a head arrive at once. */
static enum at_status collect_rows(const struct at_gpu_work *work, struct at_gpu *gpu, uint64_t from, float *ret_rows,
                                   struct at_error *error)
{
    const struct at_gpu_rows *out = &work->out;
    size_t size = (size_t)work->operands.problem.seq_q * sizeof(float);
    float *all = malloc(size);
    enum at_status status = all ? AT_OK : at_fail(error, AT_ERR_MEMORY, "no memory for one head of a GPU's outputs");
    for (int64_t head = 0; head < out->heads && !status; head++) {
        status = at_gpu_copy_out(gpu, all, from + (uint64_t)head * size, size, error);
        for (int64_t i = 0; i < out->rows && !status; i++)
            ret_rows[head * out->rows + i] = all[work->rows.index[i]];
    }
    free(all);
    return status;
}

/* Bytes of Q, K, V and the outputs, which are nearly all that lies on the GPU. */
static double bytes_needed(const struct at_operands *o)
{
    const struct at_problem *p = &o->problem;
    double q_rows = (double)p->batch * (double)p->heads_q * (double)p->seq_q,
           k_rows = (double)p->batch * (double)p->heads_kv * (double)p->seq_k;
    double q = (double)(at_format_size(o->numerics.q.format) + at_format_size(o->numerics.output));
    double k = (double)(at_format_size(o->numerics.k.format) + at_format_size(o->numerics.v.format));
    return (double)p->dim * (q_rows * q + k_rows * k) + q_rows * 3 * sizeof(float);
}

static enum at_status tell_needed(const struct at_gpu_work *work, const struct at_gpu *gpu, struct at_error *error)
{
    const struct at_error reason = *error;
    return at_fail(error, AT_ERR_MEMORY, "%.600s, or look at fewer heads or keys: operands and outputs need %.1f MiB, the GPU has %.1f MiB",
                   reason.message, bytes_needed(&work->operands) / 0x1p20, (double)at_gpu_facts(gpu)->memory_bytes / 0x1p20);
}

/* What lies on the GPU for one task. */
struct placed {
    struct at_device_operands operands;
    struct at_device_outputs outputs;
};

/* Copies the operands to where the kernel reads them. A GPU that prepares by itself would fill them there; their bits are the same. */
static enum at_status place(const struct at_gpu_work *work, struct at_gpu *gpu, struct placed *placed, struct at_error *error)
{
    const struct at_operands *o = &work->operands;
    enum at_status status = at_device_operands_init(gpu, &o->problem, &o->numerics, &placed->operands, error);
    if (!status)
        status = at_device_operands_upload(&placed->operands, o, error);
    if (!status)
        status = at_device_outputs_init(gpu, &o->problem, &o->numerics, &placed->outputs, error);
    if (status == AT_ERR_MEMORY)
        status = tell_needed(work, gpu, error);
    return status ? status : at_gpu_wait(gpu, error);
}

static enum at_status launch(const struct at_gpu_work *work, struct at_gpu *gpu, const struct placed *placed, struct at_error *error)
{
    int64_t start = at_machine_time_ns();
    enum at_status status = work->kernel->start(&placed->operands, &placed->outputs, error);
    if (!status)
        status = at_gpu_wait(gpu, error);
    *work->time_ns = at_machine_time_ns() - start;
    return status;
}

static enum at_status collect(const struct at_gpu_work *work, struct at_gpu *gpu, const struct placed *placed, struct at_error *error)
{
    const struct at_device_outputs *made = &placed->outputs;
    enum at_status status = collect_o(work, made, error);
    if (!status)
        status = collect_rows(work, gpu, made->row_max, work->out.row_max, error);
    if (!status)
        status = collect_rows(work, gpu, made->row_sum, work->out.row_sum, error);
    return status ? status : collect_rows(work, gpu, made->lse, work->out.lse, error);
}

enum at_status at_on_gpu_attend(struct at_gpu *gpu, const struct at_gpu_work *work, struct at_pulse *pulse, struct at_error *error)
{
    struct placed placed = {.operands = {.gpu = NULL}, .outputs = {.gpu = NULL}};
    enum at_status status = place(work, gpu, &placed, error);
    at_pulse_beat(pulse, 1, 3);
    if (!status)
        status = launch(work, gpu, &placed, error);
    at_pulse_beat(pulse, 2, 3);
    if (!status)
        status = collect(work, gpu, &placed, error);
    if (status)
        return status;
    at_device_operands_done(&placed.operands);
    at_device_outputs_done(&placed.outputs);
    return AT_OK;
}
