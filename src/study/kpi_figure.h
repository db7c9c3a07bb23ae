/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_FIGURE_H
#define AT_STUDY_KPI_FIGURE_H

#include "metrics/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Figures of a readout that a KPI may bound, each of all samples of an input's seeds together (docs/readout.md, "Statistics"). */

enum at_kpi_figure_kind { AT_KPI_MEAN_KL, AT_KPI_QUANTILE_KL, AT_KPI_MAX_KL, AT_KPI_TOP_UNCHANGED };

struct at_kpi_figure {
    struct at_metric metric; /* name, label, unit, formula and what is better; nothing is ever added to it */
    enum at_kpi_figure_kind kind;
    double p; /* of the quantile */
};

extern const struct at_kpi_figure at_kpi_figures[];
extern const size_t at_kpi_figure_count;

/* A metric (attest list metrics), *ret_figure NULL, or a figure, whose metric it is. AT_ERR_NOT_FOUND, with the nearest name of both. */
enum at_status at_kpi_figure_find(const char *name, const struct at_metric **ret_metric, const struct at_kpi_figure **ret_figure,
                                  struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
