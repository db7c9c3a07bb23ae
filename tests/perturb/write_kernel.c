/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Writes what a right or a deliberately wrong kernel gives, for attest check.
 * Usage: write_kernel KERNEL FILE DISTRIBUTION HQ:HKV SQ:SK DIM causal|full SEED VARIANT; without arguments: the kernels.
 */
#include "kernel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct at_error error;
    struct kernel_case c;
    struct at_problem p = {.batch = 1};
    for (size_t i = 0; i < kernel_count && argc < 2; i++)
        printf("%s\t%s\t%s\n", kernels[i].name, kernels[i].right ? "right" : "wrong", kernels[i].what);
    if (argc < 2)
        return 0;
    const struct kernel *kernel = argc == 10 ? kernel_find(argv[1]) : NULL;
    if (!kernel || sscanf(argv[4], "%" SCNd64 ":%" SCNd64, &p.heads_q, &p.heads_kv) != 2 ||
        sscanf(argv[5], "%" SCNd64 ":%" SCNd64, &p.seq_q, &p.seq_k) != 2)
        return fprintf(stderr, "usage: write_kernel KERNEL FILE DISTRIBUTION HQ:HKV SQ:SK DIM causal|full SEED VARIANT\n"), 1;
    p.dim = strtoll(argv[6], NULL, 10);
    p.causal = strcmp(argv[7], "causal") == 0;
    if (kernel_case_init(&c, argv[3], &p, strtoull(argv[8], NULL, 10), argv[9], &error))
        return fprintf(stderr, "write_kernel: %s\n", error.message), 1;
    enum at_status status = kernel->compute(&c, &error);
    bool written = !status && kernel_write(&c, argv[2]);
    if (!written)
        fprintf(stderr, "write_kernel: %s\n", status ? error.message : "the file cannot be written");
    kernel_case_done(&c);
    return !written;
}
