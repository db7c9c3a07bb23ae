/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_REQUEST_H
#define AT_CLI_REQUEST_H

#include "cli/options.h"
#include "study/study.h"

/* What the verbs share that take inputs from the command line: the choice of rows, the mask, how a capture is read, what is generated. */
#define AT_OPTION_ROWS_SEED \
    { \
        .name = "rows-seed", .value = "N", .help = "chooses other rows (default 1)" \
    }
#define AT_OPTIONS_MASK \
    {.name = "causal", .help = "causal mask, aligned to the last key"}, \
        {.name = "not-causal", .help = "--input: no mask, whatever the file's metadata says"}, \
    { \
        .name = "scale", .value = "X", .help = "softmax scale (default: the file's metadata, else 1/sqrt(dim))" \
    }
#define AT_OPTIONS_CAPTURE \
    {.name = "layout", .value = "bhsd|bshd", .help = "--input: order of the file's dimensions"}, \
        {.name = "q-name", .value = "TENSOR", .help = "--input: name of Q in the file (default q)"}, \
        {.name = "k-name", .value = "TENSOR", .help = "--input: name of K (default k)"}, \
    { \
        .name = "v-name", .value = "TENSOR", .help = "--input: name of V (default v)" \
    }
#define AT_OPTIONS_GENERATED \
    {.name = "shape", .value = "BxHxSxD", .help = "--distribution: H may be HQ:HKV, S may be SQ:SK"}, \
    { \
        .name = "format", .value = "NAME", .help = "--distribution: of the inputs (default fp16)" \
    }

/*
 * The study that the flags of attest run ask for (--input, --distribution, --shape, --variants, --variant, ...). Free with at_study_done.
 * `foreign`: outputs are given, not computed, so the twin need not have the shape. What is refused is the command line's fault, except a
 * capture that does not exist: AT_ERR_IO.
 */
enum at_status at_request_read(const struct at_arguments *arguments, bool foreign, struct at_study *ret_study, struct at_error *error);

/* Adds what --variants and --variant name to the study's variants; refuses one named twice. */
enum at_status at_request_variants(const struct at_arguments *arguments, struct at_study *study, struct at_error *error);

/*
 * "BxHxSxD", "1x16x8192x128"; "H" may be "HQ:HKV" (query and key/value heads) and "S" "SQ:SK". The rest of *ret_problem is left alone;
 * the sizes are checked by at_problem_check_twin, of a `foreign` kernel's output by at_problem_check.
 */
enum at_status at_shape_parse(const char *text, bool foreign, struct at_problem *ret_problem, struct at_error *error);

/* Query rows looked at in each head, where --rows does not say. */
enum { AT_ROWS_DEFAULT = 64 };

#endif
