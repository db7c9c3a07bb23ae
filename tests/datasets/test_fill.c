/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "datasets/fill.h"

#include <float.h>
#include <string.h>

static const struct at_problem small = {.batch = 2, .heads_q = 4, .heads_kv = 2, .seq_q = 3, .seq_k = 5, .dim = 32};

static void constant_row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    (void)s;
    for (int64_t c = 0; c < head->problem->dim; c++)
        ret_row[c] = c % 2 ? -*(const double *)head->context : *(const double *)head->context;
}

/* What `value` becomes in `format`; the columns of odd index hold its negative. */
static double rounded(enum at_format format, double value)
{
    struct at_qkv qkv;
    assert_int_equal(at_qkv_init(&qkv, format, &small, NULL), AT_OK);
    at_fill(&(struct at_fill){.row = constant_row}, &small, &value, 1, &qkv);
    double *values = sample_values(&qkv.v), result = values[0];
    assert_true(values[1] == -result && values[at_tensor_count(&qkv.v) - 1] == -result);
    free(values);
    at_qkv_done(&qkv);
    return result;
}

/* Through fp32 the value beside a tie would become the tie, and then the wrong neighbour. */
static void rounds_once(void **state)
{
    (void)state;
    for (int f = 0; f < AT_FORMAT_COUNT; f++) {
        double ulp = ldexp(1, -at_formats[f].mantissa_bits), least = ldexp(ulp, at_formats[f].min_exponent);
        double a_little = ldexp(ulp, -40); /* lost in fp32 from each 8- and 16-bit format */
        assert_true(rounded((enum at_format)f, 1 + ulp / 2) == 1);
        assert_true(rounded((enum at_format)f, 1 + ulp / 2 + a_little) == 1 + ulp || f == AT_FP32);
        assert_true(rounded((enum at_format)f, 1 + 3 * ulp / 2) == 1 + 2 * ulp);
        assert_true(rounded((enum at_format)f, 1 + 3 * ulp / 2 - a_little) == 1 + ulp || f == AT_FP32);
        assert_true(rounded((enum at_format)f, least / 2) == 0);
        assert_true(rounded((enum at_format)f, least / 2 * (1 + DBL_EPSILON)) == least);
        assert_true(rounded((enum at_format)f, 0x1p-1000) == 0);
        assert_true(rounded((enum at_format)f, 1e300) == at_formats[f].max);
        assert_true(rounded((enum at_format)f, at_formats[f].max) == at_formats[f].max);
    }
}

static void mark_row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    for (int64_t c = 0; c < head->problem->dim; c++)
        ret_row[c] = (double)((((head->tensor * 8 + head->b) * 8 + head->h) * 8 + s) * 32 + c) + head->pattern[0];
}

static void every_place_is_written_with_its_own_position(void **state)
{
    (void)state;
    struct at_qkv qkv;
    assert_int_equal(at_qkv_init(&qkv, AT_FP32, &small, NULL), AT_OK);
    at_fill(&(struct at_fill){.row = mark_row}, &small, NULL, 1, &qkv);
    const struct at_tensor *tensors[] = {&qkv.q, &qkv.k, &qkv.v};
    for (int64_t t = 0; t < 3; t++)
        for (int64_t b = 0; b < tensors[t]->batch; b++)
            for (int64_t h = 0; h < tensors[t]->heads; h++)
                for (int64_t s = 0; s < tensors[t]->seq; s++) {
                    float row[32];
                    at_tensor_decode_rows(tensors[t], b, h, s, 1, row);
                    for (int64_t c = 0; c < 32; c++)
                        assert_true(row[c] == (float)((((t * 8 + b) * 8 + h) * 8 + s) * 32 + c));
                }
    at_qkv_done(&qkv);
}

static void streams_differ(void **state)
{
    (void)state;
    uint64_t streams[4 * 3 * 3 * 3];
    size_t count = 0;
    for (int purpose = AT_FILL_NOISE; purpose <= AT_FILL_SIGN; purpose++)
        for (int t = AT_FILL_Q; t <= AT_FILL_V; t++)
            for (int64_t b = 0; b < 3; b++)
                for (int64_t h = 0; h < 3; h++) {
                    struct at_fill_head head = {.seed = 9, .tensor = (enum at_fill_tensor)t, .b = b, .h = h};
                    struct at_random key = at_fill_key(&head, (enum at_fill_purpose)purpose);
                    assert_true(key.seed == 9);
                    for (size_t i = 0; i < count; i++)
                        assert_true(streams[i] != key.stream);
                    streams[count++] = key.stream;
                }
    assert_true(at_fill_counter(0, AT_FILL_DIM_MAX - 1) < at_fill_counter(1, 0));
}

static void a_group_shares_its_draws(void **state)
{
    (void)state;
    struct at_fill_head q = {.problem = &small, .tensor = AT_FILL_Q, .b = 1, .h = 3}, k = q, other = q;
    k.tensor = AT_FILL_K;
    k.h = 1;
    k.b = 0;
    other.h = 1;
    uint64_t stream = at_fill_group_key(&q, AT_FILL_EVENT).stream;
    assert_true(stream == at_fill_group_key(&k, AT_FILL_EVENT).stream);
    assert_true(stream != at_fill_group_key(&other, AT_FILL_EVENT).stream);
    assert_true(stream != at_fill_group_key(&q, AT_FILL_SIGN).stream);
    assert_true(stream != at_fill_key(&k, AT_FILL_EVENT).stream);
}

static void longer_begins_with_shorter(void **state)
{
    (void)state;
    struct at_problem longer = small;
    longer.batch++;
    longer.seq_k = 9;
    struct at_qkv a = sample_make("normal", &small, AT_BF16, 3), b = sample_make("normal", &longer, AT_BF16, 3);
    for (int64_t h = 0; h < small.heads_kv; h++)
        assert_memory_equal(at_tensor_row(&a.k, 1, h, 0), at_tensor_row(&b.k, 1, h, 0), (size_t)(small.seq_k * small.dim) * 2);
    at_qkv_done(&a);
    at_qkv_done(&b);
}

static void scale_and_token(void **state)
{
    (void)state;
    struct at_problem p = small;
    const struct at_fill_head q = {.problem = &p, .tensor = AT_FILL_Q}, k = {.problem = &p, .tensor = AT_FILL_K};
    assert_true(at_fill_scale(&p) == 1 / sqrt(32.0));
    p.scale = 0.25;
    assert_true(at_fill_scale(&p) == 0.25);
    assert_int_equal(at_fill_token(&k, 1), 1);
    assert_int_equal(at_fill_token(&q, 2), 4); /* the last row of 3 is the last token of 5 */
    p.seq_q = 7;
    assert_int_equal(at_fill_token(&q, 0), -2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_once),
        cmocka_unit_test(every_place_is_written_with_its_own_position),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(a_group_shares_its_draws),
        cmocka_unit_test(longer_begins_with_shorter),
        cmocka_unit_test(scale_and_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
