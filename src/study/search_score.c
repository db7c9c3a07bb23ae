/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/search_score.h"

#include "study/elements.h"
#include "study/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One evaluation under way. */
struct scoring {
    const struct at_search_scorer *scorer;
    const struct at_qkv *inputs;
    const struct at_operands *operands;
    struct at_elements elements;
    struct at_oracle_truth truth; /* of the head at hand */
    bool solved;                  /* truth is that head's */
    int64_t *which;               /* [rows] all of them */
    double *radius;               /* [dim] */
    struct at_metric_state head, whole;
    struct at_counts counts;
    enum at_status status;
    struct at_error error;
};

enum at_status at_search_metric_check(const struct at_metric *metric, struct at_error *error)
{
    if (metric->better != AT_LARGER_IS_BETTER)
        return AT_OK;
    return at_fail(
        error, AT_ERR_ARGUMENT,
        "metric %s: larger is better, so that its worst case is no maximum; take %s, which measures the same from the other side",
        metric->name, strcmp(metric->name, "snr_db") == 0 ? "rel_rmse" : "calc_diff");
}

struct at_search_score at_search_score_of(const struct at_metric *metric, double value, double radius)
{
    double size = metric->better == AT_NEARER_ZERO_IS_BETTER ? fabs(value) : value, lost = isnan(radius) ? 0 : radius;
    return (struct at_search_score){value, radius, isinf(size) && lost == 0 ? size : size - lost};
}

static void solve_head(struct scoring *s, int64_t b, int64_t h)
{
    const struct at_case *c = s->scorer->c;
    const struct at_operands *operands = s->scorer->dequantised ? s->operands : NULL;
    if (s->solved)
        at_oracle_truth_done(&s->truth);
    at_elements_fill(&s->elements, c, s->inputs, operands, b, h);
    s->status =
        at_elements_solve(&s->elements, c, s->scorer->oracle, s->which, c->rows.count, s->scorer->metric->add, &s->truth, &s->error);
    s->solved = s->status == AT_OK;
}

/* Row by row into the head and head by head into the case, as a run does: sums round the same. */
static void score_part(void *context, const struct at_attended *part)
{
    struct scoring *s = context;
    const struct at_case *c = s->scorer->c;
    const struct at_metric *metric = s->scorer->metric;
    const struct at_operands *o = s->operands;
    s->counts.saturated += part->out->p_saturated;
    s->counts.underflowed += part->out->p_underflowed;
    if (part->first == 0 && metric->add && !s->status)
        solve_head(s, part->b, part->h);
    int64_t head = part->b * c->problem.heads_q + part->h;
    bool shifted = s->scorer->dequantised && o->lse_shift;
    const struct at_beside beside = {c, part, &s->truth, shifted ? o->lse_shift + head * c->problem.seq_q : NULL};
    for (int64_t i = part->first; i < part->first + part->count; i++) {
        struct at_metric_state row = {.n = 0};
        s->counts.elements += at_problem_keys(&c->problem, c->rows.index[i]);
        if (!metric->add || s->status)
            continue;
        const struct at_row_sample sample = at_sample_row(&beside, i, &s->truth, i, s->radius);
        metric->add(&row, &sample);
        metric->merge(&s->head, &row);
    }
    if (part->first + part->count == c->rows.count && metric->add) {
        metric->merge(&s->whole, &s->head);
        s->head = (struct at_metric_state){.n = 0};
    }
}

static struct at_search_score conclude(struct scoring *s)
{
    const struct at_metric *metric = s->scorer->metric;
    const struct at_operand *operands[] = {&s->operands->q, &s->operands->k, &s->operands->v};
    double value = NAN;
    for (int i = 0; i < 3; i++) {
        struct at_clips clips = at_operand_clips(operands[i]);
        s->counts.elements += at_tensor_count(&operands[i]->codes);
        s->counts.saturated += clips.saturated;
        s->counts.underflowed += clips.underflowed;
    }
    if (metric->add_counts)
        metric->add_counts(&s->whole, &s->counts);
    if (metric->value(&s->whole, &value) != AT_OK)
        value = NAN;
    double radius = metric->radius ? metric->radius(&s->whole) : NAN;
    return at_search_score_of(metric, value, metric->radius && isnan(radius) ? INFINITY : radius);
}

static enum at_status scoring_init(struct scoring *s, struct at_error *error)
{
    const struct at_case *c = s->scorer->c;
    s->which = calloc((size_t)c->rows.count, sizeof *s->which);
    s->radius = calloc((size_t)c->problem.dim, sizeof *s->radius);
    if (!s->which || !s->radius)
        return at_fail(error, AT_ERR_MEMORY, "search: out of memory for %lld rows; look at fewer", (long long)c->rows.count);
    for (int64_t i = 0; i < c->rows.count; i++)
        s->which[i] = i;
    return at_elements_init(&s->elements, c, s->scorer->dequantised ? s->operands : NULL, error);
}

enum at_status at_search_score(const struct at_search_scorer *scorer, const struct at_qkv *inputs, struct at_search_score *ret_score,
                               struct at_error *error)
{
    static const struct at_work quiet;
    const struct at_case *c = scorer->c;
    struct at_attend attend;
    struct at_sha256 output;
    struct scoring s = {.scorer = scorer, .inputs = inputs, .operands = &attend.operands};
    enum at_status status = at_attend_prepare(&c->problem, &scorer->numerics, inputs, &c->rows, scorer->simd, &attend, error);
    if (status)
        return status;
    status = scoring_init(&s, error);
    if (!status)
        status = at_attend_heads(&attend, true, score_part, &s, &quiet, &output, error);
    if (!status && s.status)
        status = at_fail(error, s.status, "%s", s.error.message);
    if (!status)
        *ret_score = conclude(&s);
    if (s.solved)
        at_oracle_truth_done(&s.truth);
    at_elements_done(&s.elements);
    free(s.which);
    free(s.radius);
    at_attend_done(&attend);
    return status;
}
