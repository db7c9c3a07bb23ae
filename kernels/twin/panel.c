/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include "kernels/twin/lanes.h"
#include "kernels/twin/turn.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum at_status at_panel_init(struct at_panel *ret_panel, enum at_simd simd, int64_t k_room, int64_t n_room, struct at_error *error)
{
    struct at_panel panel = {.simd = simd,
                             .k_room = (k_room + 31) / 32 * 32,
                             .n_room = (n_room + AT_PANEL_COLUMNS - 1) / AT_PANEL_COLUMNS * AT_PANEL_COLUMNS};
    size_t count = (size_t)(panel.k_room * ((panel.n_room + AT_PANEL_BLOCK - 1) / AT_PANEL_BLOCK * AT_PANEL_BLOCK));
    panel.value = aligned_alloc(64, count * sizeof *panel.value);
    panel.exponent = aligned_alloc(64, count * sizeof *panel.exponent);
    panel.part = aligned_alloc(64, 2 * count * sizeof *panel.part);
    panel.narrow = aligned_alloc(64, count * sizeof *panel.narrow);
    panel.codes = aligned_alloc(64, count * sizeof(uint16_t));
    if (!panel.value || !panel.exponent || !panel.part || !panel.narrow || !panel.codes) {
        at_panel_done(&panel);
        return at_fail(error, AT_ERR_MEMORY, "twin: no memory for a tile of keys or values");
    }
    *ret_panel = panel;
    return AT_OK;
}

void at_panel_done(struct at_panel *panel)
{
    free(panel->value);
    free(panel->exponent);
    free(panel->part);
    free(panel->narrow);
    free(panel->codes);
    panel->value = panel->part = NULL;
    panel->exponent = NULL;
    panel->narrow = NULL;
    panel->codes = NULL;
}

/* Rows of `inner` codes, `outer` of them, as values and exponents; the rest is zero. */
static void fill_values(struct at_panel *panel, const void *codes, int64_t outer, int64_t inner)
{
    const struct at_lanes *lanes = at_lanes_of(panel->simd);
    const size_t size = at_format_size(panel->format);
    for (int64_t k = 0; k < outer; k++) {
        lanes->decode(panel->format, (const char *)codes + (size_t)(k * inner) * size, inner, panel->value + k * panel->n);
        memset(panel->value + k * panel->n + inner, 0, (size_t)(panel->n - inner) * sizeof *panel->value);
    }
    memset(panel->value + outer * panel->n, 0, (size_t)((panel->k - outer) * panel->n) * sizeof *panel->value);
    lanes->exponents(panel->format, panel->value, panel->k * panel->n, panel->exponent, &panel->least, &panel->most, &panel->special);
}

/* The same as parts and narrow exponents. */
static void fill_parts(struct at_panel *panel, const uint8_t *codes, int64_t outer, int64_t inner)
{
    const struct at_lanes *lanes = at_lanes_of(panel->simd);
    const int64_t blocks = (panel->n + AT_PANEL_BLOCK - 1) / AT_PANEL_BLOCK;
    int least, most;
    for (int64_t block = 0; block < blocks; block++)
        for (int64_t k = 0; k < panel->k; k++) {
            int64_t at = (block * panel->k + k) * AT_PANEL_BLOCK, left = k < outer ? inner - block * AT_PANEL_BLOCK : 0;
            int64_t some = left < 0 ? 0 : left < AT_PANEL_BLOCK ? left : AT_PANEL_BLOCK;
            float *above = panel->part + 2 * at, *below = above + AT_PANEL_BLOCK;
            if (some)
                lanes->decode_parts(panel->format, codes + k * inner + block * AT_PANEL_BLOCK, some, above, below, panel->narrow + at);
            memset(above + some, 0, (size_t)(AT_PANEL_BLOCK - some) * sizeof *above);
            memset(below + some, 0, (size_t)(AT_PANEL_BLOCK - some) * sizeof *below);
            memset(panel->narrow + at + some, AT_PANEL_NOTHING, (size_t)(AT_PANEL_BLOCK - some));
        }
    lanes->narrow_range(panel->narrow, blocks * panel->k * AT_PANEL_BLOCK, &least, &most);
    panel->least = most == AT_PANEL_NOTHING ? INT16_MAX : least;
    panel->most = most == AT_PANEL_NOTHING ? INT16_MIN : most;
    panel->special = most == AT_PANEL_SPECIAL;
}

static void fill(struct at_panel *panel, const void *codes, int64_t outer, int64_t inner)
{
    if (at_format_size(panel->format) == 1)
        fill_parts(panel, codes, outer, inner);
    if (at_format_size(panel->format) != 1 || panel->special)
        fill_values(panel, codes, outer, inner);
}

