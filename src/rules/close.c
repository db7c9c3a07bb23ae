/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/close.h"

#include <math.h>

float at_close_round(enum at_format format, float x)
{
    return format == AT_FP32 ? x : at_decode(format, at_encode(format, x, AT_OVERFLOW_IEEE));
}

float at_close_difference(enum at_format format, float a, float b)
{
    return at_close_round(format, a - b);
}

/* Scalars enter as fp32: the type in which an operation on a 16-bit or fp32 tensor is done before its result is rounded. */
static bool is_close(float got, float reference, float atol, float rtol, enum at_format format)
{
    float scaled = fabsf(at_close_round(format, rtol * reference));
    float allowed = at_close_round(format, atol + scaled);
    float error = fabsf(at_close_difference(format, got, reference));
    return got == reference || (isfinite(error) && error <= allowed);
}

bool at_close_all(const float *got, const float *reference, int64_t count, double atol, double rtol, enum at_format format)
{
    for (int64_t i = 0; i < count; i++)
        if (!is_close(got[i], reference[i], (float)atol, (float)rtol, format))
            return false;
    return true;
}

float at_close_largest(const float *got, const float *reference, int64_t count, enum at_format format)
{
    float largest = 0;
    for (int64_t i = 0; i < count; i++) {
        float error = fabsf(at_close_difference(format, got[i], reference[i]));
        if (!(error <= largest))
            largest = error;
        if (isnan(error))
            break;
    }
    return largest;
}
