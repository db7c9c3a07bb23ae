/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "paths.h"

#include "codes.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEPTH = 128, COLUMNS = 96, CODES = DEPTH * COLUMNS, ROWS = AT_CHAINS_AT_ONCE };

static const struct {
    enum at_format a, b;
} pairs[] = {{AT_E4M3, AT_E4M3}, {AT_E5M2, AT_E5M2}, {AT_E4M3, AT_E5M2}, {AT_E5M2, AT_E4M3}, {AT_FP16, AT_FP16}, {AT_BF16, AT_BF16}};

enum { PAIRS = sizeof pairs / sizeof pairs[0] };

/* bf16 codes whose products have exponents from -100 to 100, the vector paths' range. */
static uint32_t bounded(enum at_format format, uint32_t code)
{
    if (format != AT_BF16)
        return code;
    int exponent = (int)(code >> 7 & 0xff) - 127;
    exponent = exponent < -50 ? -50 : exponent > 50 ? 50 : exponent;
    return (code & 0x807f) | (uint32_t)(exponent + 127) << 7;
}

struct product {
    struct at_panel b;
    struct at_panel_row a[ROWS];
    float value[ROWS][DEPTH], start[COLUMNS];
    int16_t exponent[ROWS][DEPTH];
    uint8_t bytes[CODES];
    uint16_t words[CODES];
};

static void put_code(struct product *x, enum at_format format, int64_t i, uint32_t code)
{
    if (at_formats[format].bits == 8)
        x->bytes[i] = (uint8_t)code;
    else
        x->words[i] = (uint16_t)code;
}

static const void *codes_of(const struct product *x, enum at_format format)
{
    return at_formats[format].bits == 8 ? (const void *)x->bytes : (const void *)x->words;
}

static void set_row(struct product *x, int row, enum at_format format)
{
    at_panel_row_set(&x->a[row], AT_SIMD_SCALAR, format, x->value[row], DEPTH, x->exponent[row]);
}

static void draw(struct product *x, int pair, enum code_regime regime, uint64_t seed, bool inside)
{
    struct at_random ka = {seed, 11}, kb = {seed, 12}, kc = {seed, 13};
    enum at_format fa = pairs[pair].a, fb = pairs[pair].b;
    for (int64_t i = 0; i < CODES; i++) { /* the right operand is the same in rows 2 k and 2 k + 1 when they shall cancel */
        uint64_t at = regime == CODES_CANCEL ? (uint64_t)(i / (2 * COLUMNS) * COLUMNS + i % COLUMNS) : (uint64_t)i;
        uint32_t code = random_code(fb, regime == CODES_CANCEL ? CODES_NARROW : regime, kb, at);
        put_code(x, fb, i, inside ? bounded(fb, code) : code);
    }
    at_panel_load(&x->b, fb, codes_of(x, fb), DEPTH, COLUMNS);
    for (int k = 0; k < DEPTH; k++) {
        uint32_t code = random_code(fa, regime, ka, (uint64_t)k);
        x->value[0][k] = at_decode(fa, inside ? bounded(fa, code) : code);
    }
    for (int n = 0; n < COLUMNS; n++) {
        float c = random_accumulator(kc, (uint64_t)n), limit = at_formats[fa].bits == 8 ? 0x1p116f : 0x1p120f;
        x->start[n] = inside && !(fabsf(c) < limit) ? 1.0f : c;
    }
    set_row(x, 0, fa);
}

static void compare(const float *got, const float *wanted, int pair, enum code_regime regime, uint64_t seed)
{
    for (int n = 0; n < COLUMNS; n++)
        if (bits_of(got[n]) != bits_of(wanted[n]))
            fail_msg("%s.%s column %d: got %08x, scalar %08x; pair %d, regime %d, seed %" PRIu64, at_formats[pairs[pair].a].name,
                     at_formats[pairs[pair].b].name, n, bits_of(got[n]), bits_of(wanted[n]), pair, (int)regime, seed);
}

static struct product *product_new(void)
{
    struct product *x = malloc(sizeof *x);
    assert_non_null(x);
    assert_int_equal(at_panel_init(&x->b, at_simd_best(), DEPTH, COLUMNS, NULL), AT_OK);
    return x;
}

