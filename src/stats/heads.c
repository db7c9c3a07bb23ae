/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/heads.h"

#include "core/random.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { HEADS_STREAM = 0x68656164 }; /* "head" */

/* Heads with their distance from the line through 0 and the whole ratio: of that nothing cancels where heads are nearly alike. */
struct sample {
    size_t heads;
    const double *top, *bottom;
    double ratio;
    double *off; /* [heads] top - ratio * bottom */
};

static double bottom_of(const struct sample *s, size_t i)
{
    return s->bottom ? s->bottom[i] : 1;
}

/* Of picked heads (NULL: each once): how far their ratio is from the whole one, and its standard error. */
struct estimate {
    double off, error;
};

static struct estimate estimate_of(const struct sample *s, const size_t *pick)
{
    double off = 0, bottom = 0, off_off = 0, off_bottom = 0, bottom_bottom = 0, n = (double)s->heads;
    for (size_t k = 0; k < s->heads; k++) {
        const size_t i = pick ? pick[k] : k;
        const double x = s->off[i], b = bottom_of(s, i);
        off += x;
        bottom += b;
        off_off += x * x;
        off_bottom += x * b;
        bottom_bottom += b * b;
    }
    const double d = off / bottom, squares = off_off - 2 * d * off_bottom + d * d * bottom_bottom;
    const bool alike = !(squares > 0x1p-40 * off_off); /* all that were picked are, but for the rounding of doubles */
    return (struct estimate){d, alike ? 0 : sqrt(squares * n / (n - 1)) / bottom};
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Type 7, of sorted values that may be infinite. */
static double quantile(const double *sorted, size_t count, double p)
{
    double place = p * (double)(count - 1), part = place - floor(place), low = sorted[(size_t)place];
    return part > 0 ? low + part * (sorted[(size_t)place + 1] - low) : low;
}

/* Ascending: (ratio of a resample - the whole one) / standard error of the resample. */
static enum at_status studentise(const struct sample *s, size_t resamples, uint64_t seed, double *ret_values)
{
    const struct at_random key = {seed, HEADS_STREAM};
    uint64_t counter = 0;
    size_t *pick = malloc(s->heads * sizeof *pick);
    if (!pick)
        return AT_ERR_MEMORY;
    for (size_t b = 0; b < resamples; b++) {
        for (size_t i = 0; i < s->heads; i++)
            pick[i] = at_random_bits(key, counter++) % s->heads;
        const struct estimate e = estimate_of(s, pick);
        ret_values[b] = e.error > 0 ? e.off / e.error : copysign(INFINITY, e.off);
    }
    free(pick);
    qsort(ret_values, resamples, sizeof *ret_values, ascending);
    return AT_OK;
}

/* The whole ratio, and what each head is off it; false where it is not finite. */
static bool centre(struct sample *s, bool *ret_positive)
{
    double top = 0, bottom = 0;
    *ret_positive = true;
    for (size_t i = 0; i < s->heads; i++) {
        if (!isfinite(s->top[i]) || !(bottom_of(s, i) >= 0 && isfinite(bottom_of(s, i))))
            return false;
        top += s->top[i];
        bottom += bottom_of(s, i);
        *ret_positive &= s->top[i] >= 0;
    }
    s->ratio = top / bottom;
    for (size_t i = 0; i < s->heads; i++)
        s->off[i] = s->top[i] - s->ratio * bottom_of(s, i);
    return isfinite(s->ratio);
}

static enum at_status limits(const struct sample *s, bool positive, double level, size_t resamples, uint64_t seed, double *room,
                             struct at_interval *ret_interval, struct at_error *error)
{
    double n = (double)s->heads;
    enum at_status status = studentise(s, resamples, seed, room);
    if (status)
        return at_fail(error, status, "no memory for %zu heads", s->heads);
    /* Hesterberg's expansion for few heads, which have lighter tails than what they come from. */
    double outside = gsl_cdf_ugaussian_P(sqrt(n / (n - 1)) * gsl_cdf_tdist_Pinv((1 - level) / 2, n - 1));
    struct at_interval t = {quantile(room, resamples, outside), quantile(room, resamples, 1 - outside)};
    const struct estimate whole = estimate_of(s, NULL);
    const bool alike = !(whole.error > 0x1p-48 * fabs(s->ratio));
    if (alike || !isfinite(t.low) || !isfinite(t.high))
        return at_fail(error, AT_ERR_UNDEFINED,
                       "%zu heads: so many of them are alike that resamples show nothing of the others; ask for a "
                       "bound of all heads but a share",
                       s->heads);
    double low = s->ratio - t.high * whole.error;
    *ret_interval = (struct at_interval){positive ? fmax(low, 0) : low, s->ratio - t.low * whole.error};
    return AT_OK;
}

enum at_status at_heads_interval(const double *top, const double *bottom, size_t heads, double level, size_t resamples, uint64_t seed,
                                 struct at_interval *ret_interval, struct at_error *error)
{
    if (!(level > 0 && level < 1) || !((double)resamples * (1 - level) >= 2))
        return at_fail(error, AT_ERR_ARGUMENT,
                       "level %g with %zu resamples: give a level between 0 and 1, and 2/(1 - level) resamples or "
                       "more",
                       level, resamples);
    if (heads < AT_HEADS_FEWEST)
        return at_fail(error, AT_ERR_UNDEFINED, "%zu heads: a bootstrap interval covers as it says from %d heads; measure more", heads,
                       AT_HEADS_FEWEST);
    double *room = malloc((heads + resamples) * sizeof *room);
    if (!room)
        return at_fail(error, AT_ERR_MEMORY, "no memory for %zu heads", heads);
    struct sample s = {heads, top, bottom, NAN, room};
    bool positive;
    enum at_status status = centre(&s, &positive) ? limits(&s, positive, level, resamples, seed, room + heads, ret_interval, error)
                                                  : at_fail(error, AT_ERR_UNDEFINED, "%zu heads: the mean is not finite", heads);
    free(room);
    return status;
}
