/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Seconds for all rows of a head by each path of the certified oracle, beside a plain C double loop and oracles/mpfr on 8 rows, scaled.
 *   bench_certified [keys] [threads]          (d = 128; default 4096 keys, 1 thread)
 */
#include "core/format.h"
#include "core/random.h"
#include "oracles/certified/certified.h"
#include "oracles/mpfr/mpfr.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { DIM = 128, SAMPLE = 8 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double *drawn(enum at_format format, double scale, int64_t count, uint64_t stream)
{
    double *x = malloc((size_t)count * sizeof *x);
    struct at_random key = {1, stream};
    for (int64_t i = 0; i < count; i++)
        x[i] = at_decode(format, at_encode(format, (float)(at_random_normal(key, (uint64_t)i) / scale), AT_OVERFLOW_SATURATE)) * scale;
    return x;
}

/* What one would write first, row by row: no bound at all. Returns the largest difference from `truth`. */
static double plain(const struct at_oracle_head *head, const struct at_oracle_truth *truth)
{
    int64_t keys = head->problem->seq_k;
    double *p = malloc((size_t)keys * sizeof *p), o[DIM], scale = 1 / sqrt(DIM), worst = 0;
    for (int64_t i = 0; i < head->row_count; i++) {
        double top = -INFINITY, sum = 0;
        for (int64_t j = 0; j < keys; j++) {
            double s = 0;
            for (int64_t d = 0; d < DIM; d++)
                s += head->q[i * DIM + d] * head->k[j * DIM + d];
            p[j] = s * scale;
            top = fmax(top, p[j]);
        }
        for (int64_t d = 0; d < DIM; d++)
            o[d] = 0;
        for (int64_t j = 0; j < keys; j++) {
            p[j] = exp(p[j] - top);
            sum += p[j];
            for (int64_t d = 0; d < DIM; d++)
                o[d] += p[j] * head->v[j * DIM + d];
        }
        for (int64_t d = 0; d < DIM; d++)
            worst = fmax(worst, fabs(o[d] / sum - truth->o[i * DIM + d]));
    }
    free(p);
    return worst;
}

static void measure(const char *name, enum at_format format, double scale, int64_t keys)
{
    struct at_problem problem = {1, 1, 1, keys, keys, DIM, false, 0};
    int64_t *rows = malloc((size_t)keys * sizeof *rows);
    for (int64_t i = 0; i < keys; i++)
        rows[i] = i;
    struct at_oracle_head head = {&problem, rows, keys, drawn(format, scale, keys * DIM, 1), drawn(format, scale, keys * DIM, 2),
                                  drawn(format, scale, keys * DIM, 3), 0};
    struct at_oracle_truth truth;
    if (at_oracle_truth_init(&truth, &problem, keys, 0, NULL))
        abort();
    double fastest = INFINITY;
    for (int path = AT_SIMD_AVX512; path >= AT_SIMD_SCALAR; path--) {
        if (!at_simd_available((enum at_simd)path))
            continue;
        int64_t declined = 0;
        double best = INFINITY;
        for (int repeat = 0; repeat < (path == AT_SIMD_SCALAR ? 1 : 3); repeat++) {
            double start = now();
            if (at_certified_solve(&head, (enum at_simd)path, &truth, &declined, NULL))
                abort();
            best = fmin(best, now() - start);
        }
        fastest = fmin(fastest, best);
        printf("%-5s %6" PRId64 " keys  %-9s %9.3f s  radius 2^%.1f of sum p|v|  %" PRId64 " rows left to mpfr\n", name, keys,
               at_simd_names[path], best, truth.radius_log2, declined);
    }
    double start = now(), off = plain(&head, &truth), seconds = now() - start;
    printf("%-5s %6" PRId64 " keys  %-9s %9.3f s  largest error %.3g\n", name, keys, "C double", seconds, off);
    head.row_count = SAMPLE;
    start = now();
    if (at_oracle_mpfr.solve(&head, &truth, NULL))
        abort();
    seconds = (now() - start) * (double)keys / SAMPLE;
    printf("%-5s %6" PRId64 " keys  %-9s %9.3f s  (8 rows, scaled) = %.1f x certified\n", name, keys, "mpfr", seconds, seconds / fastest);
    free(rows);
    free((void *)head.q);
    free((void *)head.k);
    free((void *)head.v);
    at_oracle_truth_done(&truth);
}

int main(int argc, char **argv)
{
    int64_t keys = argc > 1 ? atoll(argv[1]) : 4096;
    omp_set_num_threads(argc > 2 ? atoi(argv[2]) : 1);
    measure("fp16", AT_FP16, 1, keys);
    measure("e4m3", AT_E4M3, (double)(float)0.01, keys);
    return 0;
}
