/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_GPUS_STATE_H
#define AT_STUDY_GPUS_STATE_H

/* What gpus.c and gpu_job.c share. */

#include "study/gpu_service.h"
#include "study/gpus.h"

#ifdef __cplusplus
extern "C" {
#endif

struct at_gpu_slot {
    struct at_gpu_facts facts;
    struct at_server server; /* the process that holds it */
    struct at_gpu_job *job;  /* under way */
    bool left_out;
};

struct at_gpus {
    struct at_gpus_question question;
    struct at_gpu_slot slots[AT_GPUS_MOST];
    size_t count, failed;
};

struct at_gpu_job {
    struct at_gpu_task task;
    struct at_guard guard;
    char what[32];
    bool under_way; /* on `slot` */
    size_t slot;
    bool tried[AT_GPUS_MOST];
    enum at_status status; /* of the last try */
    struct at_error error;
};

void at_gpus_tell(const struct at_gpus *gpus, const char *line);

/* How the GPU called `what` ("GPU 0") is guarded. */
struct at_guard at_gpus_guard(const struct at_gpus *gpus, const char *what);

/* Puts the GPU's number before a message that does not begin with it. */
void at_gpus_name(const struct at_gpu_facts *facts, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
