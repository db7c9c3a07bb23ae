/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/rounded.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 3 };

/* "2.36e-05" becomes "2.36e-5". */
static void trim_exponent(char *text)
{
    char *e = strchr(text, 'e');
    if (!e)
        return;
    char *digits = e + 1, *first;
    if (*digits == '+')
        memmove(digits, digits + 1, strlen(digits));
    digits += *digits == '-';
    for (first = digits; *first == '0' && first[1]; first++)
        ;
    memmove(digits, first, strlen(first) + 1);
}

const char *at_rounded_print(double value, enum at_round rounding, char ret_text[AT_ROUNDED_SIZE])
{
    if (!isfinite(value)) {
        snprintf(ret_text, AT_ROUNDED_SIZE, "%s", isnan(value) ? "NaN" : value > 0 ? "inf" : "-inf");
        return ret_text;
    }
    snprintf(ret_text, AT_ROUNDED_SIZE, "%.*g", DIGITS, value);
    double shown = strtod(ret_text, NULL);
    if ((rounding == AT_ROUND_UP && shown < value) || (rounding == AT_ROUND_DOWN && shown > value)) {
        double step = pow(10, floor(log10(fabs(value))) - DIGITS + 1);
        snprintf(ret_text, AT_ROUNDED_SIZE, "%.*g", DIGITS, shown + (rounding == AT_ROUND_UP ? step : -step));
        shown = strtod(ret_text, NULL);
    }
    /* A subnormal, or the largest double: no short text will do. */
    if (!isfinite(shown) || (rounding == AT_ROUND_UP && shown < value) || (rounding == AT_ROUND_DOWN && shown > value))
        snprintf(ret_text, AT_ROUNDED_SIZE, "%.17g", value);
    trim_exponent(ret_text);
    return ret_text;
}

const char *at_percent_print(double share, char ret_text[AT_ROUNDED_SIZE])
{
    int length = snprintf(ret_text, AT_ROUNDED_SIZE - 2, "%.10g", 100 * share);
    if (share < 1 && strtod(ret_text, NULL) >= 100)
        length = snprintf(ret_text, AT_ROUNDED_SIZE - 2, "%.17g", 100 * share);
    snprintf(ret_text + length, AT_ROUNDED_SIZE - (size_t)length, " %%");
    return ret_text;
}
