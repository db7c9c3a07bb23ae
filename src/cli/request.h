/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_REQUEST_H
#define AT_CLI_REQUEST_H

#include "cli/options.h"
#include "study/study.h"

/*
 * The study that the flags of attest run ask for (--input, --distribution, --shape, --variants, --variant, ...). Free with at_study_done.
 * What is refused is the command line's fault, except a capture that does not exist: AT_ERR_IO.
 */
enum at_status at_request_read(const struct at_arguments *arguments, struct at_study *ret_study, struct at_error *error);

/* Adds what --variants and --variant name to the study's variants; refuses one named twice. */
enum at_status at_request_variants(const struct at_arguments *arguments, struct at_study *study, struct at_error *error);

/*
 * "BxHxSxD", "1x16x8192x128"; "H" may be "HQ:HKV" (query and key/value heads) and "S" "SQ:SK". The rest of *ret_problem is left alone;
 * the sizes are checked by at_problem_check.
 */
enum at_status at_shape_parse(const char *text, struct at_problem *ret_problem, struct at_error *error);

/* Query rows looked at in each head, where --rows does not say. */
enum { AT_ROWS_DEFAULT = 64 };

#endif
