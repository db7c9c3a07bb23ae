/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Random chains of WGMMA instructions D = A B + C by the twin, for a comparison with another model of them (tools/bench_mma_sim.py):
 * operands and outputs go to a file, the outputs' SHA-256 and the rate to standard output. fp32 is the instruction's tf32, which the twin
 * has by its definition alone, without vectors.
 * Usage: bench_dots FORMAT REGIME ROWS COLUMNS INSTRUCTIONS SEED FILE [SECONDS, 1] [THREADS, 1] [PATH, auto]
 * REGIME: normal, deviates; codes, A and B of any finite bit patterns; bits, C too; zeros, so, but seven in eight of A and C are zero.
 * FILE: A [rows][k] and B [k][columns] as codes, C and D [rows][columns] in fp32; little-endian.
 */
#include "core/hash.h"
#include "core/random.h"
#include "kernels/twin/wgmma.h"

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const regimes[] = {"normal", "codes", "bits", "zeros"};

enum stream { OF_A = 1, OF_B, OF_C, OF_ZEROS };

struct dots {
    enum at_format format;
    enum at_simd simd;
    enum regime { NORMAL, CODES, BITS, ZEROS, REGIMES } regime;
    int64_t rows, columns, k;
    uint64_t seed;
    size_t size; /* of a code */
    void *a, *b;
    float *c, *d;
    double seconds;
    int threads;
};

static void stop(const char *what)
{
    fprintf(stderr, "bench_dots: %s\n", what);
    exit(1);
}

static void *room(int64_t count, size_t size)
{
    void *memory = malloc((size_t)count * size);
    if (!memory)
        stop("no memory");
    return memory;
}

