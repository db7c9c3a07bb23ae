/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/swept_heads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

static int by_x(const void *a, const void *b)
{
    const struct at_swept_head *p = a, *q = b;
    return order(p->x, q->x);
}

static int by_head(const void *a, const void *b)
{
    const struct at_swept_head *p = a, *q = b;
    int seeds = (p->seed > q->seed) - (p->seed < q->seed), batches = (p->batch > q->batch) - (p->batch < q->batch);
    int heads = (p->head > q->head) - (p->head < q->head);
    return seeds ? seeds : batches ? batches : heads ? heads : order(p->x, q->x);
}

/* All x, and ln of each head at each x: NaN where the head is not there, infinite where it is not usable. */
struct matrix {
    size_t points, heads;
    double *x, *cells; /* [points]; [heads][points] */
};

static size_t point_of(const struct matrix *m, double x)
{
    size_t low = 0, high = m->points;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(m->x[middle] <= x ? &low : &high) = middle;
    }
    return low;
}

/* Sorts the cells by head. */
static enum at_status spread(struct at_swept_head *cells, size_t count, bool negative, struct matrix *m)
{
    qsort(cells, count, sizeof *cells, by_x);
    if (!(m->x = malloc(count * sizeof *m->x)))
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || cells[i].x != cells[i - 1].x)
            m->x[m->points++] = cells[i].x;
    qsort(cells, count, sizeof *cells, by_head);
    for (size_t i = 0; i < count; i++)
        m->heads +=
            i == 0 || cells[i].seed != cells[i - 1].seed || cells[i].batch != cells[i - 1].batch || cells[i].head != cells[i - 1].head;
    if (!(m->cells = malloc(m->heads * m->points * sizeof *m->cells)))
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < m->heads * m->points; i++)
        m->cells[i] = NAN;
    for (size_t i = 0, head = 0; i < count; i++) {
        head += i && (cells[i].seed != cells[i - 1].seed || cells[i].batch != cells[i - 1].batch || cells[i].head != cells[i - 1].head);
        double value = negative ? -cells[i].value : cells[i].value;
        m->cells[head * m->points + point_of(m, cells[i].x)] = value > 0 && isfinite(value) ? log(value) : INFINITY;
    }
    return AT_OK;
}

/* Heads that are not at every x go; if none is, what is there becomes one row. */
static void choose_heads(struct matrix *m, struct at_swept *swept)
{
    size_t kept = 0;
    for (size_t h = 0; h < m->heads; h++) {
        bool everywhere = true;
        for (size_t p = 0; p < m->points; p++)
            everywhere = everywhere && !isnan(m->cells[h * m->points + p]);
        if (everywhere)
            memmove(m->cells + kept++ * m->points, m->cells + h * m->points, m->points * sizeof *m->cells);
    }
    swept->heads_out = kept ? m->heads - kept : 0;
    swept->apart = kept == 0;
    for (size_t p = 0; p < m->points && kept == 0; p++) {
        double sum = 0;
        size_t count = 0;
        for (size_t h = 0; h < m->heads; h++) {
            double v = m->cells[h * m->points + p];
            sum += isnan(v) ? 0 : v;
            count += !isnan(v);
        }
        m->cells[p] = sum / (double)count; /* infinite with a head that is not usable; every x has a head */
    }
    m->heads = kept ? kept : 1;
}

static bool is_point(const struct matrix *m, size_t p, bool logarithmic)
{
    bool usable = !logarithmic || m->x[p] > 0;
    for (size_t h = 0; h < m->heads; h++)
        usable = usable && isfinite(m->cells[h * m->points + p]);
    return usable;
}

static enum at_status keep_points(const struct matrix *m, bool logarithmic, struct at_swept *swept)
{
    swept->x = malloc(m->points * sizeof *swept->x);
    swept->y = malloc(m->heads * m->points * sizeof *swept->y);
    if (!swept->x || !swept->y)
        return AT_ERR_MEMORY;
    for (size_t p = 0; p < m->points; p++)
        if (is_point(m, p, logarithmic))
            swept->x[swept->points++] = m->x[p];
    for (size_t h = 0, at = 0; h < m->heads; h++)
        for (size_t p = 0; p < m->points; p++)
            if (is_point(m, p, logarithmic))
                swept->y[at++] = exp(m->cells[h * m->points + p]);
    swept->heads = m->heads;
    swept->points_out = m->points - swept->points;
    return AT_OK;
}

enum at_status at_swept_matrix(struct at_swept_head *cells, size_t count, bool logarithmic, struct at_swept *ret_swept)
{
    struct matrix m = {0};
    struct at_swept made = *ret_swept;
    size_t below = 0, above = 0;
    for (size_t i = 0; i < count; i++) {
        below += cells[i].value < 0;
        above += cells[i].value > 0;
    }
    made.negative = below > above;
    enum at_status status = spread(cells, count, made.negative, &m);
    if (!status) {
        choose_heads(&m, &made);
        status = keep_points(&m, logarithmic, &made);
    }
    free(m.x);
    free(m.cells);
    if (status) {
        free(made.x);
        free(made.y);
    } else {
        *ret_swept = made;
    }
    return status;
}
