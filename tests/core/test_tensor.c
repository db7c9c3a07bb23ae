/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/tensor.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The address sanitiser would end the program where calloc returns NULL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void rows_lie_in_layout_bhsd(void **state)
{
    (void)state;
    for (int f = 0; f < AT_FORMAT_COUNT; f++) {
        struct at_tensor t;
        size_t size = at_format_size((enum at_format)f);
        assert_int_equal(at_tensor_init(&t, (enum at_format)f, 2, 3, 5, 4, NULL), AT_OK);
        assert_int_equal(at_tensor_count(&t), 120);
        for (size_t i = 0; i < 120 * size; i++)
            assert_int_equal(((const unsigned char *)t.codes)[i], 0);
        for (int64_t b = 0; b < 2; b++)
            for (int64_t h = 0; h < 3; h++)
                for (int64_t s = 0; s < 5; s++)
                    assert_ptr_equal(at_tensor_row(&t, b, h, s), (char *)t.codes + (size_t)(60 * b + 20 * h + 4 * s) * size);
        at_tensor_done(&t);
        assert_null(t.codes);
        at_tensor_done(&t);
    }
}

static void rows_decode_from_where_they_are_asked(void **state)
{
    (void)state;
    struct at_tensor t;
    float values[12], all[120];
    assert_int_equal(at_tensor_init(&t, AT_FP16, 2, 3, 5, 4, NULL), AT_OK);
    for (int i = 0; i < 120; i++)
        all[i] = (float)(i - 50);
    at_encode_array(AT_FP16, all, 120, AT_OVERFLOW_IEEE, t.codes);
    at_tensor_decode_rows(&t, 1, 2, 1, 3, values);
    for (int i = 0; i < 12; i++)
        assert_true(values[i] == all[60 + 40 + 4 + i]);
    at_tensor_done(&t);
}

static void impossible_shapes_are_refused(void **state)
{
    (void)state;
    struct at_tensor untouched = {AT_BF16, 9, 9, 9, 9, NULL}, t = untouched;
    struct at_error error;
    const int64_t shapes[][4] = {{0, 1, 1, 1},         {1, -1, 1, 1},           {1, 1, 0, 1},
                                 {1, 1, 1, -7},        {INT64_MAX, 2, 1, 1},    {INT64_C(1) << 31, INT64_C(1) << 31, 2, 1},
                                 {1, 1, INT64_MAX, 2}, {1, 1, INT64_MAX / 2, 2} /* elements fit, bytes do not */};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const int64_t *s = shapes[i];
        assert_int_equal(at_tensor_init(&t, AT_FP32, s[0], s[1], s[2], s[3], &error), AT_ERR_ARGUMENT);
        assert_non_null(strstr(error.message, "not a usable shape"));
    }
    assert_int_equal(at_tensor_init(&t, AT_E4M3, 1, 1, INT64_C(1) << 60, 1, &error), AT_ERR_MEMORY);
    assert_non_null(strstr(error.message, "no memory for 1152921504606846976 bytes"));
    assert_memory_equal(&t, &untouched, sizeof t);
}

static void qkv_takes_its_shapes_from_the_problem(void **state)
{
    (void)state;
    struct at_problem p = {.batch = 2, .heads_q = 6, .heads_kv = 3, .seq_q = 5, .seq_k = 7, .dim = 32};
    struct at_qkv qkv;
    assert_int_equal(at_qkv_init(&qkv, AT_BF16, &p, NULL), AT_OK);
    assert_int_equal(at_tensor_count(&qkv.q), 2 * 6 * 5 * 32);
    assert_int_equal(at_tensor_count(&qkv.k), 2 * 3 * 7 * 32);
    assert_int_equal(at_tensor_count(&qkv.v), 2 * 3 * 7 * 32);
    assert_int_equal(qkv.v.format, AT_BF16);
    at_qkv_done(&qkv);
    at_qkv_done(&qkv);
    p.seq_k = INT64_C(1) << 52; /* q succeeds, k does not: q must not leak, nor anything be handed out */
    struct at_qkv untouched = {0}, failed = {0};
    assert_int_equal(at_qkv_init(&failed, AT_BF16, &p, NULL), AT_ERR_MEMORY);
    assert_memory_equal(&failed, &untouched, sizeof failed);
}

static void nan_and_infinity_are_counted_in_every_format(void **state)
{
    (void)state;
    for (int f = 0; f < AT_FORMAT_COUNT; f++) {
        struct at_tensor t;
        float values[3 * 257];
        bool infinite = at_formats[f].has_infinity;
        for (size_t i = 0; i < 3 * 257; i++)
            values[i] = (float)i;
        values[0] = values[255] = values[256] = -NAN;
        values[770] = -INFINITY;
        values[512] = INFINITY;
        assert_int_equal(at_tensor_init(&t, (enum at_format)f, 1, 1, 3, 257, NULL), AT_OK);
        at_encode_array((enum at_format)f, values, 3 * 257, AT_OVERFLOW_IEEE, t.codes);
        int64_t nan = -1, inf = -1, overflowed = 0;
        for (size_t i = 0; i < 3 * 257; i++)
            overflowed += (double)values[i] > 464 && !isinf(values[i]) && f == AT_E4M3;
        at_tensor_count_nonfinite(&t, &nan, &inf);
        assert_int_equal(nan, 3 + overflowed + (infinite ? 0 : 2));
        assert_int_equal(inf, infinite ? 2 : 0);
        at_tensor_done(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_lie_in_layout_bhsd),
        cmocka_unit_test(rows_decode_from_where_they_are_asked),
        cmocka_unit_test(impossible_shapes_are_refused),
        cmocka_unit_test(qkv_takes_its_shapes_from_the_problem),
        cmocka_unit_test(nan_and_infinity_are_counted_in_every_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