static void product_free(struct product *x)
{
    at_panel_done(&x->b);
    free(x);
}

/* `depth` products of the rows of x->a, `count` of them, by the path and by the scalar one. */
static void check_rows(const struct product *x, at_wgmma_chain_path *path, int count, int depth, int pair, enum code_regime regime,
                       uint64_t seed)
{
    static float got[ROWS][COLUMNS], wanted[COLUMNS];
    struct at_chain chains[ROWS];
    for (int row = 0; row < count; row++) {
        memcpy(got[row], x->start, sizeof got[row]);
        chains[row] = (struct at_chain){&x->a[row], got[row]};
    }
    path(chains, count, &x->b, 0, depth);
    for (int row = 0; row < count; row++) {
        memcpy(wanted, x->start, sizeof wanted);
        at_wgmma_chain(AT_SIMD_SCALAR, &x->a[row], &x->b, 0, depth, wanted);
        compare(got[row], wanted, pair, regime, seed);
    }
}

void path_gives_the_scalar_bits(enum at_simd simd, at_wgmma_chain_path *path, int64_t products)
{
    if (!path || !at_simd_available(simd))
        skip();
    struct product *x = product_new();
    int64_t done = 0;
    for (uint64_t seed = 0; done < products; seed++)
        for (int pair = 0; pair < PAIRS; pair++)
            for (int regime = 0; regime < CODES_REGIME_COUNT; regime++) {
                const int count = seed % 2 ? ROWS : 1 + (int)(seed / 2 % ROWS);
                draw(x, pair, (enum code_regime)regime, seed, true);
                /* One drawn panel serves several rows: the signs of the left operand change, and some rows have none. */
                for (int row = 1; row < count; row++) {
                    for (int k = 0; k < DEPTH; k++)
                        x->value[row][k] = k % (row + 1) ? -x->value[row - 1][k] : x->value[row - 1][k];
                    for (int k = 0; k < DEPTH && row / 2 == 2; k++)
                        x->value[row][k] = fabsf(x->value[row][k]);
                    set_row(x, row, pairs[pair].a);
                }
                check_rows(x, path, count, DEPTH, pair, (enum code_regime)regime, seed);
                done += (int64_t)CODES * count;
            }
    product_free(x);
    print_message("%" PRId64 " products\n", done);
}

/* The largest significand at one exponent for all, or its neighbours: sums of 16-bit operands reach the end of int32 and pass it. */
static void draw_largest(struct product *x, int pair, uint64_t seed)
{
    enum at_format fa = pairs[pair].a, fb = pairs[pair].b;
    struct at_random key = {seed, 14};
    for (int64_t i = 0; i < CODES; i++) {
        uint32_t one = at_encode(fb, 1.0f, AT_OVERFLOW_IEEE), top = one | ((1u << at_formats[fb].mantissa_bits) - 1);
        put_code(x, fb, i, top - (at_random_bits(key, (uint64_t)i) >> 58 < seed % 3));
    }
    at_panel_load(&x->b, fb, codes_of(x, fb), DEPTH, COLUMNS);
    for (int k = 0; k < DEPTH; k++) {
        uint32_t one = at_encode(fa, 1.0f, AT_OVERFLOW_IEEE), top = one | ((1u << at_formats[fa].mantissa_bits) - 1);
        x->value[0][k] = at_decode(fa, top) * (seed & 4 ? -1.0f : 1.0f);
    }
    for (int n = 0; n < COLUMNS; n++) {
        float size = n % 3 == 0 ? 0x1.fffffep0f : n % 3 == 1 ? 0x1.8p-3f : (float)n;
        x->start[n] = (n + (int)(seed / 8)) % 2 ? size : -size;
    }
    set_row(x, 0, fa);
}

void path_holds_the_largest_sums(enum at_simd simd, at_wgmma_chain_path *path)
{
    if (!path || !at_simd_available(simd))
        skip();
    struct product *x = product_new();
    for (uint64_t seed = 0; seed < 48; seed++)
        for (int pair = 0; pair < PAIRS; pair++) {
            draw_largest(x, pair, seed);
            check_rows(x, path, 1, at_wgmma_depth(pairs[pair].a), pair, CODES_NARROW, seed);
            check_rows(x, path, 1, DEPTH, pair, CODES_NARROW, seed);
        }
    product_free(x);
}

