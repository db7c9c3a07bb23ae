/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/logits.h"

#include "core/simd.h"

#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the right-hand side: of each row its truth and its error. */
enum { COLUMNS = 2 * AT_LOGITS_ROWS };

struct group {
    const struct at_readout *readout;
    const struct at_output_row *rows;
    int64_t count;
    double *x;            /* [width][COLUMNS]: truth of each row, then got - truth of each */
    double *z, *change;   /* [AT_LOGITS_ROWS][tokens] */
    double norm[COLUMNS]; /* not below the Euclidean norm of each column */
};

/*
 * sums[c] = sum over j of row[j] x[j][c], each product rounded and added in the order of j: off by at most (width + 1) 2^-53 sum |row| |x|
 * to first order, the same on every path.
 */
#define MULTIPLY(row, width, x, sums) \
    do { \
        double kept[COLUMNS] = {0}; \
        for (int64_t j = 0; j < (width); j++) { \
            const double factor = (double)(row)[j]; \
            for (int c = 0; c < COLUMNS; c++) \
                kept[c] += factor * (x)[j * COLUMNS + c]; \
        } \
        memcpy(sums, kept, sizeof kept); \
    } while (0)

typedef void multiply(const float *row, int64_t width, const double *x, double *sums);

static void multiply_plain(const float *row, int64_t width, const double *x, double *sums)
{
    MULTIPLY(row, width, x, sums);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void multiply_avx2(const float *row, int64_t width, const double *x, double *sums)
{
    MULTIPLY(row, width, x, sums);
}

__attribute__((target("avx512f"))) static void multiply_avx512(const float *row, int64_t width, const double *x, double *sums)
{
    MULTIPLY(row, width, x, sums);
}
#endif

static multiply *choose(void)
{
#if defined(__x86_64__)
    if (at_simd_best() == AT_SIMD_AVX512)
        return multiply_avx512;
    if (at_simd_best() == AT_SIMD_AVX2)
        return multiply_avx2;
#endif
    return multiply_plain;
}

static bool is_finite(const struct at_output_row *row, int64_t width, bool truth)
{
    for (int64_t j = 0; j < width; j++)
        if (!(truth ? isfinite(row->truth[j]) : isfinite(row->got[j])))
            return false;
    return true;
}

/* Rows without logits take part as zeros. */
static void lay_out(struct group *g)
{
    int64_t width = g->readout->info.width;
    double wider = 1 + ((double)width + 4) * 0x1p-52, lost = 0x1p-490; /* of squares that underflow, of up to 2^40 columns */
    memset(g->x, 0, (size_t)width * COLUMNS * sizeof *g->x);
    for (int c = 0; c < COLUMNS; c++)
        g->norm[c] = 0;
    for (int64_t r = 0; r < g->count; r++) {
        const struct at_output_row *row = &g->rows[r];
        if (!is_finite(row, width, true) || !is_finite(row, width, false))
            continue;
        double truth2 = 0, error2 = 0;
        for (int64_t j = 0; j < width; j++) {
            double truth = row->truth[j], error = (double)row->got[j] - truth;
            g->x[j * COLUMNS + r] = truth;
            g->x[j * COLUMNS + AT_LOGITS_ROWS + r] = error;
            truth2 += truth * truth;
            error2 += error * error;
        }
        g->norm[r] = sqrt(truth2) * wider + lost;
        g->norm[AT_LOGITS_ROWS + r] = sqrt(error2) * wider + lost;
    }
}

static enum at_status multiply_tokens(struct group *g, struct at_error *error)
{
    int64_t tokens = g->readout->info.tokens, width = g->readout->info.width;
    multiply *with = choose();
    bool failed = false;
#pragma omp parallel
    {
        float *row = malloc((size_t)width * sizeof *row);
        double sums[COLUMNS];
        if (!row) {
#pragma omp atomic write
            failed = true;
        }
#pragma omp for schedule(static)
        for (int64_t v = 0; v < tokens; v++) {
            if (!row)
                continue;
            at_readout_row(g->readout, v, row);
            with(row, width, g->x, sums);
            for (int64_t r = 0; r < g->count; r++) {
                g->z[r * tokens + v] = sums[r];
                g->change[r * tokens + v] = sums[AT_LOGITS_ROWS + r];
            }
        }
        free(row);
    }
    return failed ? at_fail(error, AT_ERR_MEMORY, "logits: out of memory") : AT_OK;
}

/*
 * Eq. 1 of docs/readout.md: |sum W_vj x_j| <= |W_v| |x| (Cauchy and Schwarz) for the truth's radius, and for the roundings of a product of
 * `width` terms, of got - truth and of z + change.
 */
static struct at_logit_radius radius_of(const struct group *g, int64_t r)
{
    int64_t tokens = g->readout->info.tokens;
    const double *z = g->z + r * tokens, *change = g->change + r * tokens;
    double u = 0x1p-53, rounding = ((double)g->readout->info.width + 4) * u, norm = g->readout->norm, kernel = 0;
    double own = g->rows[r].radius >= 0 ? g->rows[r].radius : INFINITY;
    double truth = g->norm[r], error = g->norm[AT_LOGITS_ROWS + r];
    for (int64_t v = 0; v < tokens; v++)
        kernel = fmax(kernel, fabs(z[v] + change[v]));
    double from_truth = norm > 0 ? norm * own : 0, of_z = norm * truth * rounding, of_change = norm * error * (rounding + u);
    const double slack = 1 + 0x1p-40;
    return (struct at_logit_radius){.truth = (from_truth + of_z) * slack,
                                    .change = (from_truth + of_change) * slack,
                                    .kernel = (of_z + of_change + kernel * u) * slack};
}

static void compare_group(const struct group *g, struct at_token_change *ret_changes)
{
    int64_t tokens = g->readout->info.tokens, width = g->readout->info.width;
#pragma omp parallel for schedule(dynamic)
    for (int64_t r = 0; r < g->count; r++) {
        struct at_logit_radius radius;
        if (!is_finite(&g->rows[r], width, true)) {
            ret_changes[r] = at_token_change_undefined();
        } else if (!is_finite(&g->rows[r], width, false)) {
            ret_changes[r] = at_token_change_broken();
        } else {
            radius = radius_of(g, r);
            ret_changes[r] = at_token_change_of(g->z + r * tokens, g->change + r * tokens, tokens, &radius);
        }
    }
}

double at_logits_bytes(int64_t tokens, int64_t width, int threads)
{
    return sizeof(double) * COLUMNS * ((double)tokens + (double)width) + sizeof(float) * (double)threads * (double)width;
}

enum at_status at_logits_compare(const struct at_readout *readout, const struct at_output_row *rows, int64_t count,
                                 struct at_token_change *ret_changes, struct at_error *error)
{
    size_t tokens = (size_t)readout->info.tokens, width = (size_t)readout->info.width;
    struct group g = {.readout = readout,
                      .x = malloc(width * COLUMNS * sizeof(double)),
                      .z = malloc(tokens * AT_LOGITS_ROWS * sizeof(double)),
                      .change = malloc(tokens * AT_LOGITS_ROWS * sizeof(double))};
    enum at_status status = g.x && g.z && g.change ? AT_OK : at_fail(error, AT_ERR_MEMORY, "logits: out of memory for %zu tokens", tokens);
    for (int64_t i = 0; i < count && !status; i += AT_LOGITS_ROWS) {
        g.rows = rows + i;
        g.count = count - i < AT_LOGITS_ROWS ? count - i : AT_LOGITS_ROWS;
        lay_out(&g);
        status = multiply_tokens(&g, error);
        if (!status)
            compare_group(&g, ret_changes + i);
    }
    free(g.x);
    free(g.z);
    free(g.change);
    return status;
}
