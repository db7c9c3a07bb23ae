/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/gpu_task.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* Arrays of a task: those that stay come first, the operands behind them. */
enum { KEPT = 6, PARTS = KEPT + 3 * 3 + 1, ALIGN = 64 };

struct part {
    void *pointer; /* address of the pointer to it */
    size_t bytes;  /* 0: there is none, and the pointer is NULL */
};

/* What lies at the beginning of the memory. */
struct sheet {
    struct at_gpu_work work; /* its pointers are those of the process that wrote it */
    size_t bytes[PARTS], offset[PARTS];
};

static void list_operand(struct at_operand *o, int64_t mean_groups, struct part ret_parts[3])
{
    size_t heads = (size_t)(o->codes.batch * o->codes.heads);
    ret_parts[0] = (struct part){&o->codes.codes, (size_t)at_tensor_count(&o->codes) * at_format_size(o->codes.format)};
    ret_parts[1] = (struct part){&o->scale.value, o->scale.value ? heads * (size_t)o->scale.groups * sizeof(float) : 0};
    ret_parts[2] = (struct part){&o->mean, o->mean ? heads * (size_t)(mean_groups * o->codes.dim) * sizeof(float) : 0};
}

/* The arrays of `w`: sizes follow from what is there. */
static void list_parts(struct at_gpu_work *w, struct part ret_parts[PARTS])
{
    struct at_operands *o = &w->operands;
    size_t each = (size_t)(w->out.heads * w->out.rows), outputs = each * (size_t)w->out.dim;
    const struct part kept[KEPT] = {
        {&w->out.o, outputs * sizeof(float)},    {&w->out.row_max, each * sizeof(float)},
        {&w->out.row_sum, each * sizeof(float)}, {&w->out.lse, each * sizeof(float)},
        {&w->time_ns, sizeof *w->time_ns},       {&w->rows.index, (size_t)w->rows.count * sizeof *w->rows.index}};
    memcpy(ret_parts, kept, sizeof kept);
    list_operand(&o->q, (o->q.codes.seq + AT_Q_MEAN_ROWS - 1) / AT_Q_MEAN_ROWS, ret_parts + KEPT);
    list_operand(&o->k, 1, ret_parts + KEPT + 3);
    list_operand(&o->v, 1, ret_parts + KEPT + 6);
    size_t rows = (size_t)(o->problem.batch * o->problem.heads_q * o->problem.seq_q);
    ret_parts[PARTS - 1] = (struct part){&o->lse_shift, o->lse_shift ? rows * sizeof(float) : 0};
}

static size_t round_up(size_t bytes, size_t step)
{
    return (bytes + step - 1) / step * step;
}

/* Points every pointer into memory at `base`. */
static void place(struct at_gpu_work *w, const struct sheet *sheet, void *base)
{
    struct part parts[PARTS];
    list_parts(w, parts);
    for (int i = 0; i < PARTS; i++) {
        void *at = sheet->bytes[i] ? (char *)base + sheet->offset[i] : NULL;
        memcpy(parts[i].pointer, &at, sizeof at);
    }
}

static enum at_status make_room(struct at_gpu_task *task, struct at_error *error)
{
    task->base = MAP_FAILED;
    task->memory = memfd_create("attest_gpu", MFD_CLOEXEC);
    if (task->memory >= 0 && ftruncate(task->memory, (off_t)task->bytes) == 0)
        task->base = mmap(NULL, task->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, task->memory, 0);
    if (task->base != MAP_FAILED)
        return AT_OK;
    int failure = errno;
    if (task->memory >= 0)
        close(task->memory);
    return at_fail(error, AT_ERR_MEMORY, "no memory for %.1f MiB of a GPU's operands and outputs (%s); look at fewer rows",
                   (double)task->bytes / 0x1p20, strerror(failure));
}

enum at_status at_gpu_task_init(struct at_gpu_task *ret_task, const struct at_kernel *kernel, const struct at_operands *operands,
                                const struct at_rows *rows, struct at_error *error)
{
    const struct at_problem *p = &operands->problem;
    struct at_gpu_task task = {.work = {.kernel = kernel, .operands = *operands, .rows = *rows}};
    struct at_operand *all[] = {&task.work.operands.q, &task.work.operands.k, &task.work.operands.v};
    struct part parts[PARTS];
    struct sheet sheet;
    memset(&sheet, 0, sizeof sheet);
    for (int i = 0; i < 3; i++) {
        all[i]->values = NULL;
        all[i]->clips = NULL;
    }
    task.work.out = (struct at_gpu_rows){.heads = p->batch * p->heads_q, .rows = rows->count, .dim = p->dim};
    list_parts(&task.work, parts);
    task.bytes = sizeof sheet;
    for (int i = 0; i < PARTS; i++) {
        sheet.bytes[i] = parts[i].bytes;
        sheet.offset[i] = round_up(task.bytes, i == KEPT ? (size_t)sysconf(_SC_PAGESIZE) : ALIGN);
        task.bytes = sheet.offset[i] + sheet.bytes[i];
    }
    task.kept = sheet.offset[KEPT];
    enum at_status status = make_room(&task, error);
    if (status)
        return status;
    for (int i = KEPT - 1; i < PARTS; i++) { /* rows and operands */
        const void *from;
        memcpy(&from, parts[i].pointer, sizeof from);
        if (parts[i].bytes)
            memcpy((char *)task.base + sheet.offset[i], from, parts[i].bytes);
    }
    sheet.work = task.work;
    memcpy(task.base, &sheet, sizeof sheet);
    place(&task.work, &sheet, task.base);
    *ret_task = task;
    return AT_OK;
}

enum at_status at_gpu_task_open(int memory, size_t bytes, struct at_gpu_task *ret_task, struct at_error *error)
{
    struct at_gpu_task task = {.memory = -1, .bytes = bytes};
    task.base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (task.base == MAP_FAILED)
        return at_fail(error, AT_ERR_MEMORY, "no memory beside that of attest (%s)", strerror(errno));
    const struct sheet *sheet = task.base;
    task.kept = sheet->offset[KEPT];
    task.work = sheet->work;
    place(&task.work, sheet, task.base);
    *ret_task = task;
    return AT_OK;
}

void at_gpu_task_drop_operands(struct at_gpu_task *task)
{
    struct at_operands none = {.problem = task->work.operands.problem, .numerics = task->work.operands.numerics};
    if (task->bytes == task->kept || ftruncate(task->memory, (off_t)task->kept) != 0)
        return;
    munmap((char *)task->base + task->kept, task->bytes - task->kept);
    task->bytes = task->kept;
    task->work.operands = none;
}

void at_gpu_task_done(struct at_gpu_task *task)
{
    if (task->base)
        munmap(task->base, task->bytes);
    if (task->memory >= 0)
        close(task->memory);
    *task = (struct at_gpu_task){.memory = -1};
}
