/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/rounding.h"

const struct at_rounding_info at_roundings[AT_ROUNDING_COUNT] = {
    [AT_ROUNDING_TRANSFORM] = {"transform", "rotation and smoothing of Q, K, V", "E1, E3", "q.rotate,v.rotate,q.smooth,k.smooth,v.smooth"},
    [AT_ROUNDING_Q] = {"q", "Q's quantisation", "E5-E6", "q.format,q.scale,q.scale-rule"},
    [AT_ROUNDING_K] = {"k", "K's quantisation", "E5-E6", "k.format,k.storage,k.scale,k.scale-rule"},
    [AT_ROUNDING_V] = {"v", "V's quantisation", "E5-E6", "v.format,v.storage,v.scale,v.scale-rule"},
    [AT_ROUNDING_COEFFICIENT] = {"coefficient", "softmax scale times scales", "E7", "q.scale,k.scale"},
    [AT_ROUNDING_SCORES_SUM] = {"qk-accumulator", "accumulator of Q.K", "E8", "q.format,k.format"},
    [AT_ROUNDING_SCORES] = {"scores", "scaled scores", "E9-E10", "scores,k.scale,q.smooth"},
    [AT_ROUNDING_EXPONENT] = {"exponent", "shift and exponent", "E11-E12", "p.offset"},
    [AT_ROUNDING_EXP2] = {"exp2", "2^x", "E13", "exp2"},
    [AT_ROUNDING_ROW_SUM] = {"row-sum", "row sum", "E14", "sum"},
    [AT_ROUNDING_P] = {"p", "P's cast", "E15", "p.format,p.offset"},
    [AT_ROUNDING_OUTPUT_SUM] = {"pv-accumulator", "accumulator of P.V", "E16", "p.format,v.format,promote"},
    [AT_ROUNDING_RESCALE] = {"rescaling", "rescaling of O", "E17", ""},
    [AT_ROUNDING_PROMOTION] = {"promotion", "promotion sums", "E18", "promote"},
    [AT_ROUNDING_DIVISION] = {"division", "division by the row sum", "E19-E21", "reciprocal"},
    [AT_ROUNDING_RESTORE] = {"restore", "V's mean and rotation undone", "E22", "v.smooth,v.rotate"},
    [AT_ROUNDING_OUTPUT] = {"output", "output cast", "E23", "output"},
    [AT_ROUNDING_LSE] = {"lse", "log-sum-exp", "E3, E24", "k.smooth,reciprocal"},
};

struct at_switches at_switches_all(void)
{
    return (struct at_switches){(UINT32_C(1) << AT_ROUNDING_COUNT) - 1};
}

struct at_switches at_switches_only(enum at_rounding rounding)
{
    return (struct at_switches){UINT32_C(1) << rounding};
}

struct at_switches at_switches_but(enum at_rounding rounding)
{
    return (struct at_switches){at_switches_all().on & ~(UINT32_C(1) << rounding)};
}

static bool transforms(const struct at_operand_numerics *o)
{
    return o->rotate != AT_ROTATE_NONE || o->smooth != AT_SMOOTH_NONE;
}

bool at_rounding_happens(enum at_rounding rounding, const struct at_numerics *n)
{
    const int block = at_scale_block_rows(n->k.scale);
    switch (rounding) {
    case AT_ROUNDING_TRANSFORM: return transforms(&n->q) || transforms(&n->k) || transforms(&n->v);
    case AT_ROUNDING_SCORES:
        return n->score_format != AT_FP32 || n->q.smooth || n->k.scale == AT_SCALE_TOKEN ||
               (block && (n->p_offset == AT_P_NORMALISED || block % n->tile_n));
    case AT_ROUNDING_RESCALE: return n->p_offset != AT_P_NORMALISED;
    case AT_ROUNDING_PROMOTION: return n->promote != AT_PROMOTE_NONE;
    case AT_ROUNDING_RESTORE: return transforms(&n->v);
    case AT_ROUNDING_OUTPUT: return n->output != AT_FP32;
    default: return true;
    }
}
