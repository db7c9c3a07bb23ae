/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Multiply-adds per second of the twin on one core, for each format and path, all in one run: the matrix products alone (chains of 128
 * products for 128 keys) and the whole attention (d = 128, 4096 keys, 64 rows). Usage: bench_twin [SECONDS a figure, 1]
 */
#include "core/random.h"
#include "kernels/prepare/prepare.h"
#include "kernels/twin/wgmma.h"
#include "kernels/variants/variant.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIM = 128, KEYS = 128, LONG = 4096, ROWS = 64 };

static const struct {
    enum at_format format;
    const char *variant;
} kinds[] = {{AT_E4M3, "fa3-fp8"}, {AT_FP16, "fa3-fp16"}, {AT_BF16, "fa3-bf16"}};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static double seconds_each = 1;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of this process: other work on the machine does not count */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void stop(const char *what)
{
    fprintf(stderr, "bench_twin: %s\n", what);
    exit(1);
}

static void fill(struct at_tensor *t, uint64_t stream)
{
    for (int64_t i = 0; i < at_tensor_count(t); i++) {
        float x = (float)at_random_normal((struct at_random){1, stream}, (uint64_t)i);
        uint32_t code = at_encode(t->format, x, AT_OVERFLOW_SATURATE);
        if (at_format_size(t->format) == 1)
            ((uint8_t *)t->codes)[i] = (uint8_t)code;
        else
            ((uint16_t *)t->codes)[i] = (uint16_t)code;
    }
}

/* Products alone: rows of `a` against the same keys, as many at once as the attention takes. */
static double products_per_second(enum at_format format, enum at_simd simd)
{
    struct at_tensor q, k;
    struct at_panel panel;
    if (at_tensor_init(&q, format, 1, 1, ROWS, DIM, NULL) || at_tensor_init(&k, format, 1, 1, KEYS, DIM, NULL) ||
        at_panel_init(&panel, simd, DIM, KEYS, NULL))
        stop("no memory");
    fill(&q, 1);
    fill(&k, 2);
    at_panel_load_transposed(&panel, format, k.codes, KEYS, DIM);
    static float values[ROWS][DIM], d[AT_CHAINS_AT_ONCE][KEYS];
    static int16_t exponents[ROWS][DIM];
    struct at_panel_row rows[ROWS];
    for (int r = 0; r < ROWS; r++) {
        at_tensor_decode_rows(&q, 0, 0, r, 1, values[r]);
        at_panel_row_set(&rows[r], simd, format, values[r], DIM, exponents[r]);
    }
    double start = now(), count = 0;
    volatile float used = 0;
    while (now() - start < seconds_each)
        for (int r = 0; r < ROWS; r += AT_CHAINS_AT_ONCE) {
            struct at_chain chains[AT_CHAINS_AT_ONCE];
            memset(d, 0, sizeof d);
            for (int i = 0; i < AT_CHAINS_AT_ONCE; i++)
                chains[i] = (struct at_chain){&rows[r + i], d[i]};
            at_wgmma_chains(simd, chains, AT_CHAINS_AT_ONCE, &panel, 0, DIM);
            used = used + d[0][r];
            count += (double)DIM * KEYS * AT_CHAINS_AT_ONCE;
        }
    double seconds = now() - start;
    at_panel_done(&panel);
    at_tensor_done(&q);
    at_tensor_done(&k);
    return count / seconds;
}

/* The whole attention: two products of keys times columns for each row. */
static double attention_per_second(const char *variant, enum at_simd simd)
{
    struct at_problem problem = {1, 1, 1, LONG, LONG, DIM, false, 0};
    struct at_variant_choice choice;
    struct at_qkv x;
    struct at_operands operands;
    struct at_rows rows;
    if (at_variant_choose(variant, &choice, NULL) || at_qkv_init(&x, AT_FP16, &problem, NULL) || at_rows_choose(&rows, LONG, ROWS, 1, NULL))
        stop("no memory");
    fill(&x.q, 1);
    fill(&x.k, 2);
    fill(&x.v, 3);
    if (at_prepare(&problem, &choice.numerics, &x, &operands, NULL))
        stop("no memory");
    static float o[ROWS * DIM], max[ROWS], sum[ROWS], lse[ROWS];
    struct at_attention a = {o, max, sum, lse, NULL, 0, 0};
    double start = now(), count = 0;
    while (now() - start < seconds_each) {
        if (at_twin_attend(&operands, 0, 0, &rows, simd, &a, NULL))
            stop("the twin failed");
        count += 2.0 * LONG * DIM * ROWS;
    }
    double seconds = now() - start;
    at_operands_done(&operands);
    at_rows_done(&rows);
    at_qkv_done(&x);
    return count / seconds;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seconds_each = strtod(argv[1], NULL);
    omp_set_num_threads(1);
    printf("one core, 1e9 multiply-adds per second (times scalar)\n%-6s %-8s %16s %16s\n", "", "", "products", "attention");
    for (int f = 0; f < (getenv("ONLY") ? atoi(getenv("ONLY")) : KINDS); f++) {
        double scalar[2] = {0, 0};
        for (int simd = getenv("ONLY") ? AT_SIMD_AVX512 : AT_SIMD_SCALAR; simd < AT_SIMD_COUNT; simd++) {
            if (!at_simd_available((enum at_simd)simd)) {
                printf("%-6s %-8s %16s %16s\n", at_formats[kinds[f].format].name, at_simd_names[simd], "not here", "not here");
                continue;
            }
            double products = products_per_second(kinds[f].format, (enum at_simd)simd);
            double attention = attention_per_second(kinds[f].variant, (enum at_simd)simd);
            if (simd == AT_SIMD_SCALAR) {
                scalar[0] = products;
                scalar[1] = attention;
            }
            printf("%-6s %-8s %8.3f (%5.1f) %8.3f (%5.1f)\n", at_formats[kinds[f].format].name, at_simd_names[simd], products * 1e-9,
                   products / scalar[0], attention * 1e-9, attention / scalar[1]);
        }
    }
    return 0;
}
