/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_expect.h"

#include <string.h>

/*
 * Keys of a tile, for bounds and to try them. Those for bounds reach from one WGMMA of 8 bits to the widest beside an accumulator,
 * so that a kernel's tile lies between them.
 */
static const int tiles[2][4] = {{32, 96, 160, 256}, {64, 128, 192, 224}};
enum { TILES = sizeof tiles[0] / sizeof tiles[0][0], ORDERS = 2, OFFSETS = 2 };
_Static_assert(TILES *ORDERS *OFFSETS == AT_CHECK_CONTROLS, "the most schedules");

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

static struct at_numerics schedule(const struct at_numerics *declared, int tile_n, int tile, int order, int offset)
{
    struct at_numerics n = *declared;
    bool odd = (tile + order + offset) % 2;
    n.tile_n = tile_n;
    n.order = (enum at_order)order;
    n.p_offset = offset ? other_offset(declared) : declared->p_offset;
    n.exp2 = odd ? other_evaluation(declared->exp2) : declared->exp2;
    n.reciprocal = tile % 2 ? other_evaluation(declared->reciprocal) : declared->reciprocal;
    if (declared->promote != AT_PROMOTE_NONE && offset)
        n.promote = declared->promote == AT_PROMOTE_TILE ? 32 : AT_PROMOTE_TILE;
    if (n.promote > tile_n)
        n.promote = AT_PROMOTE_TILE;
    return n;
}

static bool same(const struct at_numerics *a, const struct at_numerics *b)
{
    char a_text[AT_NUMERICS_TEXT_SIZE], b_text[AT_NUMERICS_TEXT_SIZE];
    at_numerics_print(a, a_text);
    at_numerics_print(b, b_text);
    return strcmp(a_text, b_text) == 0;
}

int at_check_schedules(const struct at_numerics *declared, const struct at_problem *problem, bool to_try,
                       struct at_numerics ret_numerics[AT_CHECK_CONTROLS])
{
    int count = 0;
    for (int i = 0; i < AT_CHECK_CONTROLS; i++) {
        int tile = i % TILES, order = i / TILES % ORDERS, offset = i / TILES / ORDERS;
        struct at_numerics resolved, n = schedule(declared, tiles[to_try][tile], tile, order, offset);
        bool fits = at_numerics_resolve(&n, problem, &resolved, NULL) == AT_OK;
        n.promote = declared->promote;
        if (!fits && at_numerics_resolve(&n, problem, &resolved, NULL))
            continue; /* a tile that crosses the scales of V's blocks */
        bool known = same(&resolved, declared);
        for (int k = 0; k < count && !known; k++)
            known = same(&resolved, &ret_numerics[k]);
        if (!known)
            ret_numerics[count++] = resolved;
    }
    return count;
}
