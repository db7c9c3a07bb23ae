/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include "kernels/twin/lanes.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Value and exponent of every code of a format of at most 16 bits. */
struct decoded {
    float *value;
    int16_t *exponent;
};

static struct decoded decoded[AT_FP32];
static pthread_once_t decoded_once = PTHREAD_ONCE_INIT;

static float e4m3_value[1 << 8], e5m2_value[1 << 8], fp16_value[1 << 16], bf16_value[1 << 16];
static int16_t e4m3_exponent[1 << 8], e5m2_exponent[1 << 8], fp16_exponent[1 << 16], bf16_exponent[1 << 16];

static void fill_decoded(void)
{
    decoded[AT_E4M3] = (struct decoded){e4m3_value, e4m3_exponent};
    decoded[AT_E5M2] = (struct decoded){e5m2_value, e5m2_exponent};
    decoded[AT_FP16] = (struct decoded){fp16_value, fp16_exponent};
    decoded[AT_BF16] = (struct decoded){bf16_value, bf16_exponent};
    for (int format = 0; format < AT_FP32; format++)
        for (uint32_t code = 0; code < 1u << at_formats[format].bits; code++) {
            float value = at_decode((enum at_format)format, code);
            decoded[format].value[code] = value;
            decoded[format].exponent[code] = (int16_t)(isfinite(value) ? at_wgmma_exponent((enum at_format)format, value) : 0);
        }
}

enum at_status at_panel_init(struct at_panel *ret_panel, int64_t k_room, int64_t n_room, struct at_error *error)
{
    struct at_panel panel = {.k_room = (k_room + 31) / 32 * 32,
                             .n_room = (n_room + AT_PANEL_COLUMNS - 1) / AT_PANEL_COLUMNS * AT_PANEL_COLUMNS};
    size_t count = (size_t)(panel.k_room * panel.n_room);
    panel.value = aligned_alloc(64, count * sizeof *panel.value);
    panel.exponent = aligned_alloc(64, count * sizeof *panel.exponent);
    count = (size_t)(panel.k_room * ((panel.n_room + AT_PANEL_BLOCK - 1) / AT_PANEL_BLOCK * AT_PANEL_BLOCK));
    panel.part = aligned_alloc(64, 2 * count * sizeof *panel.part);
    panel.narrow = aligned_alloc(64, count * sizeof *panel.narrow);
    if (!panel.value || !panel.exponent || !panel.part || !panel.narrow) {
        at_panel_done(&panel);
        return at_fail(error, AT_ERR_MEMORY, "twin: no memory for a tile of keys or values");
    }
    pthread_once(&decoded_once, fill_decoded);
    *ret_panel = panel;
    return AT_OK;
}

void at_panel_done(struct at_panel *panel)
{
    free(panel->value);
    free(panel->exponent);
    free(panel->part);
    free(panel->narrow);
    panel->value = panel->part = NULL;
    panel->exponent = NULL;
    panel->narrow = NULL;
}

static void start(struct at_panel *panel, enum at_format format, int64_t k, int64_t n)
{
    int depth = at_wgmma_depth(format);
    panel->format = format;
    panel->k = (k + depth - 1) / depth * depth;
    panel->n = (n + AT_PANEL_COLUMNS - 1) / AT_PANEL_COLUMNS * AT_PANEL_COLUMNS;
    panel->least = INT16_MAX;
    panel->most = INT16_MIN;
    panel->special = false;
}

static void clear(struct at_panel *panel, int64_t k, int64_t n)
{
    panel->value[k * panel->n + n] = 0;
    panel->exponent[k * panel->n + n] = AT_WGMMA_ZERO;
}

static inline void put(struct at_panel *panel, const struct decoded *table, uint32_t code, int64_t k, int64_t n)
{
    float value = table->value[code];
    int16_t exponent = table->exponent[code];
    panel->value[k * panel->n + n] = value;
    panel->exponent[k * panel->n + n] = exponent;
    panel->special |= !isfinite(value);
    if (value != 0) {
        panel->least = exponent < panel->least ? exponent : panel->least;
        panel->most = exponent > panel->most ? exponent : panel->most;
    }
}

