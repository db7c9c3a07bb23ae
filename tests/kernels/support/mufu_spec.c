/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "mufu_spec.h"

#include <math.h>
#include <mpfr.h>

enum { BITS = 80 };

static void apply(enum spec_function function, mpfr_t y, float x)
{
    mpfr_set_flt(y, x, MPFR_RNDN);
    if (function == SPEC_EX2)
        mpfr_exp2(y, y, MPFR_RNDN);
    else if (function == SPEC_LG2)
        mpfr_log2(y, y, MPFR_RNDN);
    else
        mpfr_ui_div(y, 1, y, MPFR_RNDN);
}

/* At 80 bits the result lies on the same side of every fp32 midpoint as the exact one, unless it is one itself. */
static float nearest(enum spec_function function, float x)
{
    mpfr_t y;
    mpfr_init2(y, BITS);
    apply(function, y, x);
    float result = mpfr_get_flt(y, MPFR_RNDN);
    mpfr_clear(y);
    return result;
}

float spec_ex2(float x)
{
    return nearest(SPEC_EX2, x);
}

float spec_lg2(float x)
{
    return nearest(SPEC_LG2, x);
}

float spec_rcp(float x)
{
    return nearest(SPEC_RCP, x);
}

double spec_error_ulp(enum spec_function function, float x, float y)
{
    mpfr_t exact;
    mpfr_init2(exact, BITS);
    apply(function, exact, x);
    double ulp = ldexp(1.0, (int)mpfr_get_exp(exact) - 24);
    mpfr_sub_d(exact, exact, (double)y, MPFR_RNDN);
    double error = fabs(mpfr_get_d(exact, MPFR_RNDN)) / ulp;
    mpfr_clear(exact);
    return error;
}
