/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_SCHEMA_H
#define AT_STUDY_KPI_SCHEMA_H

#include "study/document.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A KPI file as written (docs/kpi.md): libcyaml checks structure and keys, every scalar is still text (schema.h). NULL: not given. */
struct at_file_lengths {
    char *from, *to;
};

struct at_file_scope {
    char *distribution, *label, *causal;
    char **heads, **dims;
    struct at_file_lengths *lengths;
    unsigned heads_count, dims_count;
};

struct at_file_requirement {
    char *metric, *against, *statistic, *at_most, *below, *at_least, *above, *equals, *relative_to, *in_units_of, *coverage, *confidence,
        *looks;
    struct at_file_scope *scope;
};

struct at_file_cost {
    char *speed_at_least, *relative_to, *with_prepare;
    struct at_file_scope *scope;
};

struct at_file_kpi {
    char *name, *description, *confidence;
    struct at_file_requirement *requirements;
    char **must_pass;
    struct at_file_cost *costs;
    unsigned requirements_count, must_pass_count, costs_count;
};

/* Reads `text`, of which `document` keeps the lines. Free with at_file_kpi_free. */
enum at_status at_file_kpi_load(const struct at_document *document, const char *text, size_t length, struct at_file_kpi **ret_file,
                                struct at_error *error);

/* NULL is fine; returns NULL. */
struct at_file_kpi *at_file_kpi_free(struct at_file_kpi *file);

#ifdef __cplusplus
}
#endif

#endif