static double now(int threads)
{
    struct timespec t;
    clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint32_t draw(const struct dots *x, enum at_format format, enum stream stream, uint64_t i)
{
    struct at_random key = {x->seed, stream};
    if (x->regime == ZEROS && stream != OF_B && at_random_bits((struct at_random){x->seed, OF_ZEROS + stream}, i) >> 61)
        return 0;
    if (x->regime == NORMAL || (x->regime == CODES && stream == OF_C))
        return at_encode(format, (float)at_random_normal(key, i), AT_OVERFLOW_SATURATE);
    for (uint64_t again = 0;; again++) {
        uint32_t code = (uint32_t)at_random_bits(key, i + (again << 40)) & (uint32_t)((UINT64_C(1) << at_formats[format].bits) - 1);
        if (isfinite(at_decode(format, code)))
            return code;
    }
}

static void *draw_codes(const struct dots *x, enum at_format format, enum stream stream, int64_t count)
{
    size_t size = at_format_size(format);
    char *codes = room(count, size);
    for (int64_t i = 0; i < count; i++) {
        uint32_t code = draw(x, format, stream, (uint64_t)i);
        memcpy(codes + (size_t)i * size, &code, size); /* little-endian */
    }
    return codes;
}

/* D of one whole product into d, again and again until the time is over; returns how many products were made. */
static double by_chains(const struct dots *x, float *d, double start)
{
    struct at_panel panel;
    float *values = room(x->rows * x->k, sizeof *values), *padded = room(x->rows * (x->columns + AT_PANEL_COLUMNS), sizeof *padded);
    int16_t *exponents = room(x->rows * x->k, sizeof *exponents);
    struct at_panel_row *rows = room(x->rows, sizeof *rows);
    struct at_chain *chains = room(x->rows, sizeof *chains);
    if (at_panel_init(&panel, x->simd == AT_SIMD_AUTO ? at_simd_best() : x->simd, x->k, x->columns, NULL))
        stop("no memory");
    at_panel_load(&panel, x->format, x->b, x->k, x->columns);
    at_decode_array(x->format, x->a, (size_t)(x->rows * x->k), values);
    for (int64_t r = 0; r < x->rows; r++) {
        at_panel_row_set(&rows[r], panel.simd, x->format, values + r * x->k, x->k, exponents + r * x->k);
        chains[r] = (struct at_chain){&rows[r], padded + r * panel.n};
    }
    double count = 0;
    do {
        memset(padded, 0, (size_t)(x->rows * panel.n) * sizeof *padded);
        for (int64_t r = 0; r < x->rows; r++)
            memcpy(chains[r].d, x->c + r * x->columns, (size_t)x->columns * sizeof *x->c);
        at_wgmma_chains(x->simd, chains, x->rows, &panel, 0, x->k);
        count += (double)(x->rows * x->columns * x->k);
    } while (now(x->threads) - start < x->seconds);
    for (int64_t r = 0; r < x->rows; r++)
        memcpy(d + r * x->columns, chains[r].d, (size_t)x->columns * sizeof *d);
    at_panel_done(&panel);
    free(values);
    free(padded);
    free(exponents);
    free(rows);
    free(chains);
    return count;
}

static double by_definition(const struct dots *x, float *d, double start)
{
    const int depth = at_wgmma_depth(x->format);
    const float *a = x->a, *b = x->b;
    double count = 0;
    do {
        for (int64_t i = 0; i < x->rows * x->columns; i++) {
            d[i] = x->c[i];
            for (int64_t k = 0; k < x->k; k += depth)
                d[i] = at_wgmma_dot(x->format, x->format, a + i / x->columns * x->k + k, b + k * x->columns + i % x->columns, x->columns,
                                    d[i]);
        }
        count += (double)(x->rows * x->columns * x->k);
    } while (now(x->threads) - start < x->seconds);
    return count;
}

/* The threads make the same product each; the rate is that of all. */
static double rate(struct dots *x)
{
    double count = 0, start = now(x->threads);
#pragma omp parallel for reduction(+ : count) num_threads(x->threads)
    for (int t = 0; t < x->threads; t++) {
        float *d = t ? room(x->rows * x->columns, sizeof *d) : x->d;
        count += x->format == AT_FP32 ? by_definition(x, d, start) : by_chains(x, d, start);
        if (t)
            free(d);
    }
    return count / (now(x->threads) - start);
}

static void keep(const struct dots *x, const char *path)
{
    const size_t a = (size_t)(x->rows * x->k), b = (size_t)(x->k * x->columns), d = (size_t)(x->rows * x->columns);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(x->a, x->size, a, file) != a || fwrite(x->b, x->size, b, file) != b ||
        fwrite(x->c, sizeof *x->c, d, file) != d || fwrite(x->d, sizeof *x->d, d, file) != d || fclose(file)) {
        fprintf(stderr, "bench_dots: %s: %s\n", path, strerror(errno));
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc < 8 || argc > 11)
        stop("usage: bench_dots FORMAT REGIME ROWS COLUMNS INSTRUCTIONS SEED FILE [SECONDS] [THREADS] [PATH]");
    struct dots x = {.format = at_format_find(argv[1]), .rows = atol(argv[3]), .columns = atol(argv[4])};
    while (x.regime < REGIMES && strcmp(argv[2], regimes[x.regime]) != 0)
        x.regime++;
    if (x.format == AT_FORMAT_COUNT || x.regime == REGIMES || x.rows < 1 || x.columns < 1 || atol(argv[5]) < 1)
        stop("FORMAT is e4m3, e5m2, fp16, bf16 or fp32 (tf32), REGIME normal, codes, bits or zeros, a size at least 1");
    x.k = atol(argv[5]) * at_wgmma_depth(x.format);
    x.seed = strtoull(argv[6], NULL, 10);
    x.seconds = argc > 8 ? strtod(argv[8], NULL) : 1;
    x.threads = argc > 9 ? atoi(argv[9]) : 1;
    while (argc > 10 && x.simd < AT_SIMD_COUNT && strcmp(argv[10], at_simd_names[x.simd]) != 0)
        x.simd++;
    if (x.threads < 1 || x.simd == AT_SIMD_COUNT || !at_simd_available(x.simd))
        stop("THREADS is at least 1, PATH one that this machine has");
    x.size = at_format_size(x.format);
    x.a = draw_codes(&x, x.format, OF_A, x.rows * x.k);
    x.b = draw_codes(&x, x.format, OF_B, x.k * x.columns);
    x.c = draw_codes(&x, AT_FP32, OF_C, x.rows * x.columns);
    x.d = room(x.rows * x.columns, sizeof *x.d);
    double products_per_second = rate(&x);
    keep(&x, argv[7]);
    printf("%s %.6e\n", at_sha256_of(x.d, (size_t)(x.rows * x.columns) * sizeof *x.d).hex, products_per_second);
    free(x.a);
    free(x.b);
    free(x.c);
    free(x.d);
    return 0;
}
