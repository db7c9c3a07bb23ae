/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_NUMBER_H
#define AT_REPORTS_NUMBER_H

#include "store/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest number as text, NUL included. */
enum { AT_NUMBER_SIZE = 64 };

/* What stands where there is no value: never 0. */
#define AT_NO_VALUE "\u2013"

/*
 * A number for people: integers below 10^6 as they are, else three significant digits, "0.235", "12.4", "2.36e-2". NaN is AT_NO_VALUE,
 * infinities are a sign and U+221E.
 */
void at_number_print(double value, char ret_text[AT_NUMBER_SIZE]);

/*
 * A value of the metric named so: as at_number_print, but for a likeness (larger is better, without a unit) just below 1 with as many
 * digits as show two of its distance from 1, "0.999982".
 */
void at_value_print(const char *metric, double value, char ret_text[AT_NUMBER_SIZE]);

/* "340 ms", "1.23 s", "2 min 5 s". */
void at_duration_print(double seconds, char ret_text[AT_NUMBER_SIZE]);

/* The number in a cell, NaN for NULL and text. */
double at_cell_number(const struct at_cell *cell);

/* A cell for people: text is the cell's own, integers stay whole, NULL is AT_NO_VALUE. Points into the cell or into ret_text. */
const char *at_cell_print(const struct at_cell *cell, char ret_text[AT_NUMBER_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
