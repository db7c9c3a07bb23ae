/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Multiprocessors of an H100 or H200 module; on another number the work is shared out less evenly. */
enum { MULTIPROCESSORS = 132 };

/* Keys of one block, at least, where keys are shared out: fewer are not worth the loading of Q. */
enum { LEAST_SPLIT = 512 };

static const int64_t most = (int64_t)1 << 30;

struct shape {
    const char *name;
    int depth, keys, groups, members, columns, v_blocks, sums;
};
#define ROW(name, depth, keys, groups, members, columns, v_blocks, sums) {#name, depth, keys, groups, members, columns, v_blocks, sums},
static const struct shape shapes[] = {AT_FP64_KERNELS(ROW)};
#define SCORES(depth, keys, groups) {NULL, depth, keys, groups, 1, 0, 1, 0},
static const struct shape score_shapes[] = {AT_FP64_DEPTHS(SCORES)};

enum { SHAPES = sizeof shapes / sizeof shapes[0], SCORE_SHAPES = sizeof score_shapes / sizeof score_shapes[0] };

static int v_columns_of(const struct shape *s)
{
    return s->sums && s->members == 1 ? s->columns / 2 : s->columns;
}

static struct at_fp64_kernel kernel_of(const struct shape *s, const char *name, int64_t blocks)
{
    struct at_fp64_kernel kernel = {.blocks = (unsigned)blocks, .threads = 32 * (unsigned)(s->groups * s->members)};
    size_t rows = 16 * (size_t)s->groups, v = (size_t)(s->v_blocks * v_columns_of(s)), p = s->members > 1 ? rows : 0;
    snprintf(kernel.name, sizeof kernel.name, "%s", name);
    kernel.shared_bytes = 8 * (rows * (size_t)s->depth + (size_t)s->keys * ((size_t)s->depth + v + p)) + AT_FP64_STATE_BYTES;
    return kernel;
}

static int64_t up(int64_t n, int64_t step)
{
    return (n + step - 1) / step * step;
}

/* The kernel for that depth and width of V; without `sums`, one with them where there is no other. */
static const struct shape *choose(int depth, int64_t dim, bool sums)
{
    int columns = dim <= 64 ? 64 : 128;
    for (int with = sums; with <= 1; with++)
        for (int i = 0; i < SHAPES; i++)
            if (shapes[i].depth == depth && v_columns_of(&shapes[i]) == columns && shapes[i].sums == with &&
                up(dim, columns) / columns % shapes[i].v_blocks == 0)
                return &shapes[i];
    return NULL;
}

enum at_status at_fp64_plan_init(struct at_fp64_plan *ret_plan, const struct at_oracle_head *head, int64_t heads, bool sums,
                                 struct at_error *error)
{
    const struct at_problem *problem = head->problem;
    struct at_fp64_plan plan = {.heads = heads, .row_count = head->row_count, .seq_k = problem->seq_k, .dim = problem->dim};
    plan.score_dim = head->score_dim ? head->score_dim : problem->dim;
    if (plan.score_dim > AT_FP64_MOST_DEPTH)
        return at_fail(error, AT_ERR_UNSUPPORTED, "oracle fp64_sm90: scores of %" PRId64 " columns: it takes up to %d; use certified",
                       plan.score_dim, AT_FP64_MOST_DEPTH);
    if (plan.seq_k > most || plan.row_count > most || heads > most)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "oracle fp64_sm90: %" PRId64 " heads of %" PRId64 " rows and %" PRId64 " keys: it takes up to 2^30 of each", heads,
                       plan.row_count, plan.seq_k);
    plan.depth = plan.score_dim <= 64 && plan.dim <= 64 ? 64 : plan.score_dim <= 128 && plan.dim <= 128 ? 128 : 256;
    const struct shape *shape = choose(plan.depth, plan.dim, sums), *scores = score_shapes;
    while (scores < score_shapes + SCORE_SHAPES && scores->depth != plan.depth)
        scores++;
    assert(shape && scores < score_shapes + SCORE_SHAPES);
    plan.columns = v_columns_of(shape);
    plan.slices = (int)(up(plan.dim, plan.columns) / plan.columns);
    plan.rows = up(plan.row_count, AT_FP64_ROWS);
    plan.keys = up(plan.seq_k, AT_FP64_KEYS);
    int64_t blocks = heads * (plan.rows / (16 * shape->groups)) * (plan.slices / shape->v_blocks);
    int64_t splits = blocks < MULTIPROCESSORS ? MULTIPROCESSORS / blocks : 1, fitting = up(plan.keys, LEAST_SPLIT) / LEAST_SPLIT;
    splits = splits < fitting ? splits : fitting;
    plan.split_keys = (int)up(up(plan.keys, splits) / splits, AT_FP64_KEYS);
    plan.splits = (int)(up(plan.keys, plan.split_keys) / plan.split_keys);
    int64_t score_blocks = heads * (plan.rows / (16 * scores->groups));
    if (blocks * plan.splits > INT32_MAX)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "oracle fp64_sm90: %" PRId64 " heads of %" PRId64 " rows are too many for one launch: "
                       "choose fewer",
                       heads, plan.row_count);
    char name[32];
    plan.attend = kernel_of(shape, shape->name, blocks * plan.splits);
    snprintf(name, sizeof name, "fp64_reference_d%d", plan.depth);
    plan.reference = kernel_of(scores, name, score_blocks);
    snprintf(name, sizeof name, "fp64_weights_d%d", plan.depth);
    plan.weights = kernel_of(scores, name, score_blocks);
    *ret_plan = plan;
    return AT_OK;
}

int64_t at_fp64_q_place(const struct at_fp64_plan *plan, int64_t row, int64_t column)
{
    int64_t line = row / 16 * 8 + row % 8;
    return (line * plan->depth + AT_FP64_Q_CHUNK(line, column)) * 2 + row % 16 / 8;
}

int64_t at_fp64_k_place(const struct at_fp64_plan *plan, int64_t key, int64_t column)
{
    return key * plan->depth + AT_FP64_K_CHUNK(key, column / 2) * 2 + column % 2;
}

int64_t at_fp64_v_place(const struct at_fp64_plan *plan, int64_t key, int64_t column)
{
    int64_t slice = column / plan->columns, line = key / 2;
    return slice * plan->keys * plan->columns + (line * plan->columns + AT_FP64_V_CHUNK(line, column % plan->columns)) * 2 + key % 2;
}
