/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Multiply-adds per second of the twin, for each format and path, all in one run: the matrix products alone (chains of 128 products for
 * 128 keys, as many rows at once as the attention takes) and the whole attention (d = 128, 4096 keys, 64 rows for each thread). One
 * thread is measured by its processor time, so that other work on the machine does not count; several by the clock on the wall.
 * Usage: bench_twin [SECONDS a figure, 1] [THREADS, 1] [PATH, all]
 */
#include "core/random.h"
#include "kernels/prepare/prepare.h"
#include "kernels/twin/wgmma.h"
#include "kernels/variants/variant.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIM = 128, KEYS = 128, LONG = 4096, ROWS = 64, MOST_THREADS = 64 };

static const struct {
    enum at_format format;
    const char *variant;
} kinds[] = {{AT_E4M3, "fa3-fp8"}, {AT_FP16, "fa3-fp16"}, {AT_BF16, "fa3-bf16"}};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static double seconds_each = 1;
static int threads = 1;

static double now(void)
{
    struct timespec t;
    clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
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

/* One thread's products alone until `seconds_each` are over: rows of `a` against the same keys. Returns how many. */
static double multiply(enum at_format format, enum at_simd simd, double start)
{
    struct at_tensor q, k;
    struct at_panel panel;
    float(*values)[DIM] = malloc(ROWS * sizeof *values), (*d)[KEYS] = malloc(AT_CHAINS_AT_ONCE * sizeof *d);
    int16_t(*exponents)[DIM] = malloc(ROWS * sizeof *exponents);
    if (at_tensor_init(&q, format, 1, 1, ROWS, DIM, NULL) || at_tensor_init(&k, format, 1, 1, KEYS, DIM, NULL) ||
        at_panel_init(&panel, simd, DIM, KEYS, NULL) || !values || !d || !exponents)
        stop("no memory");
    fill(&q, 1);
    fill(&k, 2);
    at_panel_load_transposed(&panel, format, k.codes, KEYS, DIM);
    struct at_panel_row rows[ROWS];
    for (int r = 0; r < ROWS; r++) {
        at_tensor_decode_rows(&q, 0, 0, r, 1, values[r]);
        at_panel_row_set(&rows[r], simd, format, values[r], DIM, exponents[r]);
    }
    double count = 0;
    volatile float used = 0;
    while (now() - start < seconds_each)
        for (int r = 0; r < ROWS; r += AT_CHAINS_AT_ONCE) {
            struct at_chain chains[AT_CHAINS_AT_ONCE];
            memset(d, 0, AT_CHAINS_AT_ONCE * sizeof *d);
            for (int i = 0; i < AT_CHAINS_AT_ONCE; i++)
                chains[i] = (struct at_chain){&rows[r + i], d[i]};
            at_wgmma_chains(simd, chains, AT_CHAINS_AT_ONCE, &panel, 0, DIM);
            used = used + d[0][r];
            count += (double)DIM * KEYS * AT_CHAINS_AT_ONCE;
        }
    at_panel_done(&panel);
    at_tensor_done(&q);
    at_tensor_done(&k);
    free(values);
    free(d);
    free(exponents);
    return count;
}

static double products_per_second(enum at_format format, enum at_simd simd)
{
    double count = 0, start = now();
#pragma omp parallel for reduction(+ : count)
    for (int t = 0; t < threads; t++)
        count += multiply(format, simd, start);
    return count / (now() - start);
}

/* The whole attention: two products of keys times columns for each row. */
static double attention_per_second(const char *variant, enum at_simd simd)
{
    struct at_problem problem = {1, 1, 1, LONG, LONG, DIM, false, 0};
    struct at_variant_choice choice;
    struct at_qkv x;
    struct at_operands operands;
    struct at_rows rows;
    if (at_variant_choose(variant, &choice, NULL) || at_qkv_init(&x, AT_FP16, &problem, NULL) ||
        at_rows_choose(&rows, LONG, ROWS * threads, 1, NULL))
        stop("no memory");
    fill(&x.q, 1);
    fill(&x.k, 2);
    fill(&x.v, 3);
    if (at_prepare(&problem, &choice.numerics, &x, &operands, NULL))
        stop("no memory");
    static float o[MOST_THREADS * ROWS * DIM], max[MOST_THREADS * ROWS], sum[MOST_THREADS * ROWS], lse[MOST_THREADS * ROWS];
    struct at_attention a = {o, max, sum, lse, NULL, 0, 0};
    double start = now(), count = 0;
    while (now() - start < seconds_each) {
        if (at_twin_attend(&operands, 0, 0, &rows, simd, &a, NULL))
            stop("the twin failed");
        count += 2.0 * LONG * DIM * ROWS * threads;
    }
    double seconds = now() - start;
    at_operands_done(&operands);
    at_rows_done(&rows);
    at_qkv_done(&x);
    return count / seconds;
}

static void line(int kind, enum at_simd simd, double scalar[2])
{
    double products = products_per_second(kinds[kind].format, simd), attention = attention_per_second(kinds[kind].variant, simd);
    if (simd == AT_SIMD_SCALAR) {
        scalar[0] = products;
        scalar[1] = attention;
    }
    printf("%-6s %-8s %8.3f (%5.1f) %8.3f (%5.1f)\n", at_formats[kinds[kind].format].name, at_simd_names[simd], products * 1e-9,
           products / scalar[0], attention * 1e-9, attention / scalar[1]);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seconds_each = strtod(argv[1], NULL);
    if (argc > 2)
        threads = atoi(argv[2]);
    if (!(seconds_each > 0) || threads < 1 || threads > MOST_THREADS)
        stop("usage: bench_twin [SECONDS] [THREADS, 1 to 64] [PATH]");
    omp_set_num_threads(threads);
    printf("%d threads, 1e9 multiply-adds per second (times scalar)\n%-6s %-8s %16s %16s\n", threads, "", "", "products", "attention");
    for (int kind = 0; kind < KINDS; kind++) {
        double scalar[2] = {NAN, NAN};
        for (int simd = AT_SIMD_SCALAR; simd < AT_SIMD_COUNT; simd++)
            if (argc > 3 && strcmp(argv[3], at_simd_names[simd]) != 0)
                continue;
            else if (at_simd_available((enum at_simd)simd))
                line(kind, (enum at_simd)simd, scalar);
            else
                printf("%-6s %-8s %16s %16s\n", at_formats[kinds[kind].format].name, at_simd_names[simd], "not here", "not here");
    }
    return 0;
}
