/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SWEEP_AXIS_H
#define AT_STUDY_SWEEP_AXIS_H

#include "study/read.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One axis of a sweep: listed values, or the interval [from, to]. */
struct at_sweep_axis {
    const struct at_parameter *parameter; /* what it may be; borrowed */
    double from, to;
    bool log;      /* even in the logarithm */
    size_t points; /* of a sweep; 0 in a Sobol sequence */
    double *list;  /* [list_count], or NULL; owned */
    size_t list_count;
};

/*
 * Reads `file`, which `path` names ("inputs[0].sweep[1]"); `sobol`: of a Sobol sequence, which says itself how many points there are;
 * `distribution` is named where a value is out of range, at its place. Free with at_sweep_axis_done.
 */
enum at_status at_sweep_axis_read(const struct at_reading *reading, const char *path, const struct at_file_axis *file,
                                  const char *distribution, const struct at_parameter *parameter, bool sobol,
                                  struct at_sweep_axis *ret_axis);

/* The same of an axis whose values have names: listed ones, each by its index in words[count]. */
enum at_status at_sweep_axis_read_words(const struct at_reading *reading, const char *path, const struct at_file_axis *file,
                                        const struct at_parameter *parameter, const char *const *words, size_t count,
                                        struct at_sweep_axis *ret_axis);

void at_sweep_axis_done(struct at_sweep_axis *axis);

/* Value `i` of a sweep's axis, 0 <= i < points: both ends are among them, exactly. */
double at_sweep_axis_step(const struct at_sweep_axis *axis, size_t i);

/* Value at 0 <= u < 1: every whole number or listed value has an equal share. */
double at_sweep_axis_at(const struct at_sweep_axis *axis, double u);

#ifdef __cplusplus
}
#endif

#endif
