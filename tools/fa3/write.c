/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* fa3_write SEED COUNT FILE: writes cases for run.cu, each as ten int32 (format, sizes, mask), Q, K, V and three rows of descales. */
#include "cases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* run.cu knows neither the headers nor the registry: its E4M3, FP16 and BF16 are these numbers. Change both. */
_Static_assert(AT_E4M3 == 0 && AT_FP16 == 2 && AT_BF16 == 3, "tools/fa3/run.cu reads formats by these numbers");

static void stop(const char *path)
{
    fprintf(stderr, "fa3_write: %s cannot be written: %s\n", path, strerror(errno));
    exit(2);
}

static void put(FILE *file, const char *path, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, file) != size)
        stop(path);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: fa3_write SEED COUNT FILE\n");
        return 2;
    }
    uint64_t seed = at_fa3_number("SEED", argv[1], 0, UINT64_MAX);
    int64_t cases = (int64_t)at_fa3_number("COUNT", argv[2], 1, INT32_MAX);
    const char *path = argv[3];
    FILE *file = at_fa3_open(path, "wb");
    for (int64_t i = 0; i < cases; i++) {
        struct at_fa3_case c;
        at_fa3_case_make(&c, seed, i);
        const struct at_problem *p = &c.problem;
        const int32_t header[10] = {(int32_t)c.format, (int32_t)p->batch, (int32_t)p->heads_q, (int32_t)p->heads_kv, (int32_t)p->seq_q,
                                    (int32_t)p->seq_k, (int32_t)p->dim,   p->causal,           (int32_t)i,           0};
        size_t size = at_format_size(c.format);
        put(file, path, header, sizeof header);
        put(file, path, c.q, (size_t)at_fa3_count_q(&c) * size);
        put(file, path, c.k, (size_t)at_fa3_count_k(&c) * size);
        put(file, path, c.v, (size_t)at_fa3_count_k(&c) * size);
        for (int j = 0; j < 3; j++)
            put(file, path, c.descale[j], (size_t)(p->batch * p->heads_kv) * sizeof(float));
        at_fa3_case_done(&c);
    }
    if (fclose(file))
        stop(path);
    return 0;
}
