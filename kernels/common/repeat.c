/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/repeat.h"

#include <assert.h>

enum at_status at_gpu_repeat(struct at_gpu *gpu, uint64_t address, size_t bytes, size_t total, struct at_error *error)
{
    enum at_status status = AT_OK;
    assert(bytes > 0 || total == 0);
    for (size_t done = bytes; done < total && !status;) { /* `done` is a multiple of `bytes`, so that the copy goes on where it stops */
        size_t next = done < total - done ? done : total - done;
        status = at_gpu_copy(gpu, address + done, address, next, error);
        done += next;
    }
    return status;
}
