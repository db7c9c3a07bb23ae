/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/prepare.h"

#include "kernels/prepare/rotate.h"
#include "kernels/variants/variant.h"

#include "../support/cases.h"
#include "../support/codes.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem problem = {2, 4, 2, 150, 200, 64, false, 0};

/* One row of an input, decoded and rotated by the library's own rotation (which has its own test). */
static void input_row(const struct at_tensor *t, const struct at_operand_numerics *n, uint64_t seed, int64_t b, int64_t h, int64_t s,
                      float *x)
{
    float signs[256];
    int width = at_rotation_width(n->rotate, t->dim);
    at_tensor_decode_rows(t, b, h, s, 1, x);
    for (int64_t c = 0; c < t->dim; c++)
        signs[c] = at_rotation_sign(seed, c);
    if (width)
        at_rotate_row(x, t->dim, width, signs);
}

static uint32_t code_of(const struct at_tensor *t, int64_t b, int64_t h, int64_t s, int64_t c)
{
    const void *row = at_tensor_row(t, b, h, s);
    return at_formats[t->format].bits == 8 ? ((const uint8_t *)row)[c] : ((const uint16_t *)row)[c];
}

/* Every code is the encoding of (element - mean) * (1/scale), and the counts count; `mean_rows` rows share a mean. */
static void check_operand(const char *name, const struct at_tensor *input, const struct at_operand *o, const struct at_operand_numerics *n,
                          uint64_t seed, int64_t mean_rows)
{
    struct at_clips counts[16] = {{0, 0}}, whole = {0, 0}, sum = at_operand_clips(o);
    int64_t groups = (input->seq + mean_rows - 1) / mean_rows;
    double largest = at_formats[n->storage].max, clip = largest + ldexp(1, ilogb(largest) - at_formats[n->storage].mantissa_bits - 1);
    assert_int_equal(o->codes.format, n->format);
    assert_true((o->mean != NULL) == (n->smooth == AT_SMOOTH_MEAN));
    assert_true(input->batch * input->heads <= 16);
    for (int64_t i = 0; i < input->batch * input->heads * input->seq; i++) {
        struct at_clips *of_head = &counts[i / input->seq];
        int64_t s = i % input->seq, h = i / input->seq % input->heads, b = i / input->seq / input->heads;
        float x[256];
        input_row(input, n, seed, b, h, s, x);
        for (int64_t c = 0; c < input->dim; c++) {
            if (o->mean)
                x[c] -= o->mean[((b * input->heads + h) * groups + s / mean_rows) * input->dim + c];
            float scaled = n->scale == AT_SCALE_NONE ? x[c] : x[c] * (1.0f / at_scale_of(&o->scale, b, h, s, c));
            bool eight = at_formats[n->storage].bits == 8;
            float kept = at_decode(n->storage, at_encode(n->storage, scaled, eight ? AT_OVERFLOW_SATURATE : AT_OVERFLOW_IEEE));
            float got = at_decode(n->format, code_of(&o->codes, b, h, s, c));
            if (bits_of(got) != bits_of(kept))
                fail_msg("%s: element (%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ") is %a, wanted %a", name, b, h, s, c, (double)got,
                         (double)kept);
            of_head->underflowed += kept == 0 && x[c] != 0;
            of_head->saturated += fabs((double)scaled) > clip || (fabs((double)scaled) == clip && at_formats[n->storage].has_infinity);
        }
    }
    for (int64_t i = 0; i < input->batch * input->heads; i++) {
        assert_int_equal(o->clips[i].underflowed, counts[i].underflowed);
        assert_int_equal(o->clips[i].saturated, counts[i].saturated);
        whole.underflowed += counts[i].underflowed;
        whole.saturated += counts[i].saturated;
    }
    assert_true(sum.underflowed == whole.underflowed && sum.saturated == whole.saturated);
}

static void codes_are_encodings_of_scaled_elements(void **state)
{
    (void)state;
    struct at_qkv x = random_inputs(&problem, 11);
    static const char *const more[] = {"fp8:scale-rule=0.003,seed=4,rotate=hadamard16,v.rotate=hadamard",
                                       "fp8:scale=block64,scale-rule=pow2,smooth=qkv,promote=64,rotate=hadamard32,seed=7",
                                       "fp16:k.scale=tensor,k.scale-rule=1e-5,q.storage=e5m2,q.scale=token", "fp16:scale=token"};
    for (size_t v = 0; v < at_variant_count + 4; v++) {
        struct at_numerics n = v < at_variant_count ? at_variants[v]->numerics : numerics_of(more[v - at_variant_count]);
        const char *name = v < at_variant_count ? at_variants[v]->name : more[v - at_variant_count];
        struct at_operands o = prepared(&problem, &n, &x);
        check_operand(name, &x.q, &o.q, &n.q, n.rotation_seed, 128);
        check_operand(name, &x.k, &o.k, &n.k, n.rotation_seed, problem.seq_k);
        check_operand(name, &x.v, &o.v, &n.v, n.rotation_seed, problem.seq_k);
        assert_true((o.k.values != NULL) == (n.q.smooth != AT_SMOOTH_NONE) && (o.lse_shift != NULL) == (n.k.smooth != AT_SMOOTH_NONE));
        at_operands_done(&o);
    }
    at_qkv_done(&x);
}

