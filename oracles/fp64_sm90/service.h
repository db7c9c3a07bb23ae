/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_SERVICE_H
#define AT_ORACLES_FP64_SM90_SERVICE_H

#include "oracles/fp64_sm90/batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A process that holds the first GPU for this one, so that a driver that hangs or crashes takes nothing along. It is made when it is first
 * asked for something and stays: the driver starts once for all heads. Where the GPU admits one process at a time it is held during a
 * request alone. Whatever fails ends that process, and the next request begins with a new one. For one thread at a time.
 */

/* Whether the GPU takes the kernels: statuses as at_gpu_open's and at_server_ask's. */
enum at_status at_fp64_service_look(struct at_error *error);

/* Fills the batch's results. */
enum at_status at_fp64_service_run(const struct at_fp64_batch *batch, struct at_error *error);

/* Ends the process, if there is one. */
void at_fp64_service_end(void);

#ifdef __cplusplus
}
#endif

#endif
