/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* fa3_write SEED COUNT FILE: writes cases for run.cu, each as ten int32 (format, sizes, mask), Q, K, V and three rows of descales. */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>

static void put(FILE *file, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, file) != size) {
        perror("fa3_write");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    FILE *file = argc == 4 ? fopen(argv[3], "wb") : NULL;
    if (!file) {
        fprintf(stderr, argc == 4 ? "fa3_write: %s cannot be written\n" : "usage: fa3_write SEED COUNT FILE%s\n", argc == 4 ? argv[3] : "");
        return 2;
    }
    for (int64_t i = 0; i < atoll(argv[2]); i++) {
        struct at_fa3_case c;
        at_fa3_case_make(&c, strtoull(argv[1], NULL, 10), i);
        const struct at_problem *p = &c.problem;
        const int32_t header[10] = {(int32_t)c.format, (int32_t)p->batch, (int32_t)p->heads_q, (int32_t)p->heads_kv, (int32_t)p->seq_q,
                                    (int32_t)p->seq_k, (int32_t)p->dim,   p->causal,           (int32_t)i,           0};
        size_t size = at_format_size(c.format);
        put(file, header, sizeof header);
        put(file, c.q, (size_t)at_fa3_count_q(&c) * size);
        put(file, c.k, (size_t)at_fa3_count_k(&c) * size);
        put(file, c.v, (size_t)at_fa3_count_k(&c) * size);
        for (int j = 0; j < 3; j++)
            put(file, c.descale[j], (size_t)(p->batch * p->heads_kv) * sizeof(float));
        at_fa3_case_done(&c);
    }
    if (fclose(file)) {
        perror("fa3_write");
        return 2;
    }
    return 0;
}
