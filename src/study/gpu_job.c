/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/gpus_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Waits for the end of the job and frees its GPU. */
static void settle(struct at_gpus *gpus, struct at_gpu_job *job)
{
    struct at_gpu_slot *slot = &gpus->slots[job->slot];
    if (!job->under_way)
        return;
    job->status = at_server_finish(&slot->server, &job->error);
    if (job->status && job->status != AT_ERR_INTERRUPTED)
        at_gpus_name(&slot->facts, &job->error);
    job->under_way = false;
    slot->job = NULL;
}

/* Waits for a GPU that may be given to `job`; false when there is none that it has not been tried on, or a stop is asked for. */
static bool wait_for_slot(struct at_gpus *gpus, const struct at_gpu_job *job, size_t *ret_slot)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    for (bool any = true; any && !(gpus->question.stop && *gpus->question.stop); nanosleep(&pause, NULL)) {
        any = false;
        for (size_t i = 0; i < gpus->count; i++) {
            struct at_gpu_slot *slot = &gpus->slots[i];
            if (slot->left_out || job->tried[i])
                continue;
            any = true;
            if (slot->job && at_server_ready(&slot->server))
                settle(gpus, slot->job);
            if (!slot->job) {
                *ret_slot = i;
                return true;
            }
        }
    }
    return false;
}

/* Tries the job on one GPU that it was not tried on yet; false when there is none. */
static bool try_next(struct at_gpus *gpus, struct at_gpu_job *job)
{
    if (!wait_for_slot(gpus, job, &job->slot))
        return false;
    struct at_gpu_slot *slot = &gpus->slots[job->slot];
    job->tried[job->slot] = true;
    snprintf(job->what, sizeof job->what, "GPU %d", slot->facts.index);
    job->guard = at_gpus_guard(gpus, job->what);
    job->status = at_gpu_service_attend(&slot->server, &job->guard, slot->facts.index, &job->task, &job->error);
    job->under_way = !job->status;
    slot->job = job->status ? NULL : job;
    return true;
}

enum at_status at_gpus_start(struct at_gpus *gpus, const struct at_kernel *kernel, const struct at_operands *operands,
                             const struct at_rows *rows, struct at_gpu_job **ret_job, struct at_error *error)
{
    struct at_gpu_job *job = calloc(1, sizeof *job);
    if (!job)
        return at_fail(error, AT_ERR_MEMORY, "GPU: out of memory");
    job->task.memory = -1;
    enum at_status status = at_gpu_task_init(&job->task, kernel, operands, rows, error);
    if (!status && !try_next(gpus, job))
        status = at_fail(error, AT_ERR_INTERRUPTED, "GPU: interrupted");
    if (status)
        at_gpus_end(gpus, job);
    else
        *ret_job = job;
    return status;
}

/* The GPUs that failed what another has computed. */
static void leave_out(struct at_gpus *gpus, const struct at_gpu_job *job, const struct at_error *first)
{
    struct at_error line;
    for (size_t i = 0; i < gpus->count; i++)
        if (job->tried[i] && i != job->slot && !gpus->slots[i].left_out) {
            gpus->slots[i].left_out = true;
            gpus->failed++;
            at_fail(&line, AT_OK, "GPU %d gets no more work, for GPU %d computed what it failed: %.900s", gpus->slots[i].facts.index,
                    gpus->slots[job->slot].facts.index, first->message);
            at_gpus_tell(gpus, line.message);
        }
}

enum at_status at_gpus_finish(struct at_gpus *gpus, struct at_gpu_job *job, struct at_gpu_result *ret_result, struct at_error *error)
{
    settle(gpus, job);
    const struct at_error first = job->error;
    size_t tries = 1;
    for (; job->status && job->status != AT_ERR_INTERRUPTED && try_next(gpus, job); tries++)
        settle(gpus, job);
    if (job->status == AT_ERR_INTERRUPTED || (job->status && gpus->question.stop && *gpus->question.stop))
        return at_fail(error, AT_ERR_INTERRUPTED, "%s", job->error.message);
    if (job->status)
        return at_fail(error, AT_ERR_DEVICE, tries > 1 ? "%s (%zu more tried likewise)" : "%s", first.message, tries - 1);
    leave_out(gpus, job, &first);
    at_gpu_task_drop_operands(&job->task);
    *ret_result = (struct at_gpu_result){.gpu = job->slot, .time_ns = *job->task.work.time_ns, .rows = &job->task.work.out};
    return AT_OK;
}

void at_gpus_end(struct at_gpus *gpus, struct at_gpu_job *job)
{
    if (!job)
        return;
    if (job->under_way) {
        at_server_end(&gpus->slots[job->slot].server);
        gpus->slots[job->slot].job = NULL;
    }
    at_gpu_task_done(&job->task);
    free(job);
}
