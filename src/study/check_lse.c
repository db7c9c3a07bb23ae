/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_lse.h"

#include <math.h>
#include <stdlib.h>

static const double unit = 0x1p-24;      /* u of fp32 */
static const double ex2_error = 0x1p-22; /* relative, of ex2.approx and of a correctly rounded 2^x: PTX ISA, 2 ulp */
static const double lg2_error = 0x1p-22; /* of lg2.approx: absolute in (0.5, 2), relative beyond: PTX ISA */
static const double ln2 = 0x1.62e42fefa39efp-1;

/* One row: scores s_j in natural units with their largest, weights e^(s_j - most), and what bounds come from. */
struct row {
    const struct at_numerics *numerics;
    int64_t keys;
    double *score; /* [keys] */
    double most;
    double offset;    /* ln of P's factor */
    double total;     /* of the weights */
    double size;      /* means over the weights: |s|, */
    double depth;     /* most - s, */
    double maximum;   /* max(|most|, |s|), */
    double sum_norm;  /* and norm of the partial sums of a score */
    double rescaled;  /* rescalings that a unit of the sum goes through */
    double mass_norm; /* of the partial sums of the weights */
    double cast;      /* share of the sum that P's cast may take, where the sum is that of P after it */
};

double at_check_lse_deviations(double level, double rows)
{
    return sqrt(2 * log(2 * rows / level));
}

/*
 * Root of the sum of the squares of the partial sums of x_1 ... x_n, the mean over all orders: with S = sum x, X = sum x^2 partial sum i
 * has the mean square i/n X + i (i - 1)/(n (n - 1)) (S^2 - X), and these add up to (n + 1)(S^2/3 + X/6).
 */
static double norm_of_partial_sums(const double *a, const double *b, double scale, int64_t n, double *ret_sum)
{
    double sum = 0, square = 0;
#pragma omp simd reduction(+ : sum, square)
    for (int64_t i = 0; i < n; i++) {
        double x = a[i] * b[i];
        sum += x;
        square += x * x;
    }
    *ret_sum = scale * sum;
    return scale * sqrt((double)(n + 1) * (sum * sum / 3 + square / 6));
}

/*
 * The sum from the first key to the last and from the last to the first, of both the larger: the norm of its partial sums, in units of the
 * sum (lanes, tiles and trees have smaller ones), and how often a unit is rescaled on average: what stands before a new running maximum
 * is, once; key by key that is the most that any tiles of that order do.
 */
static void walk(struct row *r)
{
    for (int reverse = 0; reverse < 2; reverse++) {
        double running = -INFINITY, mass = 0, count = 0, square = 0;
        for (int64_t i = 0; i < r->keys; i++) {
            double s = r->score[reverse ? r->keys - 1 - i : i];
            count += s > running ? mass : 0;
            running = fmax(running, s);
            mass += exp(s - r->most);
            square += mass * mass;
        }
        r->rescaled = fmax(r->rescaled, count / r->total);
        r->mass_norm = fmax(r->mass_norm, sqrt(square) / r->total);
    }
}

/* What P's cast may take from or give to a weight, in units of the weight 1: half a unit in the last place, all of it at the most. */
static double cast_error(const struct row *r, double weight)
{
    const struct at_format_info *info = &at_formats[r->numerics->p_format];
    double factor = exp(r->offset), p = weight * factor;
    double half = fmax(ldexp(p, -info->mantissa_bits - 1), ldexp(1, info->min_exponent - info->mantissa_bits - 1));
    return fmin(half, p) / factor;
}

static void weigh(struct row *r, const double *norm)
{
    for (int64_t j = 0; j < r->keys; j++) {
        double s = r->score[j], w = exp(s - r->most);
        r->total += w;
        r->size += w * fabs(s);
        r->depth += w * (r->most - s);
        r->maximum += w * fmax(fabs(r->most), fabs(s));
        r->sum_norm += w * norm[j];
        r->cast += r->numerics->row_sum == AT_SUM_QUANTISED ? cast_error(r, w) : 0;
    }
    double *means[] = {&r->size, &r->depth, &r->maximum, &r->sum_norm, &r->cast};
    for (size_t i = 0; i < sizeof means / sizeof means[0]; i++)
        *means[i] /= r->total;
    walk(r);
}

/*
 * The room, to first order in u, the sum's relative error carried through the logarithm. Roundings that all of a row or a tile share, and
 * those of functions, count in full; those of sums, one after the other, by their norm. A weight's relative error:
 *   4 |s| u        the coefficient: the softmax scale, log2 e, the product of scales, theirs (E7); 3 |s| u: products by scales (E9, E12)
 *   2 max u        a shift: product and offset (E11), with 3 u of the offset; 2 (most - s) u: the exponent (E12)
 *   ex2            (E13); 2 (most - s) u, and for each rescaling ex2 + u (E17)
 * of the sum: the norm of its partial sums (E14). Of the logarithm (E24): lg2, 3 u of the maximum, the logarithm and the offset, 2 u of
 * the result; all that twice, and an exponential, for a kernel that joins parts of the keys.
 */
