/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/numerics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define OPERAND(f) \
    { \
        .format = f, .storage = f, .scale = AT_SCALE_HEAD \
    }

static const struct at_numerics fp8 = {.q = OPERAND(AT_E4M3),
                                       .k = OPERAND(AT_E4M3),
                                       .v = OPERAND(AT_E4M3),
                                       .score_format = AT_FP32,
                                       .p_offset = AT_P_POW2_8,
                                       .p_format = AT_E4M3,
                                       .order = AT_ORDER_REVERSE,
                                       .output = AT_BF16};

static const struct at_problem problem = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 8, .seq_k = 8, .dim = 128};

static void refuse(const struct at_numerics *n, enum at_status status, const char *words)
{
    struct at_error error = {""};
    enum at_status got = at_numerics_check(n, &error);
    if (got != status || !strstr(error.message, words))
        fail_msg("wanted '%s' (%s), got '%s' (%s)", words, at_status_name(status), error.message, at_status_name(got));
    assert_int_equal(at_numerics_check(n, NULL), status);
}

/* Each case changes one thing of a good struct and must be refused for it. */
#define REFUSED(change, status, words) \
    do { \
        struct at_numerics n = fp8; \
        change; \
        refuse(&n, status, words); \
    } while (0)
#define ACCEPTED(change) \
    do { \
        struct at_numerics n = fp8; \
        change; \
        struct at_error error = {""}; \
        if (at_numerics_check(&n, &error)) \
            fail_msg("refused: %s", error.message); \
    } while (0)

static void set_formats(struct at_numerics *n, enum at_format format)
{
    n->q.format = n->q.storage = n->k.format = n->k.storage = n->v.format = n->v.storage = n->p_format = format;
    if (format == AT_BF16)
        n->q.scale = n->k.scale = n->v.scale = AT_SCALE_NONE;
}

static void operand_formats(void **state)
{
    (void)state;
    ACCEPTED((void)0);
    ACCEPTED(n.q.format = n.q.storage = AT_E5M2);
    ACCEPTED(n.p_format = AT_E5M2);
    ACCEPTED(set_formats(&n, AT_FP16));
    ACCEPTED(set_formats(&n, AT_FP16); n.k.storage = n.v.storage = AT_E4M3);
    REFUSED(n.q.format = n.q.storage = AT_FP32, AT_ERR_UNSUPPORTED, "q.format=fp32");
    REFUSED(n.k.storage = AT_FP32, AT_ERR_UNSUPPORTED, "k.format=fp32");
    REFUSED(n.v.storage = AT_FP16, AT_ERR_UNSUPPORTED, "v.storage=fp16 with v.format=e4m3");
    REFUSED(n.v.storage = AT_E5M2, AT_ERR_UNSUPPORTED, "v.storage=e5m2 with v.format=e4m3");
    REFUSED(set_formats(&n, AT_FP16); n.k.storage = AT_BF16, AT_ERR_UNSUPPORTED, "k.storage=bf16 with k.format=fp16");
    REFUSED(n.q.format = n.q.storage = AT_FP16, AT_ERR_UNSUPPORTED, "q.format=fp16 with k.format=e4m3");
    REFUSED(set_formats(&n, AT_FP16); n.k.format = n.k.storage = AT_BF16;
            n.k.scale = AT_SCALE_NONE, AT_ERR_UNSUPPORTED, "q.format=fp16 with k.format=bf16");
    REFUSED(n.p_format = AT_FP16, AT_ERR_UNSUPPORTED, "p.format=fp16 with v.format=e4m3");
    REFUSED(set_formats(&n, AT_FP16); n.p_format = AT_BF16, AT_ERR_UNSUPPORTED, "p.format=bf16 with v.format=fp16");
    REFUSED(n.p_format = AT_FP32, AT_ERR_UNSUPPORTED, "p.format=fp32");
}

