/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/prepare.h"
#include "kernels/prepare/rotate.h"
#include "kernels/variants/variant.h"

#include "../support/cases.h"
#include "../support/plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct at_problem problem = {2, 4, 2, 140, 170, 64, true, 0};

/* Operands of one query head, all rows. */
struct elements {
    double *q, *k, *v;
    int64_t wide; /* columns of q and k */
};

static struct elements dequantised(const struct at_operands *o, int64_t b, int64_t h)
{
    const struct at_problem *p = &o->problem;
    int64_t rows[200];
    for (int64_t i = 0; i < p->seq_q; i++)
        rows[i] = i;
    int64_t wide = at_operands_score_dim(o);
    struct elements e = {malloc((size_t)(p->seq_q * wide) * sizeof(double)), malloc((size_t)(p->seq_k * wide) * sizeof(double)),
                         malloc((size_t)(p->seq_k * p->dim) * sizeof(double)), wide};
    assert_true(e.q && e.k && e.v);
    at_operands_dequantise(o, b, h, rows, p->seq_q, e.q, e.k, e.v);
    return e;
}

static void elements_done(struct elements *e)
{
    free(e->q);
    free(e->k);
    free(e->v);
}

/* The original of row s in the space where the elements are compared: rotated for Q and K, K without its mean. */
static void original(const struct at_tensor *t, const struct at_operand_numerics *n, uint64_t seed, const float *mean, int64_t b, int64_t h,
                     int64_t s, double *ret_x)
{
    float x[256], signs[256];
    int width = at_rotation_width(n->rotate, t->dim);
    at_tensor_decode_rows(t, b, h, s, 1, x);
    for (int64_t c = 0; c < t->dim; c++)
        signs[c] = at_rotation_sign(seed, c);
    if (width)
        at_rotate_row(x, t->dim, width, signs);
    for (int64_t c = 0; c < t->dim; c++)
        ret_x[c] = (double)x[c] - (mean ? (double)mean[c] : 0);
}

/* Half a unit of the stored format at the scaled element, and the fp32 roundings of mean, reciprocal and product before it. */
static double bound_of(const struct at_operand_numerics *n, double x, double mean, double scale)
{
    double scaled = fabs(x - mean) / scale * (1 + 0x1p-21);
    return half_ulp(n->storage, scaled) * scale + 4 * 0x1p-24 * (fabs(x) + fabs(mean));
}

static void check_rows(const struct at_operands *o, const struct at_qkv *x, int64_t b, int64_t h, const char *name)
{
    const struct at_problem *p = &o->problem;
    const struct at_numerics *n = &o->numerics;
    int64_t kv = h / 2, dim = p->dim, wide = at_operands_score_dim(o), groups = (p->seq_q + 127) / 128;
    struct elements e = dequantised(o, b, h);
    double wanted[256];
    for (int64_t s = 0; s < p->seq_q; s++) {
        original(&x->q, &n->q, n->rotation_seed, NULL, b, h, s, wanted);
        for (int64_t c = 0; c < dim; c++) {
            double mean = o->q.mean ? (double)o->q.mean[((b * p->heads_q + h) * groups + s / 128) * dim + c] : 0;
            double bound = bound_of(&n->q, wanted[c], mean, (double)at_scale_of(&o->q.scale, b, h, s, c));
            double got = e.q[s * wide + c] + (o->q.mean ? e.q[s * wide + dim + c] : 0);
            if (!(fabs(got - wanted[c]) <= bound))
                fail_msg("%s: Q row %d column %d: %g, wanted %g within %g", name, (int)s, (int)c, got, wanted[c], bound);
            assert_true(!o->q.mean || e.q[s * wide + dim + c] == mean);
        }
    }
    for (int64_t s = 0; s < p->seq_k; s++) {
        const float *mean = o->k.mean ? o->k.mean + (b * p->heads_kv + kv) * dim : NULL;
        original(&x->k, &n->k, n->rotation_seed, mean, b, kv, s, wanted);
        for (int64_t c = 0; c < dim; c++) {
            double bound =
                bound_of(&n->k, wanted[c], 0, (double)at_scale_of(&o->k.scale, b, kv, s, c)) + (mean ? 0x1p-23 * fabs((double)mean[c]) : 0);
            if (!(fabs(e.k[s * wide + c] - wanted[c]) <= bound))
                fail_msg("%s: K row %d column %d: %g, wanted %g within %g", name, (int)s, (int)c, e.k[s * wide + c], wanted[c], bound);
            double slack = 0x1p-23 * (fabs(wanted[c]) + (mean ? fabs((double)mean[c]) : 0)); /* the fp32 subtraction */
            assert_true(!o->q.mean || fabs(e.k[s * wide + dim + c] - wanted[c]) <= slack);
        }
        /* V comes back through its rotation: errors of one block add up to at most their sum over sqrt(width). */
        double turned[256], bound[256], back[256] = {0};
        int width = at_rotation_width(n->v.rotate, dim);
        original(&x->v, &n->v, n->rotation_seed, NULL, b, kv, s, turned);
        for (int64_t c = 0; c < dim; c++) {
            double centre = o->v.mean ? (double)o->v.mean[(b * p->heads_kv + kv) * dim + c] : 0;
            bound[c] = bound_of(&n->v, turned[c], centre, (double)at_scale_of(&o->v.scale, b, kv, s, c));
        }
        for (int64_t c = 0; c < dim; c++)
            for (int64_t i = width ? c / width * width : c; i < (width ? (c / width + 1) * width : c + 1); i++)
                back[c] += (bound[i] + (width ? 12 * 0x1p-24 * fabs(turned[i]) : 0)) / sqrt(width ? width : 1);
        float v[256];
        at_tensor_decode_rows(&x->v, b, kv, s, 1, v);
        for (int64_t c = 0; c < dim; c++)
            if (!(fabs(e.v[s * dim + c] - (double)v[c]) <= back[c] * (width ? 1 + log2(width) * 0x1p-24 : 1)))
                fail_msg("%s: V row %d column %d: %g, wanted %g within %g", name, (int)s, (int)c, e.v[s * dim + c], (double)v[c], back[c]);
    }
    elements_done(&e);
}

