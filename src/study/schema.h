/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SCHEMA_H
#define AT_STUDY_SCHEMA_H

#include "study/document.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A study file as written (docs/study.md): structure, known keys and required keys are checked by libcyaml against its schema. Every
 * scalar is still text: libcyaml 1.3 reads -4 as an unsigned number, 1e30 as 1 and any word as a truth value, so value.h reads them.
 * NULL: not given.
 */
struct at_file_shape {
    char *batch, *heads, *kv_heads, *queries, *keys, *dim;
    char **lengths, **dims;
    unsigned lengths_count, dims_count;
};

struct at_file_axis {
    char *parameter, *from, *to, *points, *spacing;
    char **values;
    unsigned values_count;
};

struct at_file_sobol {
    char *points, *seed;
    struct at_file_axis *over;
    unsigned over_count;
};

struct at_file_tensors {
    char *q, *k, *v;
};

struct at_file_readout {
    char *file, *tensor;
};

struct at_file_input {
    char *capture, *distribution, *label, *layout, *causal, *scale, *format;
    struct at_file_tensors *tensors;
    struct at_file_readout *readout;
    struct at_file_shape *shape;
    struct at_file_axis *sweep;
    struct at_file_sobol *sobol;
    char **seeds;
    unsigned sweep_count, seeds_count;
};

struct at_file_study {
    char *name, *rows, *rows_seed, *oracle;
    char **variants;
    struct at_file_input *inputs;
    unsigned variants_count, inputs_count;
};

/* Reads `text`, of which `document` keeps the lines. Free with at_file_study_free. */
enum at_status at_file_study_load(const struct at_document *document, const char *text, size_t length, struct at_file_study **ret_file,
                                  struct at_error *error);

/* NULL is fine; returns NULL. */
struct at_file_study *at_file_study_free(struct at_file_study *file);

#ifdef __cplusplus
}
#endif

#endif
