/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/expect_row.h"

#include "core/random.h"
#include "kernels/prepare/rotate.h"
#include "study/truth.h"

#include <math.h>
#include <string.h>

enum { DEPTH_MOST = 32, STREAM = 0x6e6f6973 }; /* "nois" */

/* The truth as the accumulator has it: rotated, without V's mean. */
static void turn_truth(struct at_expect_row *row, const struct at_expect_head *head, const double *o)
{
    const int64_t dim = head->operands->problem.dim;
    float ones[256] = {0};
    for (int64_t c = 0; c < dim; c++) {
        row->o[c] = o[c] * (double)head->v.signs[c];
        ones[c] = 1.0f;
    }
    if (head->v.width)
        at_unrotate_row_double(row->o, dim, head->v.width, ones);
    for (int64_t c = 0; c < dim && head->v.mean; c++)
        row->o[c] -= (double)head->v.mean[c];
}

void at_expect_row_init(struct at_expect_row *row, const struct at_expect_head *head, int64_t i)
{
    const struct at_operands *operands = head->operands;
    const struct at_problem *p = &operands->problem;
    const struct at_numerics *n = &operands->numerics;
    const int64_t position = head->rows->index[i];
    row->defined = at_truth_defined(head->truth, i, p->dim);
    row->p = head->truth->p + i * p->seq_k;
    row->keys = row->defined ? at_problem_keys(p, position) : 0;
    for (int64_t j = 0; j < row->keys; j++)
        row->most = fmax(row->most, row->p[j]);
    turn_truth(row, head, head->truth->o + i * p->dim);
    at_switched_row_of(&head->q, position, row->q);
    row->q_scale = (double)at_scale_of(&operands->q.scale, head->b, head->h, position, 0);
    row->score_unit = row->q_scale * (p->scale > 0 ? p->scale : 1 / sqrt((double)p->dim));
    row->p_unit = n->p_offset == AT_P_NORMALISED ? 1 : row->most / (n->p_offset == AT_P_POW2_8 ? 256 : n->p_offset == AT_P_448 ? 448 : 1);
    for (int64_t c = 0; c < p->dim; c++) {
        const double noise = sqrt(at_noise_square(n->q.storage, row->q[c]));
        row->q_square[c] = row->q[c] * row->q[c];
        for (int d = 0; d < AT_EXPECT_DRAWS; d++) {
            struct at_random key = {(uint64_t)(head->b * p->heads_q + head->h), STREAM};
            bool negative = at_random_bits(key, (uint64_t)((position * AT_EXPECT_DRAWS + d) * 256 + c)) & 1;
            row->q_noise[d][c] = negative ? -noise : noise;
        }
    }
}

/* Noise of the score of key j: K's, the accumulator's, that of a rounded score; and what Q's draws do. In natural units. */
static void add_scores(struct at_expect_row *row, const struct at_expect_head *head, const struct at_expect_key *key, int64_t j,
                       const double *away, double away2)
{
    const struct at_numerics *n = &head->operands->numerics;
    const int64_t dim = head->operands->problem.dim;
    const struct at_wgmma_rounding r = at_wgmma_rounding_of(n->q.format);
    const double unit = row->score_unit * key->k_scale, weight = row->p[j] * row->p[j] * away2;
    struct at_noise_sum score = {.d = 0};
    double of_k = 0, pull[AT_EXPECT_DRAWS] = {0};
    for (int64_t c = 0; c < dim; c += r.depth)
        at_noise_add(&score, r, n->q.format, n->k.format, row->q + c, key->k + c, 1, r.depth);
    for (int64_t c = 0; c < dim; c++)
        of_k += row->q_square[c] * key->k_noise[c];
    for (int d = 0; d < AT_EXPECT_DRAWS; d++) {
        for (int64_t c = 0; c < dim; c++)
            pull[d] += row->q_noise[d][c] * key->k[c];
        pull[d] *= unit * row->p[j];
    }
    const double shift = (score.d - score.exact) * unit * row->p[j];
    for (int64_t c = 0; c < dim; c++) {
        for (int d = 0; d < AT_EXPECT_DRAWS; d++)
            row->drawn[d][c] += pull[d] * away[c];
        row->score_error[c] += shift * away[c];
    }
    row->square[AT_ROUNDING_K] += weight * of_k * unit * unit;
    row->square[AT_ROUNDING_SCORES_SUM] += weight * score.square * unit * unit;
    if (n->score_format != AT_FP32)
        row->square[AT_ROUNDING_SCORES] += weight * at_noise_square(n->score_format, score.exact * unit);
}

