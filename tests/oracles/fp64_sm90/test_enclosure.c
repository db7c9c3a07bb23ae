/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Random heads through the oracle on an emulated GPU, every output held against the certified oracle's.
 *   test_oracles_fp64_enclosure [TRIALS] [FIRST SEED] [ROWS] [KEYS]     (default 24, 1, 20 and 100 at most)
 */
#include "trial.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : 24, first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    const struct trial_size most = {argc > 3 ? atoll(argv[3]) : 20, argc > 4 ? atoll(argv[4]) : 100};
    struct trial_result total = {.radius_log2 = -INFINITY};
    struct at_gpu *gpu;
    struct at_error error = {""};
    enum at_status status = at_gpu_open(0, &at_fp64_image, &gpu, &error);
    for (uint64_t seed = first; seed < first + count && !status; seed++) {
        struct trial trial;
        trial_init(&trial, seed, &most);
        status = trial_run(&trial, gpu, seed, &total, stdout, &error);
        trial_done(&trial);
    }
    if (status)
        printf("%s\n", error.message);
    else
        at_gpu_close(gpu);
    bool good = !status && total.outputs > 0 && total.violations == 0 && total.ratio > 0;
    printf("1..1\n%s 1 - %" PRId64 " outputs, %" PRId64 " violations, %" PRId64
           " rows left to certified; largest |error| / radius %.3g, of lse %.3g; largest radius 2^%.1f of sum p|v|\n",
           good ? "ok" : "not ok", total.outputs, total.violations, total.declined, total.ratio, total.lse_ratio, total.radius_log2);
    return !good;
}
