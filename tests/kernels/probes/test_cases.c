/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/compare.h"

#include "../support/codes.h"
#include "../support/dot_spec.h"
#include "kernels/twin/wgmma.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Of these many cases each kind of operand meets each kind of accumulator. */
enum { CASES = 54, COLUMNS = 8, OUTPUTS = AT_PROBE_ROWS * COLUMNS };

struct operands {
    unsigned char a[AT_PROBE_ROWS * AT_PROBE_ROW_BYTES], b[AT_PROBE_MOST_COLUMNS * AT_PROBE_ROW_BYTES];
    float c[AT_PROBE_ROWS * AT_PROBE_MOST_COLUMNS];
};

static void fill(const char *probe, uint64_t seed, int n, int64_t index, struct operands *ret)
{
    const struct at_probe *found;
    assert_int_equal(at_probe_find(probe, &found, NULL), AT_OK);
    memset(ret, 0xee, sizeof *ret);
    at_probe_case(found, seed, n, index, ret->a, ret->b, ret->c);
}

static void a_case_is_a_function_of_its_name(void **state)
{
    (void)state;
    static struct operands first[CASES], again, other;
    static const char *const probes[] = {"wgmma-e4m3", "wgmma-e5m2-e4m3", "wgmma-bf16", "wgmma-tf32"};
    for (size_t p = 0; p < sizeof probes / sizeof probes[0]; p++) {
        for (int i = 0; i < CASES; i++)
            fill(probes[p], 1, COLUMNS, i, &first[i]);
        for (int i = CASES - 1; i >= 0; i--) { /* in another order */
            fill(probes[p], 1, COLUMNS, i, &again);
            assert_memory_equal(&again, &first[i], sizeof again);
            fill(probes[p], 2, COLUMNS, i, &other);
            assert_memory_not_equal(other.a, first[i].a, sizeof other.a);
            fill(probes[p], 1, COLUMNS, i + CASES, &other);
            assert_memory_not_equal(other.a, first[i].a, sizeof other.a);
            assert_memory_not_equal(other.b, first[i].b, COLUMNS * AT_PROBE_ROW_BYTES);
            fill(probes[p], 1, 16, i, &other);
            assert_memory_not_equal(other.a, first[i].a, sizeof other.a);
        }
    }
    fill("wgmma-e5m2", 1, COLUMNS, 0, &again);
    fill("wgmma-e5m2-e4m3", 1, COLUMNS, 0, &other);
    assert_memory_not_equal(again.a, other.a, sizeof other.a);
}

/* All finite codes of the 8-bit formats occur in cases without a special one, whose results are not NaN: e4m3's largest among them. */
static void every_finite_code_meets_finite_ones(void **state)
{
    (void)state;
    static const struct {
        const char *probe;
        enum at_format format;
    } kinds[] = {{"wgmma-e4m3", AT_E4M3}, {"wgmma-e5m2", AT_E5M2}};
    static struct operands drawn;
    for (int kind = 0; kind < 2; kind++) {
        bool met[256] = {false};
        for (int i = 0; i < CASES; i++) {
            bool special = false;
            fill(kinds[kind].probe, 1, COLUMNS, i, &drawn);
            for (size_t j = 0; j < sizeof drawn.a; j++)
                special = special || spec_special(kinds[kind].format, drawn.a[j]);
            for (size_t j = 0; j < sizeof drawn.a && !special; j++)
                met[drawn.a[j]] = true;
        }
        for (uint32_t code = 0; code < 256; code++)
            if (met[code] == spec_special(kinds[kind].format, code))
                fail_msg("%s: code 0x%02x", kinds[kind].probe, code);
    }
}

static void nothing_beyond_the_columns_is_written(void **state)
{
    (void)state;
    static struct operands x;
    for (int n = 8; n < AT_PROBE_MOST_COLUMNS; n += 8)
        for (int i = 0; i < 6; i++) {
            fill("wgmma-fp16", 3, n, i + 9 * i, &x);
            for (size_t k = (size_t)n * AT_PROBE_ROW_BYTES; k < sizeof x.b; k++)
                assert_int_equal(x.b[k], 0xee);
            for (size_t k = (size_t)(AT_PROBE_ROWS * n); k < AT_PROBE_ROWS * AT_PROBE_MOST_COLUMNS; k++)
                assert_int_equal(bits_of(x.c[k]), 0xeeeeeeee);
        }
}

