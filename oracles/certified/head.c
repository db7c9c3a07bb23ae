/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/head.h"

#include "oracles/certified/table.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Powers of two beyond which nothing here is proved: of scores' units and of values (eq. 16). */
enum { UNIT_MOST = 300, VALUE_MOST = 200 };

/* Most bits of values for short_values (eq. 25). */
enum { SHORT_BITS = 30 };

static bool all_finite(const double *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* Keys up to the first that is not finite, seen or not: what K and V are brought into does not depend on the rows asked for. */
static int64_t count_keys(const struct at_oracle_head *in, int64_t score_dim)
{
    int64_t finite = 0, dim = in->problem->dim;
    while (finite < in->problem->seq_k && all_finite(in->k + finite * score_dim, score_dim) && all_finite(in->v + finite * dim, dim))
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

static int64_t padded_keys(const struct at_certified_head *head)
{
    return (head->finite_keys + AT_CERTIFIED_CHUNK - 1) / AT_CERTIFIED_CHUNK * AT_CERTIFIED_CHUNK;
}

/* The form of every finite key; k_span of all together. */
static void look_at_keys(struct at_certified_head *head, struct at_certified_form *forms)
{
    int low = INT_MAX, high = INT_MIN;
    #pragma omp parallel for schedule(static) reduction(min : low) reduction(max : high)
    for (int64_t j = 0; j < head->finite_keys; j++) {
        struct at_certified_form form = at_certified_form_of(head->in->k + j * head->score_dim, head->score_dim);
        forms[j] = form;
        if (form.span.low < form.span.high) {
            int top = at_certified_form_top(&form);
            low = form.span.low < low ? form.span.low : low;
            high = top > high ? top : high;
        }
    }
    head->k_span = low <= high ? (struct at_span){low, high} : (struct at_span){0, 0};
}

/* Finds the rows that fit. */
static void look_at_queries(struct at_certified_head *head)
{
    const struct at_oracle_head *in = head->in;
    const struct at_certified_query *last = NULL;
    for (int64_t i = 0; i < in->row_count; i++) {
        int64_t keys = at_problem_keys(in->problem, in->rows[i]);
        const double *q = in->q + i * head->score_dim;
        struct at_certified_query *query = &head->query[i];
        if (keys == 0 || keys > head->finite_keys || !all_finite(q, head->score_dim))
            continue;
        query->form = at_certified_form_of(q, head->score_dim);
        int unit = query->form.span.high + head->k_span.high;
        if (unit < -UNIT_MOST || unit > UNIT_MOST)
            continue;
        if (last && last->form.factor == query->form.factor)
            memcpy(query->scale, last->scale, sizeof query->scale);
        else
            at_certified_scale(in->problem->scale, head->dim, query->form.factor, query->scale);
        query->fits = true;
        query->slices = at_certified_slices_of(&query->form, head->plan.q_width);
        head->q_slices = query->slices > head->q_slices ? query->slices : head->q_slices;
        last = query;
    }
    for (int slices = 1; slices <= head->q_slices; slices++)
        for (int64_t i = 0; i < in->row_count; i++)
            if (head->query[i].slices == slices)
                head->order[head->fitting++] = i;
}

static enum at_status convert_keys(struct at_certified_head *head, const struct at_certified_form *forms, int slices,
                                   struct at_error *error)
{
    if (!at_certified_keys_init(&head->k, slices, head->plan.k_width, padded_keys(head), head->score_dim))
        return at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for K in another form; use fewer keys");
    #pragma omp parallel for schedule(static)
    for (int64_t j = 0; j < head->finite_keys; j++)
        at_certified_keys_set(&head->k, j, head->in->k + j * head->score_dim, &forms[j], head->k_span.high);
    return AT_OK;
}

/* Whether and how short_values takes V, whose values are below 2^form->span.high when the factor is divided out. */
static void look_at_sizes(struct at_certified_head *head, const struct at_certified_form *form)
{
    double largest = 0;
    int64_t count = head->k.count / AT_CERTIFIED_CHUNK * head->dim;
    for (int64_t at = 0; at < count; at++)
        largest = head->v_sizes[at] > largest ? head->v_sizes[at] : largest;
    head->v_bits = form->span.high - form->span.low > 2 ? form->span.high - form->span.low : 2;
    head->v_reach = largest > 0 ? at_top(1.0001 * largest) - form->span.low : 2;
    head->v_reach = head->v_reach > head->v_bits ? head->v_reach : head->v_bits;
    head->v_short = head->v_bits <= SHORT_BITS;
}

static enum at_status convert_values(struct at_certified_head *head, struct at_error *error)
{
    const int64_t chunk = AT_CERTIFIED_CHUNK, columns = AT_CERTIFIED_COLUMNS, dim = head->dim, padded = padded_keys(head);
    struct at_certified_form form = at_certified_form_of(head->in->v, head->finite_keys * dim);
    head->v_factor = (double)form.factor;
    head->v = calloc((size_t)padded * (size_t)dim, sizeof(double));
    head->v_sizes = calloc((size_t)(padded / chunk) * (size_t)dim, sizeof(double));
    if (!head->v || !head->v_sizes)
        return at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for V in another form; use fewer keys");
    #pragma omp parallel for schedule(static)
    for (int64_t first = 0; first < head->finite_keys; first += chunk)
        for (int64_t j = first; j < first + chunk && j < head->finite_keys; j++)
            for (int64_t c = 0; c < dim; c++) {
                double value = head->in->v[j * dim + c] / head->v_factor; /* exact */
                head->v[first * dim + (c / columns * chunk + j - first) * columns + c % columns] = value;
                head->v_sizes[first / chunk * dim + c] += fabs(value);
            }
    look_at_sizes(head, &form);
    return AT_OK;
}

/* Everything that needs the forms of the keys. */
static enum at_status look_at_scores(struct at_certified_head *head, struct at_error *error)
{
    struct at_certified_form *forms = malloc(((size_t)head->finite_keys + 1) * sizeof *forms);
    if (!forms)
        return at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for the spans of K; use fewer keys or free some memory");
    look_at_keys(head, forms);
    look_at_queries(head);
    int slices = 1;
    for (int64_t j = 0; j < head->finite_keys; j++) {
        int needed = at_certified_slices_of(&forms[j], head->plan.k_width);
        slices = needed > slices ? needed : slices;
    }
    enum at_status status = head->fitting > 0 ? convert_keys(head, forms, slices, error) : AT_OK;
    if (!status && head->fitting > 0)
        status = convert_values(head, error);
    free(forms);
    return status;
}

enum at_status at_certified_head_init(struct at_certified_head *ret_head, const struct at_oracle_head *in, struct at_error *error)
{
    struct at_certified_head head = {.in = in, .dim = in->problem->dim, .score_dim = in->score_dim ? in->score_dim : in->problem->dim};
    head.finite_keys = count_keys(in, head.score_dim);
    head.first_nonzero = malloc((size_t)head.dim * sizeof *head.first_nonzero);
    head.query = calloc((size_t)in->row_count + 1, sizeof *head.query);
    head.order = malloc(((size_t)in->row_count + 1) * sizeof *head.order);
    head.plan = at_certified_plan_of(head.score_dim);
    enum at_status status = AT_OK;
    if (!head.first_nonzero || !head.query || !head.order)
        status = at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for a head; ask for fewer rows");
    if (!status && look_at_values(&head))
        status = look_at_scores(&head, error);
    if (status)
        at_certified_head_done(&head);
    else
        *ret_head = head;
    return status;
}

void at_certified_head_done(struct at_certified_head *head)
{
    free(head->first_nonzero);
    free(head->query);
    free(head->order);
    free(head->v);
    free(head->v_sizes);
    at_certified_keys_done(&head->k);
    *head = (struct at_certified_head){0};
}

int at_certified_head_unit(const struct at_certified_head *head, int64_t i)
{
    return head->query[i].form.span.high - head->plan.q_width + head->k_span.high - head->plan.k_width;
}

double at_certified_head_score_error(const struct at_certified_head *head, int64_t i)
{
    const struct at_certified_query *query = &head->query[i];
    int depth = at_certified_head_unit(head, i) - query->form.span.low - head->k_span.low;
    return at_certified_score_error(&head->plan, depth, query->slices, head->k.slices);
}