static void scales(void **state)
{
    (void)state;
    ACCEPTED(n.v.scale = AT_SCALE_CHANNEL);
    ACCEPTED(n.v.scale = AT_SCALE_TOKEN);
    ACCEPTED(n.q.scale_rule = AT_SCALE_GIVEN; n.q.given_scale = 0.5f);
    REFUSED(n.q.scale = AT_SCALE_CHANNEL, AT_ERR_UNSUPPORTED, "q.scale=channel");
    REFUSED(n.k.scale = AT_SCALE_CHANNEL, AT_ERR_UNSUPPORTED, "k.scale=channel");
    const float bad[] = {0, -1, NAN, INFINITY};
    for (int i = 0; i < 4; i++)
        REFUSED(n.k.scale_rule = AT_SCALE_GIVEN; n.k.given_scale = bad[i], AT_ERR_ARGUMENT, "k.scale-rule");
    REFUSED(set_formats(&n, AT_BF16); n.v.scale = AT_SCALE_HEAD, AT_ERR_ARGUMENT, "v.scale=head in bf16");
    ACCEPTED(set_formats(&n, AT_BF16); n.v.scale = AT_SCALE_HEAD; n.v.scale_rule = AT_SCALE_GIVEN; n.v.given_scale = 2);
    REFUSED(n.k.scale = AT_SCALE_NONE; n.k.scale_rule = AT_SCALE_GIVEN; n.k.given_scale = 2, AT_ERR_ARGUMENT, "k.scale=none");
    REFUSED(n.v.given_scale = 2, AT_ERR_ARGUMENT, "v.scale-rule"); /* a value that no rule reads */
    REFUSED(n.v.scale = AT_SCALE_TOKEN; n.row_sum = AT_SUM_QUANTISED, AT_ERR_ARGUMENT, "v.scale=token with sum=quantised");
}

static void rotation_scores_output_and_sum(void **state)
{
    (void)state;
    ACCEPTED(n.q.rotate = n.k.rotate = AT_ROTATE_HADAMARD; n.v.rotate = AT_ROTATE_HADAMARD16);
    ACCEPTED(n.p_offset = AT_P_NORMALISED);
    ACCEPTED(n.score_format = AT_FP16; n.output = AT_FP32);
    REFUSED(n.q.rotate = AT_ROTATE_HADAMARD, AT_ERR_ARGUMENT, "q.rotate=hadamard with k.rotate=none");
    REFUSED(n.k.rotate = AT_ROTATE_HADAMARD64, AT_ERR_ARGUMENT, "q.rotate=none with k.rotate=hadamard64");
    REFUSED(n.score_format = AT_E4M3, AT_ERR_UNSUPPORTED, "scores=e4m3");
    REFUSED(n.output = AT_E5M2, AT_ERR_UNSUPPORTED, "output=e5m2");
    REFUSED(n.p_offset = AT_P_NORMALISED; n.row_sum = AT_SUM_QUANTISED, AT_ERR_ARGUMENT, "p.offset=normalised with sum=quantised");
}

static void set_tile(struct at_numerics *n, int m, int k)
{
    n->tile_m = m;
    n->tile_n = k;
}

