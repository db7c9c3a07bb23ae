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

enum { DEPTH = 128, COLUMNS = 96, CODES = DEPTH * COLUMNS };

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
    struct at_panel_row a;
    float value[DEPTH], start[COLUMNS];
    int16_t exponent[DEPTH];
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
        x->value[k] = at_decode(fa, inside ? bounded(fa, code) : code);
    }
    for (int n = 0; n < COLUMNS; n++) {
        float c = random_accumulator(kc, (uint64_t)n);
        x->start[n] = inside && !(fabsf(c) < 0x1p116f) ? 1.0f : c;
    }
    at_panel_row_set(&x->a, AT_SIMD_SCALAR, fa, x->value, DEPTH, x->exponent);
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

void path_gives_the_scalar_bits(enum at_simd simd, at_wgmma_chain_path *path, int64_t products)
{
    if (!path || !at_simd_available(simd))
        skip();
    struct product *x = product_new();
    int64_t done = 0;
    for (uint64_t seed = 0; done < products; seed++)
        for (int pair = 0; pair < PAIRS; pair++)
            for (int regime = 0; regime < CODES_REGIME_COUNT; regime++) {
                float got[COLUMNS], wanted[COLUMNS];
                draw(x, pair, (enum code_regime)regime, seed, true);
                /* One drawn panel serves several rows: the signs and the order of the left operand change. */
                for (int row = 0; row < 8; row++) {
                    for (int k = 0; k < DEPTH && row; k++)
                        x->value[k] = k % (row + 1) ? -x->value[k] : x->value[k];
                    at_panel_row_set(&x->a, AT_SIMD_SCALAR, pairs[pair].a, x->value, DEPTH, x->exponent);
                    memcpy(got, x->start, sizeof got);
                    memcpy(wanted, x->start, sizeof wanted);
                    path(&(struct at_chain){&x->a, got}, 1, &x->b, 0, DEPTH);
                    at_wgmma_chain(AT_SIMD_SCALAR, &x->a, &x->b, 0, DEPTH, wanted);
                    compare(got, wanted, pair, (enum code_regime)regime, seed);
                    done += CODES;
                }
            }
    product_free(x);
    print_message("%" PRId64 " products\n", done);
}

void path_leaves_its_range_to_scalar(enum at_simd simd)
{
    if (!at_simd_available(simd))
        skip();
    struct product *x = product_new();
    static const float outside[] = {0x1p120f, -0x1.8p127f, INFINITY, -INFINITY, NAN, 0x1p119f};
    for (uint64_t seed = 0; seed < 40; seed++)
        for (int pair = 0; pair < PAIRS; pair++) {
            float got[COLUMNS], wanted[COLUMNS];
            draw(x, pair, CODES_RAW, 1000 + seed, false);
            x->start[seed % COLUMNS] = seed < 20 ? 1.0f : outside[seed % 6];
            if (seed % 5 == 4) { /* a special element of the left operand, then of the right one */
                x->value[seed] = seed % 2 ? NAN : INFINITY;
                at_panel_row_set(&x->a, AT_SIMD_SCALAR, pairs[pair].a, x->value, DEPTH, x->exponent);
            } else if (seed % 5 == 3) {
                put_code(x, pairs[pair].b, (int64_t)seed * COLUMNS + 5,
                         at_encode(pairs[pair].b, seed % 2 ? NAN : INFINITY, AT_OVERFLOW_IEEE));
                at_panel_load(&x->b, pairs[pair].b, codes_of(x, pairs[pair].b), DEPTH, COLUMNS);
            }
            memcpy(got, x->start, sizeof got);
            memcpy(wanted, x->start, sizeof wanted);
            at_wgmma_chain(simd, &x->a, &x->b, 0, DEPTH, got);
            at_wgmma_chain(AT_SIMD_SCALAR, &x->a, &x->b, 0, DEPTH, wanted);
            compare(got, wanted, pair, CODES_RAW, 1000 + seed);
        }
    product_free(x);
}
