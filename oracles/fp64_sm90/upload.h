/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_UPLOAD_H
#define AT_ORACLES_FP64_SM90_UPLOAD_H

#include "oracles/fp64_sm90/device.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { AT_FP64_PART_BYTES = 32 << 20 }; /* of an operand that are brought into order at a time */

/* Brings Q, K and V of a batch into the kernels' order and copies them, the keys that rows see and the references to the GPU. */
enum at_status at_fp64_upload(const struct at_fp64_device *device, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