static void tiles_and_promotion(void **state)
{
    (void)state;
    ACCEPTED(set_tile(&n, 64, 32));
    ACCEPTED(set_formats(&n, AT_BF16); set_tile(&n, 64, 16));
    ACCEPTED(n.promote = AT_PROMOTE_TILE);
    ACCEPTED(n.promote = 128);
    ACCEPTED(set_tile(&n, 128, 224); n.promote = 224);
    REFUSED(set_tile(&n, 64, 0), AT_ERR_ARGUMENT, "tile=64x0");
    REFUSED(set_tile(&n, 0, 64), AT_ERR_ARGUMENT, "tile=0x64");
    REFUSED(set_tile(&n, 96, 64), AT_ERR_ARGUMENT, "tile=96x64");
    REFUSED(set_tile(&n, 64, 16), AT_ERR_ARGUMENT, "multiples of 32");
    REFUSED(set_tile(&n, -64, 64), AT_ERR_ARGUMENT, "tile=-64x64");
    REFUSED(set_tile(&n, 64, -64), AT_ERR_ARGUMENT, "tile=64x-64");
    REFUSED(n.promote = -2, AT_ERR_ARGUMENT, "promote=-2");
    REFUSED(n.promote = 16, AT_ERR_ARGUMENT, "promote=16");
    REFUSED(n.promote = 48, AT_ERR_ARGUMENT, "promote=48");
    REFUSED(set_tile(&n, 64, 64); n.promote = 96, AT_ERR_ARGUMENT, "promote=96 is wider than the tile of 64");
    REFUSED(n.promote = 160, AT_ERR_ARGUMENT, "promote=160 is wider than the tile of 128");
}

static void value_scale_blocks(void **state)
{
    (void)state;
    ACCEPTED(n.k.scale = AT_SCALE_BLOCK64; n.q.scale = AT_SCALE_BLOCK128);
    ACCEPTED(n.v.scale = AT_SCALE_BLOCK128; n.promote = AT_PROMOTE_TILE);
    ACCEPTED(n.v.scale = AT_SCALE_BLOCK64; n.promote = 64);
    ACCEPTED(n.v.scale = AT_SCALE_BLOCK128; n.promote = 32; set_tile(&n, 64, 256));
    ACCEPTED(n.v.scale = AT_SCALE_BLOCK128; n.promote = AT_PROMOTE_TILE; set_tile(&n, 64, 64));
    REFUSED(n.v.scale = AT_SCALE_BLOCK128, AT_ERR_ARGUMENT, "v.scale=block128 with promote=none");
    REFUSED(n.v.scale = AT_SCALE_BLOCK64, AT_ERR_ARGUMENT, "say promote=64");
    REFUSED(n.v.scale = AT_SCALE_BLOCK64; n.promote = AT_PROMOTE_TILE, AT_ERR_ARGUMENT, "would cross a scale block");
    REFUSED(n.v.scale = AT_SCALE_BLOCK64; n.promote = 128, AT_ERR_ARGUMENT, "would cross a scale block");
    REFUSED(n.v.scale = AT_SCALE_BLOCK128; n.promote = 96, AT_ERR_ARGUMENT, "would cross a scale block");
    REFUSED(n.v.scale = AT_SCALE_BLOCK128; n.promote = 128; set_tile(&n, 64, 192), AT_ERR_ARGUMENT, "would cross a scale block");
}

