/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_SWITCHED_STATE_H
#define AT_KERNELS_SWITCHED_STATE_H

#include "kernels/switched/elements.h"
#include "kernels/switched/switched.h"
#include "kernels/switched/weights.h"
#include "kernels/twin/head.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Inside the switched twin: one head, its rows under way, and what a tile needs. */

/* How a product is taken. */
enum at_switched_product {
    AT_PRODUCT_EXACT,    /* its accumulator is switched off */
    AT_PRODUCT_OF_CODES, /* by the twin's WGMMAs */
    AT_PRODUCT_OF_REALS  /* the accumulator's truncation on operands that are no codes */
};

struct at_switched_head {
    struct at_twin_head twin; /* its form, tiles and scales hold with every switch */
    struct at_switches switches;
    struct at_switched_operand q, k, v;
    double scale, log2_scale; /* the softmax scale, and times log2(e): E7 or exact */
    enum at_switched_product scores, output;
};

struct at_switched_row {
    struct at_twin_row twin; /* position, keys, tiles, codes of Q */
    double *q;               /* [dim] in units of its scale */
    int32_t *q_exponent;     /* [dim] */
    double *o;               /* [columns of a panel] */
    double *scores;          /* [seq_k] for normalised P, or NULL */
    struct at_switched_softmax softmax;
};

struct at_switched_workspace {
    int64_t tile, dim;                /* padded to columns of a panel */
    struct at_panel k_panel, v_panel; /* for AT_PRODUCT_OF_CODES */
    double *k, *v;                    /* [dim][tile] transposed, [tile][dim], in units of their scales, zero beyond the tile's keys */
    int32_t *k_exponent, *v_exponent; /* of those */
    double *k_values;                 /* [tile][dim] before scaling, for a smoothed Q */
    double *scores, *part;            /* [tile], [dim] */
    int32_t *p_exponent;              /* [tile] */
    float *narrow, *narrow_part;      /* [tile], [dim] */
    int16_t *narrow_exponent;         /* [tile] */
    int64_t saturated, underflowed;
};

enum at_status at_switched_workspace_init(struct at_switched_workspace *ret_workspace, const struct at_switched_head *head,
                                          struct at_error *error);
void at_switched_workspace_done(struct at_switched_workspace *workspace);

/* The n keys from `first`; and their values. */
void at_switched_load_keys(const struct at_switched_head *head, struct at_switched_workspace *w, int64_t first, int64_t n);
void at_switched_load_values(const struct at_switched_head *head, struct at_switched_workspace *w, int64_t first, int64_t n);

/* E7: the coefficient from score to log2 of P for the tile that begins at key `first`. */
double at_switched_coefficient(const struct at_switched_head *head, const struct at_switched_row *row, int64_t first);

/* E8 to E10 of the tile into w->scores, masked ones -infinity. */
void at_switched_score(const struct at_switched_head *head, struct at_switched_workspace *w, const struct at_switched_row *row,
                       int64_t first, int64_t n);

/* E15 to E18: casts the n weights in w->scores and multiplies V. rescale: what the row sum is multiplied with */
void at_switched_multiply(const struct at_switched_head *head, struct at_switched_workspace *w, struct at_switched_row *row, double rescale,
                          int64_t first, int64_t n);

/* E19's part after the row sum, E20 to E24: row i's outputs. */
void at_switched_finish(const struct at_switched_head *head, struct at_switched_row *row, int64_t i, struct at_switched_output *output);

#ifdef __cplusplus
}
#endif

#endif
