/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Processor seconds a query row of the mpfr oracle, by either path, and of the plain 256-bit loop that one would write first; one thread.
 *   bench_mpfr [keys...]          (d = 128; default 1024 8192)
 */
#include "draw.h"

#include "oracles/mpfr/mpfr.h"

#include <inttypes.h>
#include <mpfr.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* one thread; other work on the machine counts less this way */
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Attention of one row at 256 bits with no bound: the yardstick. */
static double naive(const struct draw *draw)
{
    int64_t dim = draw->problem.dim, keys = draw->problem.seq_k;
    mpfr_t *p = malloc((size_t)keys * sizeof *p), *o = malloc((size_t)dim * sizeof *o), a, b, c, sum, top;
    mpfr_inits2(256, a, b, c, sum, top, (mpfr_ptr)NULL);
    mpfr_set_ui(c, (unsigned long)dim, MPFR_RNDN);
    mpfr_rec_sqrt(c, c, MPFR_RNDN);
    mpfr_set_inf(top, -1);
    for (int64_t j = 0; j < keys; j++) {
        mpfr_init2(p[j], 256);
        mpfr_set_zero(p[j], 1);
        for (int64_t d = 0; d < dim; d++) {
            mpfr_set_d(a, draw->q[d], MPFR_RNDN);
            mpfr_set_d(b, draw->k[j * dim + d], MPFR_RNDN);
            mpfr_mul(a, a, b, MPFR_RNDN);
            mpfr_add(p[j], p[j], a, MPFR_RNDN);
        }
        mpfr_mul(p[j], p[j], c, MPFR_RNDN);
        mpfr_max(top, top, p[j], MPFR_RNDN);
    }
    mpfr_set_zero(sum, 1);
    for (int64_t d = 0; d < dim; d++) {
        mpfr_init2(o[d], 256);
        mpfr_set_zero(o[d], 1);
    }
    for (int64_t j = 0; j < keys; j++) {
        mpfr_sub(p[j], p[j], top, MPFR_RNDN);
        mpfr_exp(p[j], p[j], MPFR_RNDN);
        mpfr_add(sum, sum, p[j], MPFR_RNDN);
        for (int64_t d = 0; d < dim; d++) {
            mpfr_set_d(b, draw->v[j * dim + d], MPFR_RNDN);
            mpfr_mul(a, p[j], b, MPFR_RNDN);
            mpfr_add(o[d], o[d], a, MPFR_RNDN);
        }
        mpfr_clear(p[j]);
    }
    mpfr_div(a, o[0], sum, MPFR_RNDN);
    double first = mpfr_get_d(a, MPFR_RNDN);
    for (int64_t d = 0; d < dim; d++)
        mpfr_clear(o[d]);
    mpfr_clears(a, b, c, sum, top, (mpfr_ptr)NULL);
    free(p);
    free(o);
    return first;
}

static double seconds(const struct draw *draw, enum at_mpfr_path path, struct at_oracle_truth *truth)
{
    double start = now();
    struct at_error error;
    if (at_mpfr_solve(&draw->head, path, truth, &error) != AT_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    return (now() - start) / (double)draw->head.row_count;
}

static void measure(enum draw_kind kind, int64_t keys)
{
    struct draw draw;
    struct at_oracle_truth truth;
    draw_shape(&draw, kind, 1, 128, 8, keys, false, 8);
    if (at_oracle_truth_init(&truth, &draw.problem, 8, 1, NULL) != AT_OK)
        exit(1);
    double fast = seconds(&draw, AT_MPFR_AUTO, &truth), log2_fast = truth.radius_log2;
    draw.head.row_count = 1;
    double plain = seconds(&draw, AT_MPFR_PLAIN, &truth);
    double start = now(), first = naive(&draw), slow = now() - start;
    printf("%-6s %7" PRId64 " keys: auto %9.3f ms/row (8 rows, head included; radius 2^%.1f)  plain %9.3f ms (%d bits, 2^%.1f)  "
           "MPFR-256 %9.3f ms  = %5.1fx and %4.1fx  [o = %g, %g]\n", draw_names[kind], keys, 1e3 * fast, log2_fast, 1e3 * plain,
           truth.precision_bits, truth.radius_log2, 1e3 * slow, slow / fast, slow / plain, truth.o[0], first);
    at_oracle_truth_done(&truth);
    draw_done(&draw);
}

int main(int argc, char **argv)
{
    omp_set_num_threads(1);
    static char *usual[] = {"", "1024", "8192"};
    int count = argc > 1 ? argc : 3;
    char **keys = argc > 1 ? argv : usual;
    for (int i = 1; i < count; i++) {
        measure(DRAW_FP16, atoll(keys[i]));
        measure(DRAW_E4M3, atoll(keys[i]));
        measure(DRAW_DOUBLE, atoll(keys[i]));
    }
    return 0;
}