/* Forward tiles on sm90: flash-attention, hopper/tile_size.h at 0251105; in FP8 promoted per tile vLLM's fork, the same file at 617264c. */
static void automatic_tiles(void **state)
{
    (void)state;
    static const struct {
        enum at_format format;
        int64_t dim;
        bool causal;
        int m, n, promote;
        int64_t seq_q;
    } rows[] = {
        {AT_E4M3, 64, false, 192, 160, AT_PROMOTE_NONE, 8},  {AT_E4M3, 64, true, 192, 160, AT_PROMOTE_NONE, 8},
        {AT_E4M3, 128, false, 128, 224, AT_PROMOTE_NONE, 8}, {AT_E4M3, 128, true, 128, 224, AT_PROMOTE_NONE, 8},
        {AT_E4M3, 256, false, 128, 128, AT_PROMOTE_NONE, 8}, {AT_FP16, 64, false, 192, 192, AT_PROMOTE_NONE, 8},
        {AT_FP16, 64, true, 192, 128, AT_PROMOTE_NONE, 8},   {AT_BF16, 128, false, 128, 176, AT_PROMOTE_NONE, 8},
        {AT_FP16, 128, true, 128, 128, AT_PROMOTE_NONE, 8},  {AT_FP16, 256, false, 128, 80, AT_PROMOTE_NONE, 8},
        {AT_BF16, 256, true, 128, 80, AT_PROMOTE_NONE, 8},   {AT_E5M2, 32, false, 192, 160, AT_PROMOTE_NONE, 8},
        {AT_E4M3, 64, true, 192, 128, AT_PROMOTE_TILE, 8},   {AT_E4M3, 128, false, 128, 192, AT_PROMOTE_TILE, 8},
        {AT_E4M3, 128, true, 128, 192, AT_PROMOTE_TILE, 8},  {AT_E4M3, 256, true, 128, 128, AT_PROMOTE_TILE, 8},
        {AT_FP16, 128, true, 128, 128, AT_PROMOTE_TILE, 8},  {AT_FP16, 128, true, 128, 176, AT_PROMOTE_NONE, 1},
        {AT_FP16, 64, true, 192, 192, AT_PROMOTE_NONE, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct at_numerics n = fp8, resolved;
        struct at_problem p = problem;
        set_formats(&n, rows[i].format);
        p.dim = rows[i].dim;
        p.causal = rows[i].causal;
        p.seq_q = rows[i].seq_q;
        n.promote = rows[i].promote;
        assert_int_equal(at_numerics_resolve(&n, &p, &resolved, NULL), AT_OK);
        assert_int_equal(resolved.tile_m, rows[i].m);
        assert_int_equal(resolved.tile_n, rows[i].n);
    }
}

static void blocks_and_promotion_take_tiles_of_128(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct at_numerics n = fp8, resolved;
        n.promote = i == 0 ? 64 : AT_PROMOTE_TILE;
        struct at_operand_numerics *const operands[] = {NULL, &n.q, &n.k, &n.v};
        if (i)
            operands[i]->scale = AT_SCALE_BLOCK128;
        assert_int_equal(at_numerics_resolve(&n, &problem, &resolved, NULL), AT_OK);
        assert_int_equal(resolved.tile_m, 128);
        assert_int_equal(resolved.tile_n, 128);
    }
}

static void resolving_keeps_given_tiles_and_refuses_like_check(void **state)
{
    (void)state;
    struct at_numerics n = fp8, resolved, untouched;
    struct at_error error;
    set_tile(&n, 64, 96);
    assert_int_equal(at_numerics_resolve(&n, &problem, &resolved, NULL), AT_OK);
    assert_memory_equal(&resolved, &n, sizeof n);
    memset(&untouched, 0x5a, sizeof untouched);
    resolved = untouched;
    set_tile(&n, 64, 0);
    assert_int_equal(at_numerics_resolve(&n, &problem, &resolved, &error), AT_ERR_ARGUMENT);
    n = fp8;
    n.q.rotate = n.k.rotate = AT_ROTATE_HADAMARD64;
    struct at_problem narrow = problem;
    narrow.dim = 32;
    assert_int_equal(at_numerics_resolve(&n, &narrow, &resolved, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "64 columns does not fit head dimension 32"));
    n = fp8;
    n.v.rotate = AT_ROTATE_HADAMARD64;
    assert_int_equal(at_numerics_resolve(&n, &narrow, &resolved, &error), AT_ERR_ARGUMENT);
    assert_memory_equal(&resolved, &untouched, sizeof untouched);
}