/* Sums of at most `rows` fp32 additions: an error of (rows + 2) 2^-24 of the sum of magnitudes, divided alike. */
static void check_mean(const struct at_tensor *t, const struct at_operand_numerics *n, uint64_t seed, const float *mean, int64_t rows)
{
    int64_t groups = (t->seq + rows - 1) / rows;
    for (int64_t b = 0; b < t->batch; b++)
        for (int64_t h = 0; h < t->heads; h++)
            for (int64_t g = 0; g < groups; g++) {
                double sum[256] = {0}, size[256] = {0};
                int64_t last = (g + 1) * rows < t->seq ? (g + 1) * rows : t->seq;
                for (int64_t s = g * rows; s < last; s++) {
                    float x[256];
                    input_row(t, n, seed, b, h, s, x);
                    for (int64_t c = 0; c < t->dim; c++) {
                        sum[c] += (double)x[c];
                        size[c] += fabs((double)x[c]);
                    }
                }
                double count = (double)(last - g * rows);
                for (int64_t c = 0; c < t->dim; c++) {
                    double got = (double)mean[((b * t->heads + h) * groups + g) * t->dim + c];
                    assert_true(fabs(got - sum[c] / count) <= (count + 2) * 0x1p-24 * size[c] / count);
                }
            }
}

static void means_and_what_they_take_from_the_scores(void **state)
{
    (void)state;
    struct at_qkv x = random_inputs(&problem, 12);
    struct at_numerics n = numerics_of("fp8:smooth=qkv,rotate=hadamard,v.rotate=hadamard64,seed=5");
    struct at_operands o = prepared(&problem, &n, &x);
    check_mean(&x.q, &n.q, 5, o.q.mean, 128);
    check_mean(&x.k, &n.k, 5, o.k.mean, problem.seq_k);
    check_mean(&x.v, &n.v, 5, o.v.mean, problem.seq_k);
    for (int64_t i = 0; i < problem.batch * problem.heads_q * problem.seq_q; i++) {
        int64_t s = i % problem.seq_q, h = i / problem.seq_q % problem.heads_q, b = i / problem.seq_q / problem.heads_q;
        const float *mean = o.k.mean + (b * problem.heads_kv + h / 2) * problem.dim;
        float q[256];
        double dot = 0, size = 0, scale = 1 / sqrt((double)problem.dim);
        input_row(&x.q, &n.q, 5, b, h, s, q);
        for (int64_t c = 0; c < problem.dim; c++) {
            dot += (double)q[c] * (double)mean[c];
            size += fabs((double)q[c] * (double)mean[c]);
        }
        assert_true(fabs((double)o.lse_shift[i] - dot * scale) <= (double)(problem.dim + 3) * 0x1p-24 * size * scale);
    }
    for (int64_t i = 0; i < problem.batch * problem.heads_kv * problem.seq_k; i += 37) { /* K as Q's correction reads it */
        float k[256];
        input_row(&x.k, &n.k, 5, i / problem.seq_k / 2, i / problem.seq_k % 2, i % problem.seq_k, k);
        for (int64_t c = 0; c < problem.dim; c++)
            assert_true(o.k.values[i * problem.dim + c] == k[c] - o.k.mean[i / problem.seq_k * problem.dim + c]);
    }
    at_operands_done(&o);
    at_qkv_done(&x);
}

static float element(const struct at_tensor *t, int64_t b, int64_t h, int64_t s, int64_t c)
{
    return at_decode(t->format, code_of(t, b, h, s, c));
}

/* The mean of rows first .. last - 1 of one column: 128 rows summed in order, those sums added in order, one division. */
static float mean_of_column(const struct at_tensor *t, int64_t b, int64_t h, int64_t first, int64_t last, int64_t c)
{
    float sum = 0, part = 0;
    for (int64_t s = first; s < last; s++) {
        part = (s - first) % 128 ? part + element(t, b, h, s, c) : element(t, b, h, s, c);
        if ((s - first) % 128 == 127 || s == last - 1)
            sum += part;
    }
    return sum / (float)(last - first);
}

