/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    struct trial_size most = {argc > 3 ? atoll(argv[3]) : 40, argc > 4 ? atoll(argv[4]) : 200};
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1, count = argc > 2 ? strtoull(argv[2], NULL, 0) : 10;
    struct at_gpu *gpu;
    struct at_error error;
    if (at_gpu_open(0, &at_fp64_image, &gpu, &error))
        return printf("%s\n", error.message), 1;
    struct trial_result total = {.radius_log2 = -INFINITY};
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct trial trial;
        trial_init(&trial, seed, &most);
        enum at_status status = trial_run(&trial, gpu, seed, &total, stdout, &error);
        if (status)
            printf("seed %" PRIu64 ": %s\n", seed, error.message);
        trial_done(&trial);
    }
    printf("%" PRId64 " outputs, %" PRId64 " violations, %" PRId64 " rows declined, ratio %g, lse %g, radius 2^%.2f\n", total.outputs, total.violations,
           total.declined, total.ratio, total.lse_ratio, total.radius_log2);
    return total.violations > 0;
}
