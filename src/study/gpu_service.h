/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_GPU_SERVICE_H
#define AT_STUDY_GPU_SERVICE_H

#include "core/server.h"
#include "study/gpu_task.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A process that holds one GPU for this one: the driver starts there once for all runs (core/server.h). Where the GPU admits one process
 * at a time it is held during a request alone.
 */

/* A server of nothing yet; all of its requests are of one GPU. */
struct at_server at_gpu_service(void);

/* Begins to load every kernel; at_server_finish tells whether the GPU takes them, with at_gpu_open's statuses. */
enum at_status at_gpu_service_load(struct at_server *server, const struct at_guard *guard, int gpu, struct at_error *error);

/* Begins attention of a task; at_server_finish tells its end. A task that was begun on a process that has ended may be begun again. */
enum at_status at_gpu_service_attend(struct at_server *server, const struct at_guard *guard, int gpu, const struct at_gpu_task *task,
                                     struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