static void elements_are_half_a_unit_from_the_originals(void **state)
{
    (void)state;
    static const char *const more[] = {"fp8:scale=block64,scale-rule=pow2,smooth=qkv,promote=64,rotate=hadamard32,seed=7",
                                       "fp8:v.rotate=hadamard16,v.scale=channel,smooth=v,seed=3", "fp8:v.scale=token,v.rotate=hadamard"};
    struct at_qkv x = random_inputs(&problem, 21);
    for (size_t v = 0; v < at_variant_count + 3; v++) {
        struct at_numerics n = v < at_variant_count ? at_variants[v]->numerics : numerics_of(more[v - at_variant_count]);
        struct at_operands o = prepared(&problem, &n, &x);
        check_rows(&o, &x, v % 2, (int64_t)v % 4, v < at_variant_count ? at_variants[v]->name : more[v - at_variant_count]);
        at_operands_done(&o);
    }
    at_qkv_done(&x);
}

/* Attention in double on any elements; ret_o[seq_q][dim]. */
static void attend_double(const struct at_problem *p, const struct elements *e, double *ret_o)
{
    double w[200];
    for (int64_t i = 0; i < p->seq_q; i++) {
        double total = 0;
        int64_t keys = at_problem_keys(p, i);
        for (int64_t j = 0; j < keys; j++) {
            double s = 0;
            for (int64_t c = 0; c < e->wide; c++)
                s += e->q[i * e->wide + c] * e->k[j * e->wide + c];
            w[j] = exp(s / sqrt((double)p->dim) - 20);
            total += w[j];
        }
        for (int64_t c = 0; c < p->dim; c++) {
            double o = 0;
            for (int64_t j = 0; j < keys; j++)
                o += w[j] / total * e->v[j * p->dim + c];
            ret_o[i * p->dim + c] = keys ? o : 0;
        }
    }
}

static double distance(const double *x, const double *y, int64_t count)
{
    double error = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        error += (x[i] - y[i]) * (x[i] - y[i]);
        size += y[i] * y[i];
    }
    return sqrt(error / size);
}

/*
 * Softmax does not see what the space of the elements leaves out, K's mean and the common rotation: with operands kept in fp16 attention
 * on the elements is attention on the originals. The control: the same without rotation and smoothing, whose only error is fp16's.
 */
static void attention_on_the_elements_is_attention_on_the_originals(void **state)
{
    (void)state;
    static const char *const exact[] = {"fp16:smooth=k", "fp16:rotate=hadamard,seed=4",
                                        "fp16:smooth=qkv,rotate=hadamard32,v.rotate=hadamard"};
    struct at_qkv x = random_inputs(&problem, 22);
    struct at_numerics plain = numerics_of("fa3-fp16");
    struct at_operands o = prepared(&problem, &plain, &x);
    struct elements e = dequantised(&o, 1, 3);
    int64_t count = problem.seq_q * problem.dim;
    double *wanted = malloc((size_t)count * sizeof *wanted), *got = malloc((size_t)count * sizeof *got);
    assert_true(wanted && got);
    attend_double(&problem, &e, wanted); /* fp16 inputs in fp16: these are the originals */
    elements_done(&e);
    at_operands_done(&o);
    for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
        struct at_numerics n = numerics_of(exact[i]);
        o = prepared(&problem, &n, &x);
        e = dequantised(&o, 1, 3);
        attend_double(&problem, &e, got);
        double far = distance(got, wanted, count);
        /* A score is a sum of 64 products with |q| about 2 and |k| about 1, each factor off by at most 2^-11 of itself: its deviation is
         * below 2^-11 sqrt(2) times that of the sum; weights move by as much, relative. Three deviations. */
        double score = 0x1p-11 * sqrt(2) * sqrt(64 * 4 * 1.25) / 8, bound = 3 * (score + 0x1p-11);
        print_message("%s: %.2e, bound %.2e\n", exact[i], far, bound);
        assert_true(far > 0 && far <= bound);
        elements_done(&e);
        at_operands_done(&o);
    }
    free(wanted);
    free(got);
    at_qkv_done(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_half_a_unit_from_the_originals),
        cmocka_unit_test(attention_on_the_elements_is_attention_on_the_originals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
