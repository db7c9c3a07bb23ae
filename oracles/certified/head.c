/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/head.h"

#include "oracles/certified/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Powers of two beyond which nothing here is proved: of scores' units and of values (eq. 16). */
enum { UNIT_MOST = 300, VALUE_MOST = 200 };

static bool all_finite(const double *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* Keys that some row sees, up to the first that is not finite. */
static int64_t count_keys(const struct at_oracle_head *in, int64_t score_dim)
{
    int64_t most = 0, finite = 0, dim = in->problem->dim;
    for (int64_t i = 0; i < in->row_count; i++) {
        int64_t keys = at_problem_keys(in->problem, in->rows[i]);
        most = keys > most ? keys : most;
    }
    while (finite < most && all_finite(in->k + finite * score_dim, score_dim) && all_finite(in->v + finite * dim, dim))
        finite++;
    return finite;
}

/* Fills first_nonzero and largest_value; returns whether all values other than 0 lie within 2^+-VALUE_MOST. */
static bool look_at_values(struct at_certified_head *head)
{
    double least = INFINITY, most = 0;
    for (int64_t c = 0; c < head->dim; c++)
        head->first_nonzero[c] = head->finite_keys;
    for (int64_t j = head->finite_keys - 1; j >= 0; j--)
        for (int64_t c = 0; c < head->dim; c++) {
            double size = fabs(head->in->v[j * head->dim + c]);
            if (size == 0)
                continue;
            head->first_nonzero[c] = j;
            least = size < least ? size : least;
            most = size > most ? size : most;
        }
    head->largest_value = most;
    return most == 0 || (least >= ldexp(1, -VALUE_MOST) && most <= ldexp(1, VALUE_MOST));
}

/* Marks the rows that fit and returns the most bits of a query among them; -1 if none fits. */
static int look_at_queries(struct at_certified_head *head, struct at_span k_span)
{
    const struct at_oracle_head *in = head->in;
    int most = -1, k_bits = k_span.high - k_span.low;
    for (int64_t i = 0; i < in->row_count; i++) {
        int64_t keys = at_problem_keys(in->problem, in->rows[i]);
        const double *q = in->q + i * head->score_dim;
        if (keys == 0 || keys > head->finite_keys || !all_finite(q, head->score_dim))
            continue;
        struct at_span span = at_span_of(q, head->score_dim);
        int bits = span.high - span.low, unit = span.low + k_span.low;
        if (at_certified_mode_of(bits, k_bits, head->score_dim, false) < 0 || unit < -UNIT_MOST || unit > UNIT_MOST)
            continue;
        head->fits[i] = true;
        head->q_span[i] = span;
        most = bits > most ? bits : most;
    }
    return most;
}

static enum at_status convert(struct at_certified_head *head, enum at_certified_mode mode, struct at_span k_span, struct at_error *error)
{
    const int64_t chunk = AT_CERTIFIED_CHUNK, keys = head->finite_keys, padded = (keys + chunk - 1) / chunk * chunk;
    bool there = at_certified_operand_init(&head->k, mode, k_span.high - k_span.low, padded, head->score_dim);
    head->v_tail = calloc((size_t)chunk * (size_t)head->dim, sizeof(double));
    if (!there || !head->v_tail)
        return at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for K in another form");
    memcpy(head->v_tail, head->in->v + keys / chunk * chunk * head->dim, (size_t)(keys % chunk * head->dim) * sizeof(double));
    head->k.low = k_span.low;
    #pragma omp parallel for schedule(static)
    for (int64_t j = 0; j < padded; j++)
        at_certified_operand_set(&head->k, true, j, j < keys ? head->in->k + j * head->score_dim : NULL, k_span.low);
    return AT_OK;
}

enum at_status at_certified_head_init(struct at_certified_head *ret_head, const struct at_oracle_head *in, bool have_ifma,
                                      struct at_error *error)
{
    struct at_certified_head head = {.in = in, .dim = in->problem->dim, .score_dim = in->score_dim ? in->score_dim : in->problem->dim,
                                    .q_bits = -1};
    head.finite_keys = count_keys(in, head.score_dim);
    head.first_nonzero = malloc((size_t)head.dim * sizeof *head.first_nonzero);
    head.fits = calloc((size_t)in->row_count + 1, sizeof *head.fits);
    head.q_span = calloc((size_t)in->row_count + 1, sizeof *head.q_span);
    enum at_status status = AT_OK;
    if (!head.first_nonzero || !head.fits || !head.q_span)
        status = at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for a head");
    at_certified_scale(in->problem->scale, head.dim, 0, head.scale);
    if (!status && look_at_values(&head)) {
        struct at_span k_span = at_span_of(in->k, head.finite_keys * head.score_dim);
        head.q_bits = look_at_queries(&head, k_span);
        int mode = at_certified_mode_of(head.q_bits, k_span.high - k_span.low, head.score_dim, have_ifma);
        if (head.q_bits >= 0)
            status = convert(&head, (enum at_certified_mode)mode, k_span, error);
    }
    if (status)
        at_certified_head_done(&head);
    else
        *ret_head = head;
    return status;
}

void at_certified_head_done(struct at_certified_head *head)
{
    free(head->first_nonzero);
    free(head->fits);
    free(head->q_span);
    free(head->v_tail);
    at_certified_operand_done(&head->k);
    *head = (struct at_certified_head){0};
}
