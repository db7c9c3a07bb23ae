/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_READY_H
#define AT_STUDY_KPI_READY_H

#include "core/name.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The KPI files of the folder kpis/, which travel inside the program. kpis/meson.build lists them. */
struct at_kpi_ready {
    const char *name; /* of the file, without its ending, and of the KPI in it */
    const char *text;
};

extern const struct at_kpi_ready at_kpi_readies[];
extern const size_t at_kpi_ready_count;

/* The text of the one called `name`, or NULL. */
const char *at_kpi_ready_find(const char *name);

/* at_name_hint among them. */
enum { AT_KPI_HINT_SIZE = AT_NAME_HINT_SIZE };
const char *at_kpi_ready_hint(const char *name, char ret_hint[AT_KPI_HINT_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
