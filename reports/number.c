/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/number.h"

#include "metrics/metric.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void at_number_print(double value, char ret_text[AT_NUMBER_SIZE])
{
    if (isnan(value)) {
        snprintf(ret_text, AT_NUMBER_SIZE, "%s", AT_NO_VALUE);
        return;
    }
    if (isinf(value)) {
        snprintf(ret_text, AT_NUMBER_SIZE, "%s\u221e", value < 0 ? "-" : "");
        return;
    }
    if (value == rint(value) && fabs(value) < 1e6) {
        snprintf(ret_text, AT_NUMBER_SIZE, "%" PRId64, (int64_t)value);
        return;
    }
    char text[AT_NUMBER_SIZE];
    snprintf(text, sizeof text, "%.2e", value); /* rounds once; the exponent is that of the rounded number */
    char *e = strchr(text, 'e');
    int exponent = atoi(e + 1);
    *e = '\0';
    if (exponent >= -1 && exponent <= 2)
        snprintf(ret_text, AT_NUMBER_SIZE, "%.*f", 2 - exponent, value);
    else
        snprintf(ret_text, AT_NUMBER_SIZE, "%.40se%d", text, exponent);
}

void at_value_print(const char *metric, double value, char ret_text[AT_NUMBER_SIZE])
{
    const struct at_metric *found;
    double below_one = 1 - fabs(value);
    bool likeness = at_metric_find(metric, &found, NULL) == AT_OK && found->better == AT_LARGER_IS_BETTER && !*found->unit;
    if (likeness && below_one > 0 && below_one < 0.01)
        snprintf(ret_text, AT_NUMBER_SIZE, "%.*f", 1 - (int)floor(log10(below_one)), value);
    else
        at_number_print(value, ret_text);
}

void at_duration_print(double seconds, char ret_text[AT_NUMBER_SIZE])
{
    if (!(seconds >= 0) || seconds > 1e9)
        snprintf(ret_text, AT_NUMBER_SIZE, "%s", AT_NO_VALUE);
    else if (seconds < 0.9995)
        snprintf(ret_text, AT_NUMBER_SIZE, "%.3g ms", seconds * 1e3);
    else if (seconds < 99.5)
        snprintf(ret_text, AT_NUMBER_SIZE, "%.3g s", seconds);
    else if (seconds < 5999.5)
        snprintf(ret_text, AT_NUMBER_SIZE, "%d min %d s", (int)(seconds + 0.5) / 60, (int)(seconds + 0.5) % 60);
    else
        snprintf(ret_text, AT_NUMBER_SIZE, "%d h %d min", (int)(seconds / 3600), (int)(seconds / 60) % 60);
}

double at_cell_number(const struct at_cell *cell)
{
    return cell->kind == AT_CELL_INTEGER ? (double)cell->integer : cell->kind == AT_CELL_REAL ? cell->real : NAN;
}

const char *at_cell_print(const struct at_cell *cell, char ret_text[AT_NUMBER_SIZE])
{
    switch (cell->kind) {
    case AT_CELL_TEXT: return cell->text;
    case AT_CELL_INTEGER: snprintf(ret_text, AT_NUMBER_SIZE, "%" PRId64, cell->integer); break;
    case AT_CELL_REAL: at_number_print(cell->real, ret_text); break;
    case AT_CELL_NULL: snprintf(ret_text, AT_NUMBER_SIZE, "%s", AT_NO_VALUE); break;
    }
    return ret_text;
}