/* The blocks of an 8-bit panel whose values and exponents are there. */
static void split(struct at_panel *panel)
{
    if (at_formats[panel->format].bits != 8)
        return;
    for (int64_t block = 0; block < panel->n; block += AT_PANEL_BLOCK) {
        int64_t columns = panel->n - block < AT_PANEL_BLOCK ? panel->n - block : AT_PANEL_BLOCK;
        for (int64_t k = 0; k < panel->k; k++) {
            const float *value = panel->value + k * panel->n + block;
            const int16_t *exponent = panel->exponent + k * panel->n + block;
            float *part = panel->part + (block / AT_PANEL_BLOCK * panel->k + k) * 2 * AT_PANEL_BLOCK;
            int8_t *narrow = panel->narrow + (block / AT_PANEL_BLOCK * panel->k + k) * AT_PANEL_BLOCK;
            for (int64_t i = 0; i < columns; i++) {
                part[i] = value[i] > 0 ? value[i] : 0.0f;
                part[AT_PANEL_BLOCK + i] = value[i] < 0 ? value[i] : 0.0f;
                narrow[i] = (int8_t)(exponent[i] < AT_PANEL_NOTHING ? AT_PANEL_NOTHING : exponent[i]);
            }
        }
    }
}

void at_panel_load_transposed(struct at_panel *panel, enum at_format format, const void *codes, int64_t rows, int64_t dim)
{
    const struct decoded *table = &decoded[format];
    const uint8_t *bytes = codes;
    const uint16_t *words = codes;
    bool eight = at_formats[format].bits == 8;
    start(panel, format, dim, rows);
    for (int64_t c = 0; c < dim; c++) {
        for (int64_t s = 0; s < rows; s++)
            put(panel, table, eight ? bytes[s * dim + c] : words[s * dim + c], c, s);
        for (int64_t s = rows; s < panel->n; s++)
            clear(panel, c, s);
    }
    split(panel);
}

void at_panel_load(struct at_panel *panel, enum at_format format, const void *codes, int64_t rows, int64_t dim)
{
    const struct decoded *table = &decoded[format];
    const uint8_t *bytes = codes;
    const uint16_t *words = codes;
    bool eight = at_formats[format].bits == 8;
    start(panel, format, rows, dim);
    for (int64_t s = 0; s < panel->k; s++)
        for (int64_t c = 0; c < panel->n; c++)
            if (s < rows && c < dim)
                put(panel, table, eight ? bytes[s * dim + c] : words[s * dim + c], s, c);
            else
                clear(panel, s, c);
    split(panel);
}

void at_panel_row_set(struct at_panel_row *row, enum at_simd simd, enum at_format format, const float *value, int64_t count,
                      int16_t *ret_exponent)
{
    *row = (struct at_panel_row){.format = format, .value = value, .exponent = ret_exponent};
    at_lanes_of(simd)->exponents(format, value, count, ret_exponent, &row->least, &row->most, &row->special);
}

static void chain_scalar(const struct at_panel_row *a, const struct at_panel *b, int64_t first, int64_t last, float *d)
{
    int depth = at_wgmma_depth(a->format);
    for (int64_t k = first; k < last; k += depth)
        for (int64_t n = 0; n < b->n; n++)
            d[n] = at_wgmma_dot(a->format, b->format, a->value + k, b->value + k * b->n + n, b->n, d[n]);
}

/*
 * The vector paths multiply in fp32 and scale by a power of two. Significands have at most 11 bits each, so a product has at most 22 and
 * is exact while its exponent e(a) + e(b) lies in [-100, 100]; no accumulator overflows while it starts below 2^120, since one
 * instruction adds less than 2^107. With 8-bit operands it starts below 2^116: 2^11 times that is still a number.
 */
static bool in_vector_range(const struct at_panel_row *a, const struct at_panel *b)
{
    bool none = a->least > a->most || b->least > b->most;
    return !a->special && !b->special && (none || (a->least + b->least >= -100 && a->most + b->most <= 100));
}

static bool all_moderate(const float *d, int64_t n, float limit)
{
    int outside = 0;
    for (int64_t i = 0; i < n; i++)
        outside |= !(fabsf(d[i]) < limit);
    return !outside;
}

void at_wgmma_chains(enum at_simd simd, const struct at_chain *chains, int64_t count, const struct at_panel *b, int64_t first, int64_t last)
{
    struct at_chain taken[AT_CHAINS_AT_ONCE];
    const float limit = at_formats[b->format].bits == 8 ? 0x1p116f : 0x1p120f;
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
