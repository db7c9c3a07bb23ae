/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_DATASETS_DATASET_H
#define AT_DATASETS_DATASET_H

#include "core/problem.h"
#include "core/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Inputs. One file of this folder for each distribution; meson.build lists them. */

enum { AT_PARAMETERS_MAX = 8 };

struct at_parameter {
    const char *name;    /* "sigma"; NULL ends the list */
    double initial, min, max;
    const char *meaning; /* with its unit */
    bool whole;          /* only whole numbers are values */
};

struct at_distribution {
    const char *name;    /* "iid-outlier" */
    const char *summary; /* one line with the formula */
    const char *source;
    struct at_parameter parameters[AT_PARAMETERS_MAX + 1];
    /*
     * Fills q, k, v (allocated for `problem`, one format) with elements rounded to nearest even into that format, saturating. Each
     * element is a pure function of (parameters, seed, its position), so thread count and machine change no bit.
     *   values[AT_PARAMETERS_MAX]: one for each parameter, in their order, within their ranges
     */
    void (*generate)(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv);
};

extern const struct at_distribution *const at_distributions[];
extern const size_t at_distribution_count;

/* A distribution with values for all its parameters. */
struct at_distribution_choice {
    const struct at_distribution *distribution;
    double values[AT_PARAMETERS_MAX];
};

/* Longest canonical spelling, NUL included. */
enum { AT_DISTRIBUTION_TEXT_SIZE = 384 };

/*
 * `text` is "name" or "name:parameter=value,...". Unknown names and parameters are refused with the nearest one, values outside
 * their range with the range.
 */
enum at_status at_distribution_choose(const char *text, struct at_distribution_choice *ret_choice, struct at_error *error);

/* Index of the parameter `name` in `distribution`; an unknown one is refused with the nearest. */
enum at_status at_distribution_parameter(const struct at_distribution *distribution, const char *name, size_t *ret_index,
                                         struct at_error *error);

/* Refuses a value outside the range of parameter `p` of `distribution`, and a broken one where it takes whole ones. */
enum at_status at_parameter_check(const char *distribution, const struct at_parameter *p, double value, struct at_error *error);

/* The shortest %.Ng that reads back to the same double. */
enum { AT_PARAMETER_TEXT_SIZE = 32 };
void at_parameter_print(double value, char ret_text[AT_PARAMETER_TEXT_SIZE]);

/* The canonical spelling with every parameter ("v-mean:mean=0.1,sigma=1"), each by at_parameter_print. */
void at_distribution_print(const struct at_distribution_choice *choice, char ret_text[AT_DISTRIBUTION_TEXT_SIZE]);

/* Allocates and fills inputs for `problem` in `format`. Free with at_qkv_done. */
enum at_status at_distribution_generate(const struct at_distribution_choice *choice, const struct at_problem *problem,
                                        enum at_format format, uint64_t seed, struct at_qkv *ret_qkv, struct at_error *error);

/* How a capture is read; an empty field is taken from the file's metadata, else from its default. */
struct at_capture_options {
    const char *q_name, *k_name, *v_name; /* tensor names; default "q", "k", "v" */
    const char *layout;                   /* "bhsd" or "bshd"; default: metadata key "layout", else "bhsd" */
    int causal;                           /* 1, 0, or -1: metadata key "causal", else 0 */
    double scale;                         /* > 0, or 0: metadata key "scale", else 1/sqrt(dim) */
    bool bytes_are_e4m3;                  /* dtype U8, which says nothing of its codes, is read as F8_E4M3; else it is refused */
};

/* The problem that at_capture_read would fill and the format of the elements, from the header alone: the data are not read. */
enum at_status at_capture_problem(const char *path, const struct at_capture_options *options, struct at_problem *ret_problem,
                                  enum at_format *ret_format, struct at_error *error);

/*
 * Reads Q, K, V from a safetensors file: dtypes F16, BF16, F32 and F8_E4M3, one dtype for all three, 4-d, layout b h s d or b s h d
 * (transposed to b h s d). Fills `ret_problem` from the shapes and the options. The header is hostile until proven otherwise: length,
 * JSON, dtypes, shapes, offsets, overlap and overflow are checked before anything is allocated by it. A scale in the metadata that
 * is the double or float nearest to 1/sqrt(dim) counts as exactly 1/sqrt(dim) (problem.scale 0). NaN and infinity are read as they are.
 */
enum at_status at_capture_read(const char *path, const struct at_capture_options *options, struct at_problem *ret_problem,
                               struct at_qkv *ret_qkv, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