/* Head dimensions that are no power of two: blocks must fill the row, and the refusal names one that does. */
static void rotations_of_other_dimensions(void **state)
{
    (void)state;
    static const struct {
        int64_t dim;
        enum at_rotation rotation;
        const char *says; /* NULL: accepted */
    } cases[] = {{96, AT_ROTATE_HADAMARD32, NULL},
                 {192, AT_ROTATE_HADAMARD64, NULL},
                 {80, AT_ROTATE_HADAMARD16, NULL},
                 {96, AT_ROTATE_HADAMARD, "a Hadamard block of 96 columns does not fit head dimension 96; say rotate=hadamard32"},
                 {192, AT_ROTATE_HADAMARD, "say rotate=hadamard64"},
                 {96, AT_ROTATE_HADAMARD64, "say rotate=hadamard32"},
                 {112, AT_ROTATE_HADAMARD64, "say rotate=hadamard16"},
                 {72, AT_ROTATE_HADAMARD16, "head dimension 72 is no multiple of 16 columns, the smallest block; say rotate=none"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int v = 0; v < 2; v++) {
            struct at_numerics n = fp8, resolved;
            struct at_problem p = problem;
            struct at_error error = {""};
            p.dim = cases[i].dim;
            n.q.rotate = n.k.rotate = v ? AT_ROTATE_NONE : cases[i].rotation;
            n.v.rotate = v ? cases[i].rotation : AT_ROTATE_NONE;
            assert_int_equal(at_numerics_resolve(&n, &p, &resolved, &error), cases[i].says ? AT_ERR_ARGUMENT : AT_OK);
            assert_true(!cases[i].says || strstr(error.message, cases[i].says));
        }
}

/* What check accepts, resolving accepts for each head dimension that the rotations fit. */
static void nothing_accepted_is_refused_later(void **state)
{
    (void)state;
    const int promotions[] = {AT_PROMOTE_NONE, AT_PROMOTE_TILE, 32, 64, 96, 128, 160, 256};
    const int64_t dims[] = {32, 64, 128, 256};
    int accepted = 0, refused = 0;
    for (int format = AT_E4M3; format <= AT_BF16; format++)
        for (int scale = 0; scale < AT_SCALE_GRANULARITY_COUNT; scale++)
            for (int promote = 0; promote < 8; promote++)
                for (int dim = 0; dim < 8; dim++) {
                    struct at_numerics n = fp8, resolved;
                    struct at_problem p = problem;
                    set_formats(&n, (enum at_format)format);
                    n.v.scale = (enum at_scale_granularity)scale;
                    n.promote = promotions[promote];
                    p.dim = dims[dim / 2];
                    p.causal = dim % 2;
                    enum at_status status = at_numerics_check(&n, NULL);
                    assert_int_equal(at_numerics_resolve(&n, &p, &resolved, NULL), status);
                    if (!status)
                        assert_int_equal(at_numerics_check(&resolved, NULL), AT_OK);
                    accepted += !status;
                    refused += status != 0;
                }
    assert_true(accepted > 100 && refused > 100);
}

static void small_tables(void **state)
{
    (void)state;
    const int rows[AT_SCALE_GRANULARITY_COUNT] = {0, 0, 0, 64, 128, 0, 0};
    for (int g = 0; g < AT_SCALE_GRANULARITY_COUNT; g++)
        assert_int_equal(at_scale_block_rows((enum at_scale_granularity)g), rows[g]);
    const int widths[AT_ROTATION_COUNT] = {0, 256, 16, 32, 64};
    for (int r = 0; r < AT_ROTATION_COUNT; r++)
        assert_int_equal(at_rotation_width((enum at_rotation)r, 256), widths[r]);
    const int depths[AT_FORMAT_COUNT] = {32, 32, 16, 16, 8}; /* fp32 operands are read as tf32 */
    for (int f = AT_E4M3; f < AT_FORMAT_COUNT; f++)
        assert_int_equal(at_wgmma_depth((enum at_format)f), depths[f]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operand_formats),
        cmocka_unit_test(scales),
        cmocka_unit_test(rotation_scores_output_and_sum),
        cmocka_unit_test(tiles_and_promotion),
        cmocka_unit_test(value_scale_blocks),
        cmocka_unit_test(automatic_tiles),
        cmocka_unit_test(blocks_and_promotion_take_tiles_of_128),
        cmocka_unit_test(resolving_keeps_given_tiles_and_refuses_like_check),
        cmocka_unit_test(rotations_of_other_dimensions),
        cmocka_unit_test(nothing_accepted_is_refused_later),
        cmocka_unit_test(small_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
