/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/kernel.h"

enum at_status at_kernel_choose(const struct at_numerics *numerics, const struct at_problem *problem, const struct at_kernel **ret_kernel,
                                struct at_error *error)
{
    enum at_status status = at_fail(error, AT_ERR_UNSUPPORTED, "attest has no attention kernels");
    for (size_t i = 0; i < at_kernel_count && status; i++) {
        status = at_kernels[i]->check(numerics, problem, error);
        if (!status)
            *ret_kernel = at_kernels[i];
    }
    return status;
}
