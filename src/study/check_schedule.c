/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_expect.h"

/*
 * Keys of a tile: the first half for bounds, the second to try them. Multiples of what one WGMMA fuses in 8 bits, so that each is a tile of
 * either width.
 */
static const int tiles[] = {64, 96, 128, 192, 32, 160, 224, 256};
enum { TILES = sizeof tiles / sizeof tiles[0], ORDERS = 2, OFFSETS = 2, HALF = TILES / 2 };
_Static_assert(HALF * ORDERS * OFFSETS == AT_CHECK_CONTROLS, "all schedules of the first tiles are for bounds");

/*
 * Another place of P with as much room above and below: 448 and 2^8 in 8 bits; in 16 bits, where neither end is near, 448 for any other.
 * P in (0, 1] has less room in 8 bits, and a normalised P has a scale of its own: those have no other.
 */
static enum at_p_offset other_offset(const struct at_numerics *n)
{
    bool wide = at_formats[n->p_format].bits > 8;
    if (n->p_offset == AT_P_NORMALISED || (n->p_offset == AT_P_PLAIN && !wide))
        return n->p_offset;
    return n->p_offset == AT_P_448 ? AT_P_POW2_8 : AT_P_448;
}

static enum at_evaluation other_evaluation(enum at_evaluation evaluation)
{
    return evaluation == AT_MUFU ? AT_EXACT : AT_MUFU;
}

bool at_check_schedule(const struct at_numerics *declared, const struct at_problem *problem, int i, struct at_numerics *ret_numerics)
{
    if (i < 0 || i >= TILES * ORDERS * OFFSETS)
        return false;
    struct at_numerics n = *declared;
    int half = i / AT_CHECK_CONTROLS, tile = i % HALF + half * HALF, order = i / HALF % ORDERS, offset = i / HALF / ORDERS % OFFSETS;
    bool odd = (tile + order + offset) % 2;
    n.tile_n = tiles[tile];
    n.order = (enum at_order)order;
    n.p_offset = offset ? other_offset(declared) : declared->p_offset;
    n.exp2 = odd ? other_evaluation(declared->exp2) : declared->exp2;
    n.reciprocal = tile % 2 ? other_evaluation(declared->reciprocal) : declared->reciprocal;
    if (declared->promote != AT_PROMOTE_NONE && offset)
        n.promote = declared->promote == AT_PROMOTE_TILE ? 32 : AT_PROMOTE_TILE;
    struct at_numerics resolved;
    if (at_numerics_resolve(&n, problem, &resolved, NULL)) { /* a tile or promotion that crosses the scales of V's blocks */
        n.tile_n = declared->tile_n;
        n.promote = declared->promote;
        if (at_numerics_resolve(&n, problem, &resolved, NULL))
            resolved = *declared;
    }
    *ret_numerics = resolved;
    return true;
}
