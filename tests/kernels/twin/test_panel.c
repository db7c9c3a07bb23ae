/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include "../support/codes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 37, DIM = 64, ROOM = 96 };

static uint32_t code_at(const void *codes, enum at_format format, int64_t i)
{
    return at_formats[format].bits == 8 ? ((const uint8_t *)codes)[i] : ((const uint16_t *)codes)[i];
}

static void draw_codes(void *codes, enum at_format format, enum code_regime regime, uint64_t seed)
{
    struct at_random key = {seed, 51};
    for (uint64_t i = 0; i < ROWS * DIM; i++) {
        uint32_t code = random_code(format, regime, key, i);
        if (at_formats[format].bits == 8)
            ((uint8_t *)codes)[i] = (uint8_t)code;
        else
            ((uint16_t *)codes)[i] = (uint16_t)code;
    }
}

/* Element (k, n) and its exponent against the code it stands for, or zero where there is none. */
static void check_element(const struct at_panel *panel, int64_t k, int64_t n, const uint32_t *code, int *least, int *most)
{
    float wanted = code ? at_decode(panel->format, *code) : 0.0f, got;
    at_panel_column(panel, k, n, 1, &got);
    int exponent = wanted == 0 ? AT_WGMMA_ZERO : at_wgmma_exponent(panel->format, wanted);
    assert_true(got == wanted);
    if (at_formats[panel->format].bits != 8)
        assert_int_equal(panel->exponent[k * panel->n + n], exponent);
    else
        assert_int_equal(panel->narrow[(n / AT_PANEL_BLOCK * panel->k + k) * AT_PANEL_BLOCK + n % AT_PANEL_BLOCK],
                         wanted == 0 ? AT_PANEL_NOTHING : exponent);
    if (wanted != 0) {
        *least = exponent < *least ? exponent : *least;
        *most = exponent > *most ? exponent : *most;
    }
}

static void check_panel(enum at_format format, bool transposed, const void *codes)
{
    struct at_panel panel;
    int least = 99999, most = -99999, depth = at_formats[format].bits == 8 ? 32 : 16;
    int64_t k_used = transposed ? DIM : ROWS, n_used = transposed ? ROWS : DIM;
    assert_int_equal(at_panel_init(&panel, at_simd_best(), ROOM, ROOM, NULL), AT_OK);
    (transposed ? at_panel_load_transposed : at_panel_load)(&panel, format, codes, ROWS, DIM);
    assert_int_equal(panel.k, (k_used + depth - 1) / depth * depth);
    assert_int_equal(panel.n, (n_used + 31) / 32 * 32);
    for (int64_t k = 0; k < panel.k; k++)
        for (int64_t n = 0; n < panel.n; n++) {
            bool inside = k < k_used && n < n_used;
            uint32_t code = inside ? code_at(codes, format, transposed ? n * DIM + k : k * DIM + n) : 0;
            check_element(&panel, k, n, inside ? &code : NULL, &least, &most);
        }
    assert_int_equal(panel.least, least);
    assert_int_equal(panel.most, most);
    assert_false(panel.special);
    at_panel_done(&panel);
}

static void elements_exponents_and_padding(void **state)
{
    (void)state;
    uint16_t *codes = malloc(ROWS * DIM * sizeof *codes);
    assert_non_null(codes);
    for (int format = 0; format < AT_FP32; format++)
        for (int regime = 0; regime < CODES_REGIME_COUNT; regime++) {
            draw_codes(codes, (enum at_format)format, (enum code_regime)regime, (uint64_t)regime);
            check_panel((enum at_format)format, true, codes);
            check_panel((enum at_format)format, false, codes);
        }
    free(codes);
}

static void special_elements_are_noticed(void **state)
{
    (void)state;
    struct at_panel panel;
    struct at_panel_row row;
    assert_int_equal(at_panel_init(&panel, at_simd_best(), ROOM, ROOM, NULL), AT_OK);
    for (int format = 0; format < AT_FP32; format++) {
        uint16_t codes[64 * 2] = {0};
        float values[64] = {0};
        int16_t exponents[64];
        uint32_t nan = at_encode((enum at_format)format, NAN, AT_OVERFLOW_IEEE);
        memcpy((char *)codes + at_format_size((enum at_format)format) * 63, &nan, at_format_size((enum at_format)format));
        at_panel_load(&panel, (enum at_format)format, codes, 1, 64);
        assert_true(panel.special);
        at_panel_load_transposed(&panel, (enum at_format)format, codes, 1, 64);
        assert_true(panel.special);
        at_panel_load(&panel, (enum at_format)format, codes, 1, 32);
        assert_false(panel.special);
        values[9] = -INFINITY;
        at_panel_row_set(&row, AT_SIMD_SCALAR, (enum at_format)format, values, 64, exponents);
        assert_true(row.special);
        at_panel_row_set(&row, AT_SIMD_SCALAR, (enum at_format)format, values, 9, exponents);
        assert_true(!row.special && row.least > row.most && exponents[8] == AT_WGMMA_ZERO);
    }
    at_panel_done(&panel);
}

/* A chain is one instruction after the other, each from the accumulator of the one before; [first, last) alone is read. */
static void chains_are_instructions_in_order(void **state)
{
    (void)state;
    uint16_t *codes = malloc(ROWS * DIM * sizeof *codes);
    assert_non_null(codes);
    for (int format = 0; format < AT_FP32; format++) {
        enum at_format f = (enum at_format)format;
        int depth = at_wgmma_depth(f);
        struct at_panel panel;
        struct at_panel_row row;
        float value[DIM], d[64], wanted[64];
        int16_t exponent[DIM];
        draw_codes(codes, f, CODES_NARROW, 7);
        assert_int_equal(at_panel_init(&panel, at_simd_best(), ROOM, ROOM, NULL), AT_OK);
        at_panel_load_transposed(&panel, f, codes, ROWS, DIM);
        for (uint64_t k = 0; k < DIM; k++)
            value[k] = at_decode(f, random_code(f, CODES_NARROW, (struct at_random){8, 52}, k));
        at_panel_row_set(&row, AT_SIMD_SCALAR, f, value, DIM, exponent);
        for (int simd = 0; simd < AT_SIMD_COUNT; simd++) {
            if (!at_simd_available((enum at_simd)simd))
                continue;
            for (int n = 0; n < 64; n++)
                d[n] = wanted[n] = (float)n * 0.37f;
            at_wgmma_chain((enum at_simd)simd, &row, &panel, depth, DIM, d);
            for (int n = 0; n < 64; n++) {
                float column[DIM] = {0};
                for (int k = 0; k < DIM && n < ROWS; k++)
                    column[k] = at_decode(f, code_at(codes, f, n * DIM + k));
                for (int k = depth; k < DIM; k += depth)
                    wanted[n] = at_wgmma_dot(f, f, value + k, column + k, 1, wanted[n]);
                assert_int_equal(bits_of(d[n]), bits_of(wanted[n]));
            }
        }
        at_panel_done(&panel);
    }
    free(codes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_exponents_and_padding),
        cmocka_unit_test(special_elements_are_noticed),
        cmocka_unit_test(chains_are_instructions_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
