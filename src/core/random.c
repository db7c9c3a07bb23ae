/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"

#include "core/elementary.h"

#include <Random123/philox.h>
#include <math.h>

uint64_t at_random_bits(struct at_random key, uint64_t counter)
{
    philox4x32_key_t k = {{(uint32_t)key.seed, (uint32_t)(key.seed >> 32)}};
    philox4x32_ctr_t c = {{(uint32_t)counter, (uint32_t)(counter >> 32), (uint32_t)key.stream, (uint32_t)(key.stream >> 32)}};
    philox4x32_ctr_t r = philox4x32(c, k);
    return (uint64_t)r.v[1] << 32 | r.v[0];
}

double at_random_uniform(struct at_random key, uint64_t counter)
{
    double k = (double)(at_random_bits(key, counter) >> 12); /* 52 bits, so that k + 1/2 is exact */
    return (k + 0.5) * 0x1p-52;
}

static double rational(const double numerator[8], const double denominator[8], double r)
{
    double n = numerator[7], d = denominator[7];
    for (int i = 6; i >= 0; i--) {
        n = n * r + numerator[i];
        d = d * r + denominator[i];
    }
    return n / d;
}

/* Coefficients of Wichura's PPND16, Applied Statistics 37 (1988) 477; their sums agree with the check sums printed there. */
double at_normal_quantile(double p)
{
    static const double centre_n[8] = {
        3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
        4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double centre_d[8] = {
        1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
        2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3};
    static const double middle_n[8] = {
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double middle_d[8] = {
        1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9};
    static const double tail_n[8] = {
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double tail_d[8] = {
        1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15};
    double q = p - 0.5;
    if (fabs(q) <= 0.425)
        return q * rational(centre_n, centre_d, 0.180625 - q * q);
    double r = sqrt(-at_log(q < 0 ? p : 1.0 - p));
    double x = r <= 5.0 ? rational(middle_n, middle_d, r - 1.6) : rational(tail_n, tail_d, r - 5.0);
    return q < 0 ? -x : x;
}

double at_random_normal(struct at_random key, uint64_t counter)
{
    return at_normal_quantile(at_random_uniform(key, counter));
}
