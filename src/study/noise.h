/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_NOISE_H
#define AT_STUDY_NOISE_H

#include "core/format.h"
#include "kernels/twin/wgmma.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Rounding as noise: what is known of an error before anything is computed. */

/*
 * Expected square of the error of rounding x to `format`: ulp^2 / 12, that of an error spread evenly over one unit in the last place
 * (Widrow and Kollar, Quantization Noise, 2008, ch. 12); x^2 where x becomes 0; 0 where the format holds x, to 2^-22 of it.
 * What is clipped is not in it.
 */
double at_noise_square(enum at_format format, double x);

/*
 * The mean error of rounding to `format` the numbers x + k spacing, k whole: what differences of numbers of one format and one subtrahend
 * have in common. Where the spacing is a power of two times the format's unit at x: all have the error of x if it is the unit or more,
 * else the mean is spacing (1/2 - t), t the fraction of x / spacing, and 0 at t = 0, where ties go both ways. Of any other spacing it is 0.
 *   ret_square: the expected square of what remains: 0, (unit^2 - spacing^2) / 12, at_noise_square
 */
double at_noise_shared(enum at_format format, double x, double spacing, double *ret_square);

/* The unit in the last place of `format` at x. */
double at_noise_unit(enum at_format format, double x);

/*
 * A chain of truncating instructions in expectation: d is the mean of the accumulator, loss included, and `square` the sum of the squared
 * deviations from it. A term loses half of what may lie below the unit 2^(E - F) (docs/numerics.md, "One WGMMA"), all of it where it is
 * smaller than the unit, and nothing where the last place of a product of two codes is at least the unit; the sum loses half of what lies
 * below its last significant bit.
 */
struct at_noise_sum {
    double d, exact; /* with the losses, and without */
    double square;
};

/*
 * One instruction of `count` products p[i] v[i * stride], p of a_format and v of b_format up to their rounding.
 *   r: at_wgmma_rounding_of(a_format)
 */
void at_noise_add(struct at_noise_sum *sum, struct at_wgmma_rounding r, enum at_format a_format, enum at_format b_format, const double *p,
                  const double *v, int64_t stride, int64_t count);

#ifdef __cplusplus
}
#endif

#endif