/* Whole panels of bf16 products around 2^(2 base), at and beyond both ends of the exponents that keep fp32 products exact. */
static void check_edges(enum at_simd simd, struct product *x, int base, uint64_t seed)
{
    struct at_random ka = {seed, 14}, kb = {seed, 15};
    float got[COLUMNS], wanted[COLUMNS];
    for (int64_t i = 0; i < CODES; i++)
        x->words[i] = (uint16_t)((at_random_bits(kb, (uint64_t)i) & 0x80ff) + ((uint64_t)(base + 127) << 7));
    at_panel_load(&x->b, AT_BF16, x->words, DEPTH, COLUMNS);
    for (int k = 0; k < DEPTH; k++)
        x->value[0][k] = at_decode(AT_BF16, (uint32_t)((at_random_bits(ka, (uint64_t)k) & 0x80ff) + ((uint64_t)(base + 127) << 7)));
    set_row(x, 0, AT_BF16);
    memset(got, 0, sizeof got);
    memset(wanted, 0, sizeof wanted);
    at_wgmma_chain(simd, &x->a[0], &x->b, 0, DEPTH, got);
    at_wgmma_chain(AT_SIMD_SCALAR, &x->a[0], &x->b, 0, DEPTH, wanted);
    compare(got, wanted, PAIRS - 1, CODES_NARROW, seed);
}

/* More rows than a path takes at once, alike but for the two at the places where a stranger stands. */
enum { MANY = 2 * ROWS + 3 };

void path_leaves_its_range_to_scalar(enum at_simd simd)
{
    if (!at_simd_available(simd))
        skip();
    struct product *x = product_new();
    static const float outside[] = {0x1p120f, -0x1.8p127f, INFINITY, -INFINITY, NAN, 0x1p119f, 0x1p116f, 0x1.fffffep115f, -0x1.fffffep115f};
    static float got[MANY][COLUMNS], wanted[COLUMNS];
    for (uint64_t seed = 0; seed < 45; seed++)
        for (int pair = 0; pair < PAIRS; pair++) {
            struct at_chain chains[MANY];
            draw(x, pair, CODES_RAW, 1000 + seed, false);
            for (int n = 0; n < COLUMNS && seed >= 18; n++) /* nothing else sends the product to the scalar path */
                x->start[n] = fabsf(x->start[n]) < 0x1p100f ? x->start[n] : 1.0f;
            x->start[seed % COLUMNS] = seed < 18 ? 1.0f : outside[seed % 9];
            memcpy(x->value[1], x->value[0], sizeof x->value[1]);
            if (seed % 5 == 4) /* a special element of the left operand, then of the right one */
                x->value[1][seed] = seed % 2 ? NAN : INFINITY;
            if (seed % 5 == 3) {
                put_code(x, pairs[pair].b, (int64_t)seed * COLUMNS + 5,
                         at_encode(pairs[pair].b, seed % 2 ? NAN : INFINITY, AT_OVERFLOW_IEEE));
                at_panel_load(&x->b, pairs[pair].b, codes_of(x, pairs[pair].b), DEPTH, COLUMNS);
            }
            set_row(x, 1, pairs[pair].a);
            for (int row = 0; row < MANY; row++) {
                memcpy(got[row], x->start, sizeof got[row]);
                chains[row] = (struct at_chain){&x->a[row == 2 || row == MANY - 1], got[row]};
            }
            at_wgmma_chains(simd, chains, MANY, &x->b, 0, DEPTH);
            for (int row = 0; row < MANY; row++) {
                memcpy(wanted, x->start, sizeof wanted);
                if (row < 3)
                    at_wgmma_chain(AT_SIMD_SCALAR, chains[row].a, &x->b, 0, DEPTH, wanted);
                else
                    memcpy(wanted, got[row == MANY - 1 ? 2 : 0], sizeof wanted);
                compare(got[row], wanted, pair, CODES_RAW, 1000 + seed);
            }
        }
    for (int base = -76; base <= 66; base++)
        check_edges(simd, x, base, (uint64_t)(2000 + base));
    for (int base = -76; base <= 66; base++)
        check_edges(simd, x, base, (uint64_t)(2000 + base));
    product_free(x);
}
