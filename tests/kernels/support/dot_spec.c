/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "dot_spec.h"

#include <gmp.h>
#include <math.h>
#include <string.h>

/* Every value below is an integer number of 2^-POINT: the smallest product of two bf16 subnormals is 2^-266. */
enum { POINT = 700 };

static const struct fields {
    int exponent, fraction; /* bits */
} fields[AT_FORMAT_COUNT] = {{4, 3}, {5, 2}, {5, 10}, {8, 7}, {8, 23}};

bool spec_special(enum at_format format, uint32_t code)
{
    const struct fields *f = &fields[format];
    uint32_t magnitude = code & ((1u << (f->exponent + f->fraction)) - 1), last = ((1u << f->exponent) - 1) << f->fraction;
    return format == AT_E4M3 ? magnitude == 0x7f : magnitude >= last;
}

/* (-1)^sign * significand * 2^(exponent - fraction bits), the significand as it stands: without a leading bit for subnormals. */
struct number {
    int sign, exponent, point;
    uint64_t significand;
};

static struct number number_of(enum at_format format, uint32_t code)
{
    const struct fields *f = &fields[format];
    uint32_t field = code >> f->fraction & ((1u << f->exponent) - 1), fraction = code & ((1u << f->fraction) - 1);
    int bias = (1 << (f->exponent - 1)) - 1;
    struct number n = {(int)(code >> (f->exponent + f->fraction) & 1), (int)(field ? field : 1) - bias, f->fraction, fraction};
    n.significand += field ? UINT64_C(1) << f->fraction : 0;
    return n;
}

static void to_fixed(mpz_t z, const struct number *n)
{
    mpz_set_ui(z, n->significand);
    mpz_mul_2exp(z, z, (mp_bitcnt_t)(POINT + n->exponent - n->point));
    if (n->sign)
        mpz_neg(z, z);
}

/* sum * 2^unit with at most `significant` bits and no bit below 2^-149, both by truncation. */
static float rounded(mpz_t sum, int unit, int significant)
{
    int sign = mpz_sgn(sum), drop = (int)mpz_sizeinbase(sum, 2) - significant, fit = -149 - unit;
    if (sign == 0)
        return 0.0f;
    drop = drop > fit ? drop : fit;
    if (drop > 0) {
        mpz_tdiv_q_2exp(sum, sum, (mp_bitcnt_t)drop);
        unit += drop;
    }
    if (mpz_sgn(sum) == 0)
        return 0.0f;
    return (float)ldexp(mpz_get_d(sum), unit); /* at most 24 bits and a multiple of 2^-149: exact, or infinite from 2^128 */
}

float spec_dot(enum at_format a_format, enum at_format b_format, const uint32_t *a, const uint32_t *b, int64_t stride, float c)
{
    bool eight = fields[a_format].exponent + fields[a_format].fraction == 7, tf32 = a_format == AT_FP32;
    int depth = eight ? 32 : tf32 ? 8 : 16, fraction = eight ? 13 : 25, significant = eight ? 14 : 24, largest = -9999;
    uint32_t looked_at = tf32 ? ~UINT32_C(0x1fff) : ~UINT32_C(0); /* tf32 has 10 fraction bits of fp32's 23 */
    struct number terms[33];
    uint32_t bits;
    memcpy(&bits, &c, sizeof bits);
    for (int i = 0; i < depth; i++) {
        struct number x = number_of(a_format, a[i] & looked_at), y = number_of(b_format, b[i * stride] & looked_at);
        terms[i] = (struct number){x.sign ^ y.sign, x.exponent + y.exponent, x.point + y.point, x.significand * y.significand};
    }
    terms[depth] = number_of(AT_FP32, bits);
    for (int i = 0; i <= depth; i++)
        if (terms[i].significand && terms[i].exponent > largest)
            largest = terms[i].exponent;
    if (largest == -9999)
        return 0.0f;
    largest = largest < -133 ? -133 : largest;
    mpz_t sum, term;
    mpz_inits(sum, term, NULL);
    for (int i = 0; i <= depth; i++) {
        to_fixed(term, &terms[i]);
        mpz_tdiv_q_2exp(term, term, (mp_bitcnt_t)(POINT + largest - fraction));
        mpz_add(sum, sum, term);
    }
    float result = rounded(sum, largest - fraction, significant);
    mpz_clears(sum, term, NULL);
    return result;
}