enum kind { NAN_IN, PLUS_INFINITE_IN, MINUS_INFINITE_IN, SUBNORMAL_IN, ZERO_IN, MINUS_ZERO_IN, LARGEST_IN, LOW_NAN_IN, KINDS_IN };

/* How many of the elements of `codes` are of each kind. */
static void count_codes(enum at_format format, const unsigned char *codes, size_t count, int64_t counted[KINDS_IN])
{
    const struct at_format_info *f = &at_formats[format];
    size_t size = at_format_size(format);
    for (size_t i = 0; i < count; i++) {
        uint32_t code = 0;
        memcpy(&code, codes + i * size, size);
        uint32_t magnitude = code & ((1u << (f->bits - 1)) - 1), field = magnitude >> f->mantissa_bits;
        float x = at_decode(format, code);
        counted[NAN_IN] += isnan(x);
        counted[PLUS_INFINITE_IN] += x == INFINITY;
        counted[MINUS_INFINITE_IN] += x == -INFINITY;
        counted[SUBNORMAL_IN] += field == 0 && magnitude;
        counted[ZERO_IN] += code == 0;
        counted[MINUS_ZERO_IN] += magnitude == 0 && code;
        counted[LARGEST_IN] += fabs((double)x) > f->max / 2 && !isinf(x);
        counted[LOW_NAN_IN] += isnan(x) && (magnitude & 0x7fe000) == 0; /* of fp32: infinite in tf32 */
    }
}

static void every_kind_of_operand_occurs(void **state)
{
    (void)state;
    static struct operands x;
    for (size_t p = 0; p < at_probe_count; p++) {
        if (at_probes[p]->twin)
            continue;
        const enum at_format formats[] = {at_probes[p]->a, at_probes[p]->b};
        int64_t counted[2][KINDS_IN] = {{0}};
        for (int i = 0; i < 2 * CASES; i++) {
            at_probe_case(at_probes[p], 1, AT_PROBE_ROWS, i, x.a, x.b, x.c);
            count_codes(formats[0], x.a, sizeof x.a / at_format_size(formats[0]), counted[0]);
            count_codes(formats[1], x.b, sizeof x.a / at_format_size(formats[1]), counted[1]);
        }
        for (int side = 0; side < 2; side++)
            for (int kind = 0; kind < KINDS_IN; kind++) {
                bool infinite = kind == PLUS_INFINITE_IN || kind == MINUS_INFINITE_IN;
                bool can = infinite ? at_formats[formats[side]].has_infinity : kind == LOW_NAN_IN ? formats[side] == AT_FP32 : true;
                if (can ? counted[side][kind] < 4 : counted[side][kind] > 0 && kind != LOW_NAN_IN)
                    fail_msg("%s, %s: kind %d occurs %lld times", at_probes[p]->name, side ? "B" : "A", kind,
                             (long long)counted[side][kind]);
            }
    }
}

enum result {
    NAN_OUT,
    PLUS_INFINITE_OUT,
    MINUS_INFINITE_OUT,
    SUBNORMAL_OUT,
    CANCELLED_OUT,
    PAIRS_CANCELLED_OUT,
    OPPOSED_OUT,
    LARGE_ADDEND_OUT,
    OVERFLOWN_OUT,
    TRUNCATED_OUT,
    ADDEND_LOST_OUT,
    PRODUCTS_LOST_OUT,
    UNDERFLOWN_OUT,
    RESULTS
};