static double room_of(const struct row *r, double lse, double deviations, double shift_norm)
{
    double shared = unit * (7 * r->size + 2 * r->maximum + 4 * r->depth + 3 * r->offset + r->rescaled) + ex2_error * (1 + r->rescaled);
    double norm = unit * sqrt(r->sum_norm * r->sum_norm + r->mass_norm * r->mass_norm + shift_norm * shift_norm);
    double relative = shared + deviations * norm + r->cast, log_sum = log(r->total);
    double last =
        lg2_error * ln2 * fmax(1, (log_sum + r->offset) / ln2) + unit * (3 * (fabs(r->most) + log_sum + r->offset) + 2 * fabs(lse));
    return relative >= 1 ? INFINITY : 2 * last + ex2_error - log1p(-relative);
}

/* Of K's mean, what it took from the scores of a row (E3) as twin and kernel sum it: twice the norm of one. */
static double shift_norm(const struct at_operands *o, int64_t head, const double *q, double scale)
{
    const struct at_problem *p = &o->problem;
    double mean[256], unused;
    if (!o->lse_shift)
        return 0;
    const float *from = o->k.mean + (head / p->heads_q * p->heads_kv + head % p->heads_q / at_problem_group(p)) * p->dim;
    for (int64_t i = 0; i < p->dim; i++)
        mean[i] = (double)from[i];
    return 2 * norm_of_partial_sums(q, mean, scale, p->dim, &unused);
}

static struct at_check_lse_room of_row(const struct at_operands *o, const struct at_elements *e, int64_t head, int64_t i, int64_t position,
                                       double deviations, double *scratch)
{
    const struct at_problem *p = &o->problem;
    const double *q = e->q + i * e->score_dim, scale = p->scale > 0 ? p->scale : 1 / sqrt((double)p->dim);
    const enum at_p_offset offset = o->numerics.p_offset;
    struct row r = {.numerics = &o->numerics, .keys = at_problem_keys(p, position), .score = scratch, .most = -INFINITY};
    double *norm = scratch + p->seq_k;
    r.offset = offset == AT_P_POW2_8 ? log(256) : offset == AT_P_448 ? log(448) : 0;
    for (int64_t j = 0; j < r.keys; j++) {
        norm[j] = norm_of_partial_sums(q, e->k + j * e->score_dim, scale, e->score_dim, &r.score[j]);
        r.most = r.score[j] > r.most || isnan(r.score[j]) ? r.score[j] : r.most;
    }
    if (!r.keys)
        return (struct at_check_lse_room){-INFINITY, 0};
    weigh(&r, norm);
    double shift = o->lse_shift ? (double)o->lse_shift[head * p->seq_q + position] : 0;
    return (struct at_check_lse_room){r.most, room_of(&r, r.most + log(r.total) + shift, deviations, shift_norm(o, head, q, scale))};
}

enum at_status at_check_lse_rooms(const struct at_check_case *c, const struct at_operands *operands, const struct at_elements *elements,
                                  int64_t head, const int64_t *which, int64_t count, double deviations, struct at_check_lse_room *ret_rooms,
                                  struct at_error *error)
{
    enum at_status status = AT_OK;
#pragma omp parallel
    {
        double *scratch = malloc((size_t)(2 * operands->problem.seq_k) * sizeof *scratch);
#pragma omp for schedule(dynamic, 8)
        for (int64_t n = 0; n < count; n++) {
            const int64_t i = which ? which[n] : n;
            if (scratch)
                ret_rooms[n] = of_row(operands, elements, head, i, c->c.rows.index[i], deviations, scratch);
        }
#pragma omp critical
        if (!scratch)
            status = at_fail(error, AT_ERR_MEMORY, "check: out of memory for %lld keys", (long long)operands->problem.seq_k);
        free(scratch);
    }
    return status;
}

enum at_status at_check_lse_widen(const struct at_check_case *c, struct at_check_expectation *e, struct at_error *error)
{
    int64_t heads = at_check_heads(c), rows = c->c.rows.count;
    const double deviations = at_check_lse_deviations(at_check_share(c), (double)(heads * rows));
    struct at_check_lse_room *rooms = calloc((size_t)rows, sizeof *rooms);
    struct at_elements elements = {0};
    enum at_status status =
        rooms ? at_elements_init(&elements, &c->c, &c->operands, error) : at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    for (int64_t h = 0; h < heads && !status; h++) {
        at_elements_fill(&elements, &c->c, &c->inputs, &c->operands, h / c->c.problem.heads_q, h % c->c.problem.heads_q);
        status = at_check_lse_rooms(c, &c->operands, &elements, h, NULL, rows, deviations, rooms, error);
        for (int64_t line = h * rows; line < (h + 1) * rows && !status; line++) {
            double room = rooms[line - h * rows].room + c->truths[AT_AGAINST_DEQUANTISED].head[h].lse_radius[line - h * rows];
            bool known = at_check_defined(c, h, line - h * rows);
            double *low = &e->lse_low[line], *high = &e->lse_high[line], *most = &e->bounds.lse;
            *low = known ? *low - room : NAN;
            *high = known ? *high + room : NAN;
            *most = known ? fmax(*most, fmax(-*low, *high)) : *most;
        }
    }
    at_elements_done(&elements);
    free(rooms);
    return status;
}
