/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_NUMERICS_H
#define AT_CORE_NUMERICS_H

#include "core/format.h"
#include "core/problem.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The one idea of attest: every rounding decision of an attention computation is a named field of `struct at_numerics`. Event numbers
 * (E1, E2, ...) are those of docs/numerics.md.
 */

/* What shares one quantisation scale (E4). */
enum at_scale_granularity {
    AT_SCALE_NONE,     /* scale 1 */
    AT_SCALE_TENSOR,   /* the whole tensor */
    AT_SCALE_HEAD,     /* (batch, key/value head); for Q the group of query heads that reads it, as FA3's q_descale */
    AT_SCALE_BLOCK64,  /* (batch, head, 64 consecutive rows) */
    AT_SCALE_BLOCK128, /* (batch, head, 128 consecutive rows) */
    AT_SCALE_TOKEN,    /* (batch, head, row) */
    AT_SCALE_CHANNEL,  /* (batch, head, column); V only: it folds into O */
    AT_SCALE_GRANULARITY_COUNT
};

/* How the value of a scale is found (E4). */
enum at_scale_rule {
    AT_SCALE_AMAX,  /* max|x| / largest value of the format */
    AT_SCALE_POW2,  /* the same, rounded up to a power of two: never clips */
    AT_SCALE_GIVEN, /* the fp32 number `given_scale` (static calibration) */
    AT_SCALE_RULE_COUNT
};

/* Width of the Hadamard rotation along the head dimension (E1). */
enum at_rotation {
    AT_ROTATE_NONE,
    AT_ROTATE_HADAMARD,
    AT_ROTATE_HADAMARD16,
    AT_ROTATE_HADAMARD32,
    AT_ROTATE_HADAMARD64,
    AT_ROTATION_COUNT
};

/* What is subtracted before quantisation (E2). */
enum at_smoothing {
    AT_SMOOTH_NONE,
    AT_SMOOTH_MEAN, /* K, V: the mean over all keys, per channel; Q: the mean over each 128 query rows, per channel */
    AT_SMOOTHING_COUNT
};

enum at_evaluation {
    AT_MUFU,  /* the special-function unit: ex2.approx.ftz.f32, rcp.approx.ftz.f32, lg2.approx.ftz.f32 */
    AT_EXACT, /* the nearest fp32 number */
    AT_EVALUATION_COUNT
};

/* Where P lies before it is rounded to `p_format` (E11). */
enum at_p_offset {
    AT_P_PLAIN,      /* (0, 1] */
    AT_P_POW2_8,     /* (0, 2^8], as FA3's FP8 kernel; the factor cancels in the division by the row sum */
    AT_P_448,        /* (0, 448], as SageAttention and FlashInfer */
    AT_P_NORMALISED, /* divided by the row sum first, as an unfused softmax: needs the whole row before the first cast */
    AT_P_OFFSET_COUNT
};

enum at_row_sum { AT_SUM_UNQUANTISED, AT_SUM_QUANTISED, AT_ROW_SUM_COUNT };

enum at_order { AT_ORDER_FORWARD, AT_ORDER_REVERSE, AT_ORDER_COUNT };

/* `promote` values other than a number of keys (E18). */
enum { AT_PROMOTE_NONE = 0, AT_PROMOTE_TILE = -1 };

/*
 * `tile_m`, `tile_n`: the released kernels' table by head dimension, mask, format and promotion (FA3's, and vLLM's for FP8 promoted per
 * tile), or 128 x 128 where a scale is per block or P.V is promoted every so many keys.
 */
enum { AT_TILE_AUTO = 0 };

struct at_operand_numerics {
    enum at_format format;  /* what the matrix instruction reads */
    enum at_format storage; /* what memory holds: differs from `format` only for a cache that is widened on reading */
    enum at_scale_granularity scale;
    enum at_scale_rule scale_rule;
    float given_scale; /* with AT_SCALE_GIVEN: > 0, finite; else 0 */
    enum at_rotation rotate;
    enum at_smoothing smooth;
};

struct at_numerics {
    struct at_operand_numerics q, k, v;
    uint64_t rotation_seed;      /* of the random signs */
    enum at_format score_format; /* S is rounded to it after scaling: fp32 (no rounding), fp16, bf16 */
    enum at_evaluation exp2;
    enum at_evaluation reciprocal; /* also the logarithm of the row sum */
    enum at_p_offset p_offset;
    enum at_format p_format;
    enum at_row_sum row_sum;
    int promote;           /* P.V: AT_PROMOTE_NONE (one accumulator), AT_PROMOTE_TILE, or every so many keys (32 n) */
    int tile_m, tile_n;    /* query rows and keys of a tile, or AT_TILE_AUTO */
    enum at_order order;   /* of the key/value tiles */
    enum at_format output; /* fp16, bf16, fp32 */
};

/* Names of the enumerators, as spelled on the command line; indexed by the enum. */
extern const char *const at_scale_granularity_names[AT_SCALE_GRANULARITY_COUNT];
extern const char *const at_rotation_names[AT_ROTATION_COUNT];

/* Rows that share a scale: 64, 128, or 0 for the other granularities. */
int at_scale_block_rows(enum at_scale_granularity granularity);

/* Columns of one Hadamard block for head dimension `dim`: 0 without rotation. */
int at_rotation_width(enum at_rotation rotation, int64_t dim);

/* Keys (products) that one WGMMA fuses: 32 for 8-bit formats, 16 for 16-bit ones, 8 for fp32 read as tf32. */
int at_wgmma_depth(enum at_format format);

/*
 * Refuses contradictions (a rotation of Q but not of K, V scales per block with an accumulator that crosses blocks, ...), each with
 * the fields named and a remedy. What it accepts, the twin executes.
 */
enum at_status at_numerics_check(const struct at_numerics *numerics, struct at_error *error);

/* `numerics` with AT_TILE_AUTO replaced by the tile for `problem`, checked. */
enum at_status at_numerics_resolve(const struct at_numerics *numerics, const struct at_problem *problem, struct at_numerics *ret_resolved,
                                   struct at_error *error);

/* Longest canonical spelling, NUL included. */
enum { AT_NUMERICS_TEXT_SIZE = 1024 };

/* The canonical spelling: every field, "q.format=e4m3,...,output=bf16". Equal structs give equal text; the store's key of a variant. */
void at_numerics_print(const struct at_numerics *numerics, char ret_text[AT_NUMERICS_TEXT_SIZE]);

/*
 * Applies `text`, "key=value,key=value,...", to *numerics in order. Keys are the canonical ones and the shorthands format (Q, K, V and
 * P; storage follows), storage (K and V), scale, scale-rule (Q, K and V), rotate (Q and K), smooth (letters of q, k, v, or none) and
 * p (p.offset). An unknown key or value is refused with the nearest one; *numerics is untouched then. The result still needs
 * at_numerics_check.
 */
enum at_status at_numerics_apply(struct at_numerics *numerics, const char *text, struct at_error *error);

/* Lists the keys: the i-th one's name, its values ("none|tensor|...") and a line of help; false past the last. */
bool at_numerics_key(size_t i, const char **ret_name, const char **ret_values, const char **ret_help);

#ifdef __cplusplus
}
#endif

#endif