/* What comes of one output, judged by the exact sum in extended precision where that is exact enough to judge. */
static void judge(const struct at_probe *probe, const float *a, const float *b, float c, int64_t counted[RESULTS])
{
    int depth = at_wgmma_depth(probe->a), products = 0;
    bool finite = isfinite(c);
    long double sum = c, size = fabsl((long double)c), largest = 0;
    for (int k = 0; k < depth; k++) {
        long double product = (long double)a[k] * (long double)b[k];
        finite = finite && isfinite(a[k]) && isfinite(b[k]);
        products += product != 0;
        sum += product;
        size += fabsl(product);
        largest = fmaxl(largest, fabsl(product));
    }
    float got = at_wgmma_dot(probe->a, probe->b, a, b, 1, c);
    counted[NAN_OUT] += isnan(got);
    counted[PLUS_INFINITE_OUT] += got == INFINITY;
    counted[MINUS_INFINITE_OUT] += got == -INFINITY;
    counted[SUBNORMAL_OUT] += got != 0 && fabsf(got) < 0x1p-126f;
    if (!finite)
        return;
    counted[CANCELLED_OUT] += got == 0 && products + (c != 0) >= 2;
    counted[PAIRS_CANCELLED_OUT] += got == 0 && sum == 0 && c == 0 && products >= depth / 2;
    counted[OPPOSED_OUT] += fabsf(c) > size * 0x1p-5L && products >= depth / 2 && fabsf(got) < fabsf(c) * 0x1p-5f;
    counted[LARGE_ADDEND_OUT] += fabsf(c) > 0x1p118f;
    counted[OVERFLOWN_OUT] += fabsf(got) == INFINITY;
    counted[TRUNCATED_OUT] += isfinite(got) && fabsl(got) < fabsl(sum) && got != 0;
    counted[ADDEND_LOST_OUT] += c != 0 && fabsl((long double)c) < largest * 0x1p-26L;
    counted[PRODUCTS_LOST_OUT] += products && c != 0 && largest < fabsl((long double)c) * 0x1p-26L;
    counted[UNDERFLOWN_OUT] += got == 0 && sum != 0 && fabsl(sum) < 0x1p-133L;
}

/*
 * Every regime that the comment of at_probe_case names, told by what comes of it. Finite operands overflow, and underflow below what fp32
 * holds, only where they have fp32's exponents.
 */
static void every_kind_of_result_occurs(void **state)
{
    (void)state;
    static struct operands x;
    for (size_t p = 0; p < at_probe_count; p++) {
        const struct at_probe *probe = at_probes[p];
        if (probe->twin)
            continue;
        int64_t counted[RESULTS] = {0};
        int depth = at_wgmma_depth(probe->a);
        bool wide = at_formats[probe->a].exponent_bits == 8;
        for (int i = 0; i < 4 * CASES; i++) {
            float a[AT_PROBE_ROWS * AT_PROBE_ROW_BYTES], b[COLUMNS * AT_PROBE_ROW_BYTES];
            at_probe_case(probe, 1, COLUMNS, i, x.a, x.b, x.c);
            at_probe_decode(probe->a, x.a, (int64_t)AT_PROBE_ROWS * depth, a);
            at_probe_decode(probe->b, x.b, (int64_t)COLUMNS * depth, b);
            int64_t before[RESULTS];
            memcpy(before, counted, sizeof before);
            for (int o = 0; o < OUTPUTS; o++)
                judge(probe, a + o / COLUMNS * depth, b + o % COLUMNS * depth, x.c[o], counted);
            for (int kind = PAIRS_CANCELLED_OUT; kind <= LARGE_ADDEND_OUT; kind++) /* as a rule, not by chance */
                counted[kind] = before[kind] + (counted[kind] - before[kind] > OUTPUTS / 2);
        }
        for (int kind = 0; kind < RESULTS; kind++)
            if (counted[kind] < 4 && (wide || (kind != UNDERFLOWN_OUT && kind != OVERFLOWN_OUT)))
                fail_msg("%s: results of kind %d occur %lld times", probe->name, kind, (long long)counted[kind]);
    }
}

static void decoding(void **state)
{
    (void)state;
    static const unsigned char bytes[] = {0x38, 0xb8, 0x00, 0x3c, 0x80, 0x3f, 0x00, 0xbf};
    float values[8];
    at_probe_decode(AT_E4M3, bytes, 2, values);
    assert_true(values[0] == 1 && values[1] == -1);
    at_probe_decode(AT_E5M2, bytes + 2, 2, values);
    assert_true(values[0] == 0 && values[1] == 1);
    at_probe_decode(AT_FP16, bytes + 2, 1, values);
    assert_true(values[0] == 1);
    at_probe_decode(AT_BF16, bytes + 4, 2, values);
    assert_true(values[0] == 1 && values[1] == -0.5f);
    at_probe_decode(AT_FP32, (const unsigned char[]){0x00, 0x00, 0x80, 0x3f}, 1, values);
    assert_true(values[0] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_is_a_function_of_its_name),
        cmocka_unit_test(every_finite_code_meets_finite_ones),
        cmocka_unit_test(nothing_beyond_the_columns_is_written),
        cmocka_unit_test(every_kind_of_operand_occurs),
        cmocka_unit_test(every_kind_of_result_occurs),
        cmocka_unit_test(decoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
