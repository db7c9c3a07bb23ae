/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SWEEP_H
#define AT_STUDY_SWEEP_H

#include "study/case_axis.h"
#include "study/read.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The points of an input's 'sweep' (all combinations, the last axis fastest) or 'sobol' (points of Sobol's sequence). docs/study.md. */

enum { AT_SWEEP_AXES_MAX = AT_PARAMETERS_MAX + AT_CASE_AXES, AT_SWEEP_POINTS_MAX = 1000 };

/* Axes are numbered: the distribution's parameters, then what else a case is made of. */
enum { AT_SWEEP_CASE = AT_PARAMETERS_MAX, AT_SWEEP_KEYS = AT_SWEEP_CASE + AT_CASE_KEYS };

struct at_sweep {
    size_t axes, count;
    size_t parameter[AT_SWEEP_AXES_MAX]; /* of each axis: its index in the distribution, or AT_SWEEP_CASE + at_case_axis */
    const char *name[AT_SWEEP_AXES_MAX]; /* borrowed */
    double *values;                      /* [count][axes], each in its parameter's range; owned */
};

/*
 * Reads both keys of `input`, whose distribution is `distribution`; one point without axes where neither is given. Values between `from`
 * and `to` are rounded to 6 significant decimal digits, those of whole parameters to whole numbers; so they are the same on every machine.
 * Refuses what docs/study.md says, two equal points among it. Free with at_sweep_done.
 */
enum at_status at_sweep_read(const struct at_input_reading *input, const struct at_distribution *distribution, struct at_sweep *ret_sweep);

/* The point's values, " sigma=3 causal=true", without axis number `but`; cut to size. */
void at_sweep_print(const struct at_sweep *sweep, size_t point, size_t but, size_t size, char *ret_text);

void at_sweep_done(struct at_sweep *sweep);

#ifdef __cplusplus
}
#endif

#endif
