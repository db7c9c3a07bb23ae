/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_TWIN_HEAD_H
#define AT_KERNELS_TWIN_HEAD_H

#include "kernels/twin/attention.h"
#include "kernels/twin/softmax.h"
#include "kernels/twin/wgmma.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Inside the twin: one head, one row and one thread's memory on their way through the events of docs/numerics.md. */

/* How the scales of Q and K enter the scores (E7, E9). */
enum at_score_form {
    SCORES_FOLDED,     /* one coefficient for the row: they multiply the softmax scale */
    SCORES_PER_TILE,   /* one coefficient for each tile */
    SCORES_PER_ELEMENT /* each score is multiplied first */
};

/* One query head, and what is the same for all its rows. */
struct at_twin_head {
    const struct at_operands *operands;
    const struct at_problem *problem;
    const struct at_numerics *numerics;
    int64_t b, h, kv;
    const struct at_rows *rows;
    struct at_attention *out;
    enum at_simd simd;
    enum at_score_form form;
    struct at_softmax_rule rule;
    float scale, log2_scale; /* the softmax scale, and times log2(e) */
    float v_scale;           /* common to all of V, or the largest of token scales; 1 where scales are per block or channel */
    float *v_fold;           /* [seq_k] token scale / v_scale, 1 where V's row is zero; or NULL */
    float signs[256];        /* of V's rotation */
};

/* One row under way. */
struct at_twin_row {
    int64_t position, keys, tiles; /* keys it sees; tiles its row tile visits */
    float *q, *o, *scores;         /* [dim], [columns of a panel], [seq_k] for normalised P */
    int16_t *q_exponent;
    struct at_panel_row q_row;
    struct at_softmax_row softmax;
    double *p;        /* [seq_k] of the output, or NULL */
    float *rescale;   /* [tiles] factor on what came before each tile */
    float normaliser; /* 1/sum, for normalised P */
};

/* Memory of one thread, for AT_CHAINS_AT_ONCE rows. */
struct at_twin_workspace {
    struct at_panel k, v;
    int64_t tile, dim;    /* padded to columns of a panel */
    float *scores, *part; /* [rows][tile], [rows][dim] */
    int16_t *p_exponent;  /* [rows][tile] */
    int64_t saturated, underflowed;
};

/* Columns of a panel for n columns. */
int64_t at_twin_padded(int64_t n);

/* Keys of the tile that begins at key `first`. */
int64_t at_twin_tile_keys(const struct at_twin_head *head, int64_t first);

/* The visiting order: the tile at step t of `tiles`. */
int64_t at_twin_tile_at(const struct at_twin_head *head, int64_t t, int64_t tiles);

enum at_status at_twin_head_init(struct at_twin_head *ret_head, const struct at_operands *operands, int64_t b, int64_t h,
                                 const struct at_rows *rows, enum at_simd simd, struct at_attention *out, struct at_error *error);
void at_twin_head_done(struct at_twin_head *head);

enum at_status at_twin_workspace_init(struct at_twin_workspace *ret_workspace, const struct at_twin_head *head, struct at_error *error);
void at_twin_workspace_done(struct at_twin_workspace *workspace);

/* Row i of the rows looked at. */
enum at_status at_twin_row_init(struct at_twin_row *ret_row, const struct at_twin_head *head, int64_t i, struct at_error *error);
void at_twin_row_done(struct at_twin_row *row);

/* E7: the coefficient from score to log2 of P for the tile that begins at key `first`. */
float at_twin_coefficient(const struct at_twin_head *head, const struct at_twin_row *row, int64_t first);

/* E8 to E10: scores of `count` rows and the tile of n keys from `first` into w->scores, masked ones -infinity. */
void at_twin_score_tile(const struct at_twin_head *head, struct at_twin_workspace *w, struct at_twin_row *const *rows, int64_t count,
                        int64_t first, int64_t n);

/*
 * E15 to E18: casts the n weights of each row in w->scores, keeps them for the caller, multiplies V. The tile's other columns hold 0, or
 * NaN, which makes NaN of O. rescale: a factor for each row
 */
void at_twin_multiply_tile(const struct at_twin_head *head, struct at_twin_workspace *w, struct at_twin_row *const *rows, int64_t count,
                           const float *rescale, int64_t first, int64_t n);

/* E20 to E24: row i's outputs. */
void at_twin_row_finish(const struct at_twin_head *head, struct at_twin_row *row, int64_t i);

#ifdef __cplusplus
}
#endif

#endif