/* The weight of key j as it is cast, 0 where it vanishes; its noise. */
static double add_weight(struct at_expect_row *row, const struct at_expect_head *head, const struct at_expect_key *key, int64_t j,
                         const double *value, double size2, double away2)
{
    const struct at_numerics *n = &head->operands->numerics;
    const int64_t dim = head->operands->problem.dim;
    const double fold =
        n->v.scale == AT_SCALE_TOKEN ? (double)at_scale_of(&head->operands->v.scale, head->b, head->kv, j, 0) / head->v_most : 1;
    const double p = row->p[j] / row->p_unit * fold, square = at_noise_square(n->p_format, p), unit = row->p_unit / fold;
    const bool vanishes = square == p * p;
    row->square[AT_ROUNDING_V] += row->p[j] * row->p[j] * key->v_noise;
    for (int64_t c = 0; c < dim && head->v.mean; c++)
        row->shared[c] += row->p[j] * key->v_shared[c];
    if (!vanishes) {
        row->square[AT_ROUNDING_P] += square * unit * unit * (n->row_sum == AT_SUM_QUANTISED ? away2 : size2);
        return p;
    }
    for (int64_t c = 0; c < dim; c++) /* all on one side */
        row->lost[c] += row->p[j] * (n->row_sum == AT_SUM_QUANTISED ? value[c] - row->o[c] : value[c]);
    return 0;
}

/* Ends an accumulation: its loss in units of V. */
static void promote(struct at_expect_row *row, const struct at_expect_head *head, int64_t key)
{
    const struct at_operands *o = head->operands;
    const bool token = o->numerics.v.scale == AT_SCALE_TOKEN;
    for (int64_t c = 0; c < o->problem.dim; c++) {
        double scale = row->p_unit * (token ? head->v_most : (double)at_scale_of(&o->v.scale, head->b, head->kv, key, c));
        row->sum_error[c] += (row->sum[c].d - row->sum[c].exact) * scale;
        row->sum_square[c] += row->sum[c].square * scale * scale;
        row->sum[c] = (struct at_noise_sum){0};
    }
}

/* One instruction's keys. */
static void add_chunk(struct at_expect_row *row, const struct at_expect_head *head, const struct at_expect_key *keys, int64_t first,
                      int64_t count)
{
    const struct at_operands *o = head->operands;
    const struct at_numerics *n = &o->numerics;
    const int64_t dim = o->problem.dim;
    double p[DEPTH_MOST] = {0}, value[256], away[256];
    for (int64_t j = 0; j < count; j++) {
        double size2 = 0, away2 = 0;
        if (first + j >= row->keys || row->p[first + j] == 0)
            continue;
        for (int64_t c = 0; c < dim; c++) {
            value[c] = keys[j].v[c] * (double)at_scale_of(&o->v.scale, head->b, head->kv, first + j, c);
            away[c] = value[c] - row->o[c];
            size2 += value[c] * value[c];
            away2 += away[c] * away[c];
        }
        add_scores(row, head, &keys[j], first + j, away, away2);
        p[j] = add_weight(row, head, &keys[j], first + j, value, size2, away2);
    }
    for (int64_t c = 0; c < dim; c++)
        at_noise_add(&row->sum[c], at_wgmma_rounding_of(n->p_format), n->p_format, n->v.format, p, keys[0].v + c, dim, count);
}

void at_expect_row_add(struct at_expect_row *row, const struct at_expect_head *head, const struct at_expect_key *keys, int64_t first,
                       int64_t count, bool last)
{
    const struct at_numerics *n = &head->operands->numerics;
    const int64_t depth = at_wgmma_depth(n->p_format);
    for (int64_t j = 0; j < count; j += depth) {
        const int64_t some = count - j < depth ? count - j : depth, at = (first + j) % n->tile_n + depth;
        if (first + j < row->keys)
            add_chunk(row, head, keys + j, first + j, some);
        const bool ends = last && j + depth >= count;
        if (n->promote == AT_PROMOTE_TILE ? ends : n->promote > 0 && (ends || at % n->promote == 0))
            promote(row, head, first + j);
    }
}

void at_expect_row_finish(struct at_expect_row *row, const struct at_expect_head *head, struct at_expectation *ret_expectation)
{
    const struct at_operands *o = head->operands;
    const double *truth = head->truth->o + (row->p - head->truth->p) / o->problem.seq_k * o->problem.dim;
    promote(row, head, 0);
    for (int64_t c = 0; c < o->problem.dim && row->defined; c++) {
        for (int d = 0; d < AT_EXPECT_DRAWS; d++)
            row->square[AT_ROUNDING_Q] += row->drawn[d][c] * row->drawn[d][c] / AT_EXPECT_DRAWS;
        row->square[AT_ROUNDING_SCORES_SUM] += row->score_error[c] * row->score_error[c];
        row->square[AT_ROUNDING_V] += row->shared[c] * row->shared[c];
        row->square[AT_ROUNDING_P] += row->lost[c] * row->lost[c];
        row->square[AT_ROUNDING_OUTPUT_SUM] += row->sum_error[c] * row->sum_error[c] + row->sum_square[c];
        row->square[AT_ROUNDING_OUTPUT] += at_noise_square(o->numerics.output, truth[c]);
        ret_expectation->truth2 += truth[c] * truth[c];
    }
    if (row->defined)
        memcpy(ret_expectation->square, row->square, sizeof row->square);
}