void at_panel_column(const struct at_panel *panel, int64_t k, int64_t n, int count, float *ret_value)
{
    const float *part = panel->part + (n / AT_PANEL_BLOCK * panel->k + k) * 2 * AT_PANEL_BLOCK + n % AT_PANEL_BLOCK;
    if (at_format_size(panel->format) != 1 || panel->special)
        for (int i = 0; i < count; i++)
            ret_value[i] = panel->value[(k + i) * panel->n + n];
    else
        for (int i = 0; i < count; i++)
            ret_value[i] = part[2 * AT_PANEL_BLOCK * i] + part[2 * AT_PANEL_BLOCK * i + AT_PANEL_BLOCK];
}

static void start(struct at_panel *panel, enum at_format format, int64_t k, int64_t n)
{
    assert(format != AT_FP32); /* no attention reads tf32: at_wgmma_dot has it for the probes */
    int depth = at_wgmma_depth(format);
    panel->format = format;
    panel->k = (k + depth - 1) / depth * depth;
    panel->n = (n + AT_PANEL_COLUMNS - 1) / AT_PANEL_COLUMNS * AT_PANEL_COLUMNS;
}

void at_panel_load_transposed(struct at_panel *panel, enum at_format format, const void *codes, int64_t rows, int64_t dim)
{
    start(panel, format, dim, rows);
    at_turn(at_format_size(format), codes, rows, dim, panel->codes);
    fill(panel, panel->codes, dim, rows);
}

void at_panel_load(struct at_panel *panel, enum at_format format, const void *codes, int64_t rows, int64_t dim)
{
    start(panel, format, rows, dim);
    fill(panel, codes, rows, dim);
}

void at_panel_row_set(struct at_panel_row *row, enum at_simd simd, enum at_format format, const float *value, int64_t count,
                      int16_t *ret_exponent)
{
    *row = (struct at_panel_row){.format = format, .value = value, .exponent = ret_exponent};
    at_lanes_of(simd)->exponents(format, value, count, ret_exponent, &row->least, &row->most, &row->special);
}

enum { DEPTH_MOST = 32 };

static void chain_scalar(const struct at_panel_row *a, const struct at_panel *b, int64_t first, int64_t last, float *d)
{
    int depth = at_wgmma_depth(a->format);
    for (int64_t k = first; k < last; k += depth) /* E8b */
        for (int64_t n = 0; n < b->n; n++) {
            float column[DEPTH_MOST];
            at_panel_column(b, k, n, depth, column);
            d[n] = at_wgmma_dot(a->format, b->format, a->value + k, column, 1, d[n]);
        }
}

/*
 * The vector paths multiply in fp32 and scale by a power of two. Significands have at most 11 bits each, so a product has at most 22 and
 * is exact while its exponent e(a) + e(b) lies in [-100, 100]; no accumulator overflows while it starts below 2^120, since one
 * instruction adds less than 2^107. With 8-bit operands it starts below 2^116: 2^11 times that is still a number.
 */
static bool in_vector_range(const struct at_panel_row *a, const struct at_panel *b)
{
    bool none = a->least > a->most || b->least > b->most;
    return !a->special && !b->special && (none || (a->least + b->least >= -100 && a->most + b->most <= 100)); /* W6a */
}

static bool all_moderate(const float *d, int64_t n, float limit)
{
    int outside = 0;
    for (int64_t i = 0; i < n; i++)
        outside |= !(fabsf(d[i]) < limit); /* W6b */
    return !outside;
}

void at_wgmma_chains(enum at_simd simd, const struct at_chain *chains, int64_t count, const struct at_panel *b, int64_t first, int64_t last)
{
    struct at_chain taken[AT_CHAINS_AT_ONCE];
    const float limit = at_formats[b->format].bits == 8 ? 0x1p116f : 0x1p120f; /* W6c */
    at_wgmma_chain_path *path = NULL;
    if (simd == AT_SIMD_AUTO)
        simd = at_simd_best();
#ifdef AT_HAVE_X86_PATHS
    path = simd == AT_SIMD_AVX512 ? at_wgmma_chain_avx512 : simd == AT_SIMD_AVX2 ? at_wgmma_chain_avx2 : NULL;
#endif
    for (int64_t i = 0, some = 0; i < count; i++) {
        if (path && in_vector_range(chains[i].a, b) && all_moderate(chains[i].d, b->n, limit))
            taken[some++] = chains[i];
        else
            chain_scalar(chains[i].a, b, first, last, chains[i].d);
        if (some == AT_CHAINS_AT_ONCE || (some && i == count - 1)) {
            path(taken, some, b, first, last);
            some = 0;
        }
    }
}

void at_wgmma_chain(enum at_simd simd, const struct at_panel_row *a, const struct at_panel *b, int64_t first, int64_t last, float *d)
{
    at_wgmma_chains(simd, &(struct at_chain){a, d}, 1, b, first, last);
}
