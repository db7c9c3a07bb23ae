/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_GPUS_H
#define AT_STUDY_GPUS_H

#include "study/gpu_task.h"

#include <signal.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The GPUs of this machine at work side by side, a process for each, in which the driver starts once: it is never called in this one. A
 * job that fails ends that process, and the next begins in a new one. A job that fails on one GPU is tried on each other; if another
 * computes it, the one that failed gets no more work.
 */
struct at_gpus;

enum { AT_GPUS_MOST = 64 };

struct at_gpus_question {
    int chosen[AT_GPUS_MOST];                      /* their numbers */
    size_t count;                                  /* 0: all Hopper GPUs that the driver sees */
    double limit_s;                                /* seconds without a sign of life after which the driver or a kernel counts as hung */
    void (*note)(void *context, const char *line); /* a line worth telling: a GPU that is left out; may be NULL */
    void *context;
    const volatile sig_atomic_t *stop; /* nonzero: end; may be NULL */
};

/*
 * Looks for the GPUs and loads the kernels on each, so early that their processes keep little of this one's memory. AT_ERR_NOT_FOUND: no
 * driver, or no such GPU; AT_ERR_UNSUPPORTED: one that was chosen is not Hopper, or none is; built without kernels; a driver that is too
 * old. Of GPUs that were not chosen by number one that fails is left out.
 */
enum at_status at_gpus_open(const struct at_gpus_question *question, struct at_gpus **ret_gpus, struct at_error *error);

/* Ends all that is under way; NULL is fine; returns NULL. Jobs are ended before. */
struct at_gpus *at_gpus_close(struct at_gpus *gpus);

size_t at_gpus_count(const struct at_gpus *gpus);
const struct at_gpu_facts *at_gpus_facts(const struct at_gpus *gpus, size_t i);

/* Those that failed while another did the same work, or did not begin. */
size_t at_gpus_failed(const struct at_gpus *gpus);

/* Attention of one problem under way on one GPU. */
struct at_gpu_job;

/* Begins on the next free GPU; waits for one. Operands and rows, which `kernel` accepts, are copied. */
enum at_status at_gpus_start(struct at_gpus *gpus, const struct at_kernel *kernel, const struct at_operands *operands,
                             const struct at_rows *rows, struct at_gpu_job **ret_job, struct at_error *error);

struct at_gpu_result {
    size_t gpu;                     /* which of them computed it */
    int64_t time_ns;                /* from the kernel's start to its end */
    const struct at_gpu_rows *rows; /* lent until the job is ended */
};

/* Waits for it. AT_ERR_DEVICE: it failed on every GPU, with the first reason; AT_ERR_INTERRUPTED. The job stays to be ended. */
enum at_status at_gpus_finish(struct at_gpus *gpus, struct at_gpu_job *job, struct at_gpu_result *ret_result, struct at_error *error);

/* Frees the job; one that is under way ends with its GPU's process. NULL is fine. */
void at_gpus_end(struct at_gpus *gpus, struct at_gpu_job *job);

#ifdef __cplusplus
}
#endif

#endif
