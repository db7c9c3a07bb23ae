/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_READ_H
#define AT_STUDY_KPI_READ_H

#include "study/document.h"
#include "study/kpi.h"
#include "study/kpi_schema.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What reading a KPI shares. */
struct at_kpi_reading {
    const struct at_document *document;
    struct at_error *error;
    double confidence; /* of requirements that name none */
};

/* "file:line: path.key: message"; key "": the path itself. Returns `status`. */
enum at_status at_kpi_refuse(const struct at_kpi_reading *reading, enum at_status status, const char *path, const char *key,
                             const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A finite number in [low, high], or in (low, high) where `open`; text NULL leaves *ret_value. */
enum at_status at_kpi_read_number(const struct at_kpi_reading *reading, const char *path, const char *key, const char *text, double low,
                                  double high, bool open, double *ret_value);

/* A variant by name or spelling; *ret_name is its name. */
enum at_status at_kpi_read_variant(const struct at_kpi_reading *reading, const char *path, const char *key, const char *text,
                                   char **ret_name);

/* "path.scope"; file NULL: all. Free with at_kpi_scope_done, also after a failure. */
enum at_status at_kpi_read_scope(const struct at_kpi_reading *reading, const char *path, const struct at_file_scope *file,
                                 struct at_kpi_scope *ret_scope);

void at_kpi_scope_done(struct at_kpi_scope *scope);

/* "requirements[i]", whose path is `path`; at_kpi_done frees it, also after a failure. */
enum at_status at_kpi_read_requirement(const struct at_kpi_reading *reading, const char *path, const struct at_file_requirement *file,
                                       struct at_kpi_requirement *ret_requirement);

/* Reads "cost[i]", as above. */
enum at_status at_kpi_read_cost(const struct at_kpi_reading *reading, const char *path, const struct at_file_cost *file,
                                struct at_kpi_cost *ret_cost);

#ifdef __cplusplus
}
#endif

#endif