/* Means, what is left of K, and the shift of the log-sum-exp as E2 and E3 say it; a softmax scale that is no power of two. */
static void means_and_shift_to_the_bit(void **state)
{
    (void)state;
    static const struct at_problem small = {1, 2, 1, 150, 300, 64, false, 0.3};
    struct at_qkv x = random_inputs(&small, 14);
    struct at_numerics n = numerics_of("fp16:smooth=qkv");
    struct at_operands o = prepared(&small, &n, &x);
    for (int64_t c = 0; c < 64; c++) {
        for (int64_t h = 0; h < 2; h++)
            for (int64_t g = 0; g < 2; g++)
                assert_int_equal(bits_of(o.q.mean[(h * 2 + g) * 64 + c]), bits_of(mean_of_column(&x.q, 0, h, g * 128, g ? 150 : 128, c)));
        assert_int_equal(bits_of(o.k.mean[c]), bits_of(mean_of_column(&x.k, 0, 0, 0, 300, c)));
        assert_int_equal(bits_of(o.v.mean[c]), bits_of(mean_of_column(&x.v, 0, 0, 0, 300, c)));
    }
    for (int64_t row = 0; row < 300; row++) {
        float dot = 0;
        for (int64_t c = 0; c < 64; c++)
            dot = fmaf(element(&x.q, 0, row / 150, row % 150, c), o.k.mean[c], dot);
        assert_int_equal(bits_of(o.lse_shift[row]), bits_of(dot * 0.3f));
    }
    at_operands_done(&o);
    at_qkv_done(&x);
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    int threads = omp_get_max_threads();
    struct at_qkv x = random_inputs(&problem, 13);
    for (uint64_t seed = 0; seed < 12; seed++) {
        char text[AT_NUMERICS_TEXT_SIZE];
        struct at_numerics n = random_numerics(&problem, seed, text);
        omp_set_num_threads(1);
        struct at_operands one = prepared(&problem, &n, &x);
        omp_set_num_threads(5);
        struct at_operands five = prepared(&problem, &n, &x);
        assert_string_equal(at_operands_sha256(&one).hex, at_operands_sha256(&five).hex);
        assert_memory_equal(one.q.clips, five.q.clips, (size_t)(problem.batch * problem.heads_q) * sizeof *one.q.clips);
        assert_memory_equal(one.k.clips, five.k.clips, (size_t)(problem.batch * problem.heads_kv) * sizeof *one.k.clips);
        at_operands_done(&one);
        at_operands_done(&five);
    }
    omp_set_num_threads(threads);
    at_qkv_done(&x);
}

/* Infinite and NaN inputs: kept where the format has them, clipped where not, and never counted as finite. */
static void specials_in_the_inputs(void **state)
{
    (void)state;
    struct at_problem small = {1, 1, 1, 1, 1, 32, false, 0};
    static const char *const variants[] = {"fp8-tensor", "fa3-fp16", "fp8-e5m2"};
    for (int v = 0; v < 3; v++) {
        struct at_qkv x;
        struct at_numerics n = numerics_of(variants[v]);
        assert_int_equal(at_qkv_init(&x, AT_FP16, &small, NULL), AT_OK);
        uint16_t *codes = x.k.codes;
        codes[0] = 0x7c00;
        codes[1] = 0xfc00;
        codes[2] = 0x7e00;
        codes[3] = 0x3c00;
        struct at_operands o = prepared(&small, &n, &x);
        float k[32];
        at_tensor_decode_rows(&o.k.codes, 0, 0, 0, 1, k);
        float most = v == 1 ? INFINITY : (float)at_formats[n.k.format].max;
        assert_true(k[0] == most && k[1] == -most && isnan(k[2]) && isfinite(k[3]) && k[3] > 0);
        assert_int_equal(at_operand_clips(&o.k).saturated, 0);
        at_operands_done(&o);
        at_qkv_done(&x);
    }
}

static void refusals(void **state)
{
    (void)state;
    struct at_problem odd = problem;
    struct at_numerics n = numerics_of("fa3-fp8"), bad = n;
    struct at_qkv x = random_inputs(&problem, 1);
    struct at_operands o = {.problem.dim = 77};
    odd.heads_kv = 3;
    bad.q.rotate = AT_ROTATE_HADAMARD;
    assert_int_equal(at_prepare(&odd, &n, &x, &o, NULL), AT_ERR_ARGUMENT);
    assert_int_equal(at_prepare(&problem, &bad, &x, &o, NULL), AT_ERR_ARGUMENT);
    assert_int_equal(o.problem.dim, 77); /* untouched */
    at_qkv_done(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_encodings_of_scaled_elements),
        cmocka_unit_test(means_and_what_they_take_from_the_scores),
        cmocka_unit_test(means_and_shift_to_the_bit),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(specials_in_the_inputs),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
