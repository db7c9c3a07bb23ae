/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * e^x = 2^m 2^(i/64) 2^(j/4096) e^r in two doubles (eq. 13 and 14): included by lanes_body.h. Deliberately without an include guard.
 */

enum { STEP_BIAS = 2048 * 4096 }; /* makes every step count positive, and leaves m alone */

/* e^r - 1 = p + *ret_low for |r| <= 2^-13.4 (eq. 14): r + r^2 (1/2 + r (1/6 + r (1/24 + r/120 + r^2/720 + r^3/5040))). */
static inline vd exp_less_one(const struct at_certified_table *table, vd r, vd r_low, vd *ret_low)
{
    vd d = fused(r, fused(r, fused(r, all(1.0 / 5040), all(1.0 / 720)), all(1.0 / 120)), all(1.0 / 24));
    vd w_low, w = fast_two_sum(all(table->sixth[0]), fused(r, d, all(table->sixth[1])), &w_low);
    vd h = r * w, l = fused(r, w, -h);
    l = fused(r_low, w, fused(r, w_low, l));
    vd q_low, q = fast_two_sum(all(0.5), h, &q_low);
    q_low = q_low + l;
    vd square = r * r, square_low = fused(r + r, r_low, fused(r, r, -square));
    vd y = square * q, y_low = fused(square, q, -y);
    y_low = fused(square_low, q, fused(square, q_low, y_low));
    vd rest, p = fast_two_sum(r, y, &rest);
    *ret_low = rest + (r_low + y_low);
    return p;
}

/* 2^512 e^(x + x_low), -750 <= x <= 0. */
static inline vd exp_raised(const struct at_certified_table *table, vd x, vd x_low, vd *ret_low)
{
    const vd magic = all(0x1.8p52);
    vd shifted = x * all(table->steps) + magic, k = shifted - magic;
    vi steps = (vi)shifted - (vi)magic + STEP_BIAS;
    vd first = fused(-k, all(table->step[0]), x);
    /* exact */
    vd e, s = two_sum(first, -(k * all(table->step[1])), &e);
    vd t = fused(-k, all(table->step[2]), x_low) + e, r_low, r = two_sum(s, t, &r_low);
    vd p_low, p = exp_less_one(table, r, r_low, &p_low);
    vi i = (steps >> 6) & 63, j = steps & 63;
    vd a_low, a = multiply(look_up(table->coarse_high, i), look_up(table->coarse_low, i), look_up(table->fine_high, j),
                           look_up(table->fine_low, j), &a_low);
    vd h = a * p, l = fused(a, p, -h);
    l = fused(a_low, p, fused(a, p_low, l));
    vd rest, sum = fast_two_sum(a, h, &rest), sum_low;
    sum = fast_two_sum(sum, rest + (a_low + l), &sum_low);
    vd power = (vd)(((steps >> 12) + (1023 + AT_CERTIFIED_RAISE - STEP_BIAS / 4096)) << 52); /* steps >= 0 */
    *ret_low = sum_low * power;
    return sum * power;
}

static double weights(const struct at_certified_table *table, const double scale[2], const double largest[2], int64_t n, double *high,
                      double *low)
{
    vd least = {0};
    for (int64_t at = 0; at < n; at += WIDTH) {
        vd below_low, below = two_sum(all(largest[0]) - load(high + at), all(largest[1]) - load(low + at), &below_low);
        /* exact: eq. 11 */
        vd x_low, x = multiply(below, below_low, all(-scale[0]), all(-scale[1]), &x_low);
        least = where((vi)(x < least), x, least);
        vi out = (vi)(x < all(-AT_CERTIFIED_CLIP));
        x = where(out, (vd){0}, x);
        x_low = where(out, (vd){0}, x_low);
        vd p_low, p = exp_raised(table, x, x_low, &p_low);
        store(high + at, where(out, (vd){0}, p));
        store(low + at, where(out, (vd){0}, p_low));
    }
    double found = least[0];
    for (int i = 1; i < WIDTH; i++)
        found = least[i] < found ? least[i] : found;
    return found;
}
