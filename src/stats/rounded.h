/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_ROUNDED_H
#define AT_STATS_ROUNDED_H

#ifdef __cplusplus
extern "C" {
#endif

/* A bound printed with fewer digits must still be one: upper bounds are rounded up, lower bounds down. */
enum at_round { AT_ROUND_NEAREST, AT_ROUND_UP, AT_ROUND_DOWN };

enum { AT_ROUNDED_SIZE = 32 };

/*
 * Three significant digits, "0.0123", "12.4", "2.36e-5"; read back as a double the text is >= (<=) the value when rounded up (down).
 * Writes into ret_text and returns it. Not for NaN or infinities, which no sentence may hold: "NaN", "inf".
 */
const char *at_rounded_print(double value, enum at_round rounding, char ret_text[AT_ROUNDED_SIZE]);

/* 100 x share with up to 10 significant digits and " %": "95 %", "99.9999 %". A share below 1 that would read "100 %" is shown in full. */
const char *at_percent_print(double share, char ret_text[AT_ROUNDED_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
