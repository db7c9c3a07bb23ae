/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/on_gpu.h"

#include "study/machine.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum at_status at_gpu_rows_init(struct at_gpu_rows *ret_rows, const struct at_problem *problem, const struct at_rows *rows,
                                struct at_error *error)
{
    struct at_gpu_rows made = {.heads = problem->batch * problem->heads_q, .rows = rows->count, .dim = problem->dim};
    size_t each = (size_t)(made.heads * made.rows), outputs = each * (size_t)made.dim;
    made.bytes = (outputs + 3 * each) * sizeof(float);
    made.o = mmap(NULL, made.bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (made.o == MAP_FAILED)
        return at_fail(error, AT_ERR_MEMORY, "no memory for %.1f MiB of a GPU's outputs; look at fewer rows", (double)made.bytes / 0x1p20);
    made.row_max = made.o + outputs;
    made.row_sum = made.row_max + each;
    made.lse = made.row_sum + each;
    *ret_rows = made;
    return AT_OK;
}

void at_gpu_rows_done(struct at_gpu_rows *rows)
{
    if (rows->o)
        munmap(rows->o, rows->bytes);
    *rows = (struct at_gpu_rows){0};
}

struct at_sha256 at_gpu_rows_sha256(const struct at_gpu_rows *rows)
{
    struct at_hasher hasher;
    at_hasher_start(&hasher);
    for (int64_t i = 0; i < rows->heads; i++) {
        const float *const of_rows[] = {rows->row_max, rows->row_sum, rows->lse};
        at_hasher_add(&hasher, rows->o + i * rows->rows * rows->dim, (size_t)(rows->rows * rows->dim) * sizeof(float));
        for (int j = 0; j < 3; j++)
            at_hasher_add(&hasher, of_rows[j] + i * rows->rows, (size_t)rows->rows * sizeof(float));
    }
    return at_hasher_end(&hasher);
}

/* Rows from the `first` of those looked at on that follow each other on the GPU too. */
static int64_t neighbours(const struct at_rows *rows, int64_t first)
{
    int64_t count = 1;
    while (first + count < rows->count && rows->index[first + count] == rows->index[first] + count)
        count++;
    return count;
}

static enum at_status collect_o(const struct at_on_gpu *task, const struct at_device_outputs *made, struct at_error *error)
{
    const struct at_problem *p = &task->operands->problem;
    const struct at_gpu_rows *out = task->out;
    enum at_format format = task->operands->numerics.output;
    size_t size = at_format_size(format) * (size_t)p->dim;
    void *codes = malloc((size_t)out->rows * size);
    enum at_status status =
        codes ? AT_OK : at_fail(error, AT_ERR_MEMORY, "no memory for %lld rows of a GPU's outputs", (long long)out->rows);
    for (int64_t head = 0; head < out->heads && !status; head++)
        for (int64_t i = 0, count; i < out->rows && !status; i += count) {
            count = neighbours(task->rows, i);
            uint64_t from = made->o + (uint64_t)(head * p->seq_q + task->rows->index[i]) * size;
            status = at_gpu_copy_out(made->gpu, codes, from, (size_t)count * size, error);
            if (!status)
                at_decode_array(format, codes, (size_t)(count * p->dim), out->o + (head * out->rows + i) * p->dim);
        }
    free(codes);
    return status;
}

/* Of every row one number: all of a head arrive at once. */
static enum at_status collect_rows(const struct at_on_gpu *task, struct at_gpu *gpu, uint64_t from, float *ret_rows, struct at_error *error)
{
    const struct at_gpu_rows *out = task->out;
    size_t size = (size_t)task->operands->problem.seq_q * sizeof(float);
    float *all = malloc(size);
    enum at_status status = all ? AT_OK : at_fail(error, AT_ERR_MEMORY, "no memory for one head of a GPU's outputs");
    for (int64_t head = 0; head < out->heads && !status; head++) {
        status = at_gpu_copy_out(gpu, all, from + (uint64_t)head * size, size, error);
        for (int64_t i = 0; i < out->rows && !status; i++)
            ret_rows[head * out->rows + i] = all[task->rows->index[i]];
    }
    free(all);
    return status;
}

/*
 * The operands where the kernel reads them: the host's are copied. A GPU that prepares by itself fills them here, from inputs that the
 * task then carries; their bits are the same.
 */
static enum at_status place_operands(const struct at_on_gpu *task, struct at_gpu *gpu, struct at_device_operands *ret_operands,
                                     struct at_error *error)
{
    const struct at_operands *o = task->operands;
    struct at_device_operands placed = {.gpu = NULL};
    enum at_status status = at_device_operands_init(gpu, &o->problem, &o->numerics, &placed, error);
    if (!status)
        status = at_device_operands_upload(&placed, o, error);
    if (status)
        at_device_operands_done(&placed);
    else
        *ret_operands = placed;
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

static enum at_status tell_needed(const struct at_on_gpu *task, const struct at_gpu *gpu, struct at_error *error)
{
    const struct at_error reason = *error;
    return at_fail(error, AT_ERR_MEMORY, "%.600s, or look at fewer heads or keys: operands and outputs need %.1f MiB, the GPU has %.1f MiB",
                   reason.message, bytes_needed(task->operands) / 0x1p20, (double)at_gpu_facts(gpu)->memory_bytes / 0x1p20);
}

enum at_status at_on_gpu_attend(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct at_on_gpu *task = argument;
    struct at_gpu *gpu = NULL;
    struct at_device_operands operands;
    struct at_device_outputs made;
    omp_set_num_threads(1);
    enum at_status status = at_gpu_open(task->gpu, task->kernel->image, &gpu, error);
    at_pulse_beat(pulse, 1, 4);
    if (!status)
        status = place_operands(task, gpu, &operands, error);
    if (!status)
        status = at_device_outputs_init(gpu, &task->operands->problem, &task->operands->numerics, &made, error);
    if (status == AT_ERR_MEMORY && gpu)
        status = tell_needed(task, gpu, error);
    if (!status)
        status = at_gpu_wait(gpu, error);
    at_pulse_beat(pulse, 2, 4);
    int64_t start = at_machine_time_ns();
    if (!status)
        status = task->kernel->start(&operands, &made, error);
    if (!status)
        status = at_gpu_wait(gpu, error);
    *(int64_t *)answer = at_machine_time_ns() - start;
    at_pulse_beat(pulse, 3, 4);
    if (!status)
        status = collect_o(task, &made, error);
    if (!status)
        status = collect_rows(task, gpu, made.row_max, task->out->row_max, error);
    if (!status)
        status = collect_rows(task, gpu, made.row_sum, task->out->row_sum, error);
    if (!status)
        status = collect_rows(task, gpu, made.lse, task->out->lse, error);
    /* Nothing is freed: the process ends here, and a driver that hangs in that must not keep the answer back. */
    return status;
}
