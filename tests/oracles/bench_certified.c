/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Seconds for all rows of a head (d = 128) by each path of the certified oracle, and by what else there is, in one run: oracles/mpfr, a
 * loop in MPFR at 256 bits, Arb at 128, mpmath and numpy (bench_peers.py), and a plain C double loop.
 *   bench_certified [keys...]          (default 4096 16384)
 * One thread: processor seconds, which other work on the machine disturbs least; two: wall. Slow ones are timed on some rows and scaled.
 */
#include "bench_arb.h"
#include "naive.h"

#include "core/format.h"
#include "core/random.h"
#include "oracles/certified/certified.h"
#include "oracles/mpfr/mpfr.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIM = 128, ARB_BITS = 128, MPFR_BITS = 256 };

static int threads = 1;

static double now(void)
{
    struct timespec t;
    clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One input under measurement. */
struct input {
    const char *name;
    int64_t keys;
    struct at_oracle_head head;
    struct at_oracle_truth truth;
    double certified; /* seconds by the best path */
};

static void tell(const struct input *input, const char *what, double seconds, const char *note)
{
    printf("%-10s %6" PRId64 " keys  %d thread%s  %-32s %11.3f s  %10.2f x certified  %s\n", input->name, input->keys, threads,
           threads == 1 ? " " : "s", what, seconds, seconds / input->certified, note);
    fflush(stdout);
}

static double *drawn(enum at_format format, double scale, int64_t count, uint64_t stream)
{
    double *x = malloc((size_t)count * sizeof *x);
    struct at_random key = {1, stream};
    for (int64_t i = 0; i < count; i++)
        x[i] = at_decode(format, at_encode(format, (float)(at_random_normal(key, (uint64_t)i) / scale), AT_OVERFLOW_SATURATE)) * scale;
    return x;
}

/* Seconds of all rows, from the first `rows` of them. */
static double solved(struct input *input, enum at_simd path, int64_t rows)
{
    struct at_oracle_head head = input->head;
    head.row_count = rows < input->keys ? rows : input->keys;
    double start = now();
    if (at_certified_solve(&head, path, &input->truth, NULL, NULL))
        abort();
    return (now() - start) * (double)input->keys / (double)head.row_count;
}

/* What one would write first, row by row: no bound at all. */
static double plain(const struct input *input, int64_t rows)
{
    const struct at_oracle_head *head = &input->head;
    double *p = malloc((size_t)input->keys * sizeof *p), o[DIM], scale = 1 / sqrt(DIM), start = now();
    volatile double kept = 0;
    for (int64_t i = 0; i < rows; i++) {
        double top = -INFINITY, sum = 0;
        memset(o, 0, sizeof o);
        for (int64_t j = 0; j < input->keys; j++) {
            double s = 0;
            for (int64_t d = 0; d < DIM; d++)
                s += head->q[i * DIM + d] * head->k[j * DIM + d];
            p[j] = s * scale;
            top = fmax(top, p[j]);
        }
        for (int64_t j = 0; j < input->keys; j++) {
            p[j] = exp(p[j] - top);
            sum += p[j];
            for (int64_t d = 0; d < DIM; d++)
                o[d] += p[j] * head->v[j * DIM + d];
        }
        for (int64_t d = 0; d < DIM; d++)
            kept = kept + o[d] / sum;
    }
    free(p);
    return (now() - start) * (double)input->keys / (double)rows;
}

static double by_mpfr(const struct input *input, int64_t rows)
{
    struct naive naive;
    mpfr_t o[DIM], lse;
    mpfr_init(lse);
    for (int c = 0; c < DIM; c++)
        mpfr_init(o[c]);
    naive_init(&naive, &input->head);
    double start = now();
    for (int64_t i = 0; i < rows; i++)
        naive_row(&naive, i, MPFR_BITS, o, lse);
    double seconds = (now() - start) * (double)input->keys / (double)rows;
    naive_done(&naive);
    for (int c = 0; c < DIM; c++)
        mpfr_clear(o[c]);
    mpfr_clear(lse);
    return seconds;
}

/* What bench_peers.py has to say: lines of name, seconds and note, or one that says what is missing. */
static void by_python(const struct input *input, const char *what)
{
    char command[600], line[300];
    snprintf(command, sizeof command, "python3 '%s' %" PRId64 " %d %s", AT_BENCH_PEERS, input->keys, threads, what);
    FILE *lines = popen(command, "r");
    while (lines && fgets(line, sizeof line, lines)) {
        char *seconds = strchr(line, '\t'), *note = seconds ? strchr(seconds + 1, '\t') : NULL;
        line[strcspn(line, "\n")] = 0;
        if (note) {
            *seconds = *note = 0;
            tell(input, line, strtod(seconds + 1, NULL), note + 1);
        } else {
            printf("%s: %s\n", what, line);
        }
    }
    if (!lines || pclose(lines) != 0)
        printf("%s: python3 could not run bench_peers.py\n", what);
}

static void measure_paths(struct input *input)
{
    char note[80];
    for (int path = AT_SIMD_AVX512; path >= AT_SIMD_SCALAR; path--) {
        if (!at_simd_available((enum at_simd)path))
            continue;
        int64_t rows = path == AT_SIMD_SCALAR ? 256 : input->keys;
        double seconds = INFINITY;
        for (int repeat = 0; repeat < (rows < input->keys ? 1 : 3); repeat++)
            seconds = fmin(seconds, solved(input, (enum at_simd)path, rows));
        const char *scaled = rows < input->keys ? ", 256 rows, scaled" : "";
        snprintf(note, sizeof note, "radius 2^%.1f of sum p|v|%s", input->truth.radius_log2, scaled);
        char what[40];
        snprintf(what, sizeof what, "certified, %s", at_simd_names[path]);
        tell(input, what, seconds, note);
    }
}

static void measure_others(struct input *input, bool with_python)
{
    if (with_python)
        by_python(input, "numpy");
    if (threads > 1)
        return;
    tell(input, "plain C double loop", plain(input, 512), "512 rows, scaled");
    struct at_oracle_head few = input->head;
    few.row_count = 8;
    double start = now();
    if (at_oracle_mpfr.solve(&few, &input->truth, NULL))
        abort();
    tell(input, "oracles/mpfr", (now() - start) * (double)input->keys / 8, "8 rows, scaled");
    tell(input, "loop in MPFR, 256 bits", by_mpfr(input, 3), "3 rows, scaled");
    double arb = bench_arb(&input->head, 3, ARB_BITS, now) * (double)input->keys / 3;
    if (arb > 0)
        tell(input, "Arb, 128 bits", arb, "arb_dot, 3 rows, scaled");
    else
        puts("Arb: not in this build; install libflint-arb-dev (Debian 12) or libflint-dev (Ubuntu 24.04)");
    if (with_python)
        by_python(input, "mpmath");
}

static void measure(const char *name, enum at_format format, double scale, int64_t keys, bool with_python)
{
    struct at_problem problem = {1, 1, 1, keys, keys, DIM, false, 0};
    int64_t *rows = malloc((size_t)keys * sizeof *rows);
    for (int64_t i = 0; i < keys; i++)
        rows[i] = i;
    struct input input = {.name = name, .keys = keys};
    input.head = (struct at_oracle_head){&problem, rows, keys, drawn(format, scale, keys * DIM, 1), drawn(format, scale, keys * DIM, 2),
                                         drawn(format, scale, keys * DIM, 3), 0};
    if (at_oracle_truth_init(&input.truth, &problem, keys, 0, NULL))
        abort();
    for (threads = 1; threads <= 2; threads++) {
        omp_set_num_threads(threads);
        input.certified = INFINITY;
        for (int repeat = 0; repeat < 3; repeat++)
            input.certified = fmin(input.certified, solved(&input, AT_SIMD_AUTO, keys));
        measure_others(&input, with_python);
        measure_paths(&input);
    }
    free(rows);
    free((void *)input.head.q);
    free((void *)input.head.k);
    free((void *)input.head.v);
    at_oracle_truth_done(&input.truth);
}

int main(int argc, char **argv)
{
    static char *usual[] = {"", "4096", "16384"};
    for (int i = 1; i < (argc > 1 ? argc : 3); i++) {
        int64_t keys = atoll(argc > 1 ? argv[i] : usual[i]);
        measure("fp16", AT_FP16, 1, keys, true);
        measure("e4m3", AT_E4M3, 1, keys, true);
        measure("e4m3*scale", AT_E4M3, (double)(float)0.01, keys, true);
        measure("fp64", AT_FP32, 1.0 / 3, keys, false); /* all 53 bits */
    }
    return 0;
}
