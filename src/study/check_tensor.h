/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_TENSOR_H
#define AT_STUDY_CHECK_TENSOR_H

#include "core/problem.h"
#include "core/rows.h"
#include "study/check.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The chosen rows of what a kernel gave for `problem`: o [b h s d] in the layout that `output` names (F16, BF16 or F32), lse [b h s]
 * (F32). A message names file, tensor, what it is and what it should be.
 *   ret_o[heads][rows][dim], ret_lse[heads][rows] or NULL where there is none; the caller frees both
 */
enum at_status at_check_read_output(const struct at_check_output *output, const struct at_problem *problem, const struct at_rows *rows,
                                    enum at_format *ret_format, float **ret_o, float **ret_lse, struct at_error *error);

/* The descales [b][key/value heads] (F32, above 0 and finite) named `name` in the file at `path`. The caller frees them. */
enum at_status at_check_read_scales(const char *path, const char *name, const struct at_problem *problem, float **ret_scales,
                                    struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
