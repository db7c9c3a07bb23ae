/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/burst.h"

enum at_status at_gpu_enqueue_burst(void *burst, struct at_error *error)
{
    const struct at_gpu_burst *b = burst;
    enum at_status status = AT_OK;
    for (int64_t i = 0; i < b->launches && !status; i++)
        status = b->enqueue(b->context, error);
    return status;
}
