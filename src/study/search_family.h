/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SEARCH_FAMILY_H
#define AT_STUDY_SEARCH_FAMILY_H

#include "datasets/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A family of inputs: a distribution some of whose parameters are free within ranges. */
struct at_search_family {
    struct at_distribution_choice fixed;                    /* values of those that are not free; of the free ones where a search begins */
    size_t count;                                           /* free parameters, >= 1 */
    size_t free[AT_PARAMETERS_MAX];                         /* [count] their indices */
    double low[AT_PARAMETERS_MAX], high[AT_PARAMETERS_MAX]; /* [count] low < high */
};

/* What is said of each parameter of a distribution. */
struct at_search_ranges {
    const struct at_distribution *distribution;
    bool given[AT_PARAMETERS_MAX], all;                     /* all: those that are not given are free, else they stay at their defaults */
    double low[AT_PARAMETERS_MAX], high[AT_PARAMETERS_MAX]; /* of those given, within the distribution's range; equal: fixed */
};

/* The family of these ranges. AT_ERR_ARGUMENT where no parameter is free. */
enum at_status at_search_family_settle(const struct at_search_ranges *ranges, struct at_search_family *ret_family, struct at_error *error);

/*
 * "name:parameter=LOW..HIGH,parameter=VALUE,parameter=any,...": within a range, at a value, or anywhere in the range of the distribution;
 * "any" alone frees all that are not named otherwise. A parameter that is not named stays at its default. A search begins at the default,
 * or at the end of the range next to it. Refuses a family without a free parameter, a range whose ends are reversed, and what
 * at_distribution_choose refuses.
 */
enum at_status at_search_family_read(const char *text, struct at_search_family *ret_family, struct at_error *error);

enum { AT_SEARCH_FAMILY_TEXT_SIZE = 2 * AT_DISTRIBUTION_TEXT_SIZE };

/* The canonical spelling: every parameter, "v-mean:mean=-1..1000,sigma=1". */
void at_search_family_print(const struct at_search_family *family, char ret_text[AT_SEARCH_FAMILY_TEXT_SIZE]);

/*
 * The member at coordinates x[count] of the unit cube. A coordinate runs evenly over the logarithm of a range that leaves out 0, and over
 * asinh of one that does not: evenly near 0, by ratios beyond 1, the unit of N(0, 1). Values have six
 * digits; whole parameters are rounded.
 */
struct at_distribution_choice at_search_family_at(const struct at_search_family *family, const double *x);

/* The coordinates of the member where a search begins. */
void at_search_family_start(const struct at_search_family *family, double *ret_x);

#ifdef __cplusplus
}
#endif

#endif
