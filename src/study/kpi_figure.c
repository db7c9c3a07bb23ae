/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_figure.h"

#include "core/name.h"

#include <stdlib.h>
#include <string.h>

/* "readout_" and the key of attest show readout --json: kl_mean and kl_max alone are metrics of the weights P. */
const struct at_kpi_figure at_kpi_figures[] = {
    {{.name = "readout_kl_mean", .label = "mean KL of tokens", .unit = "nat", .formula = "mean of KL(p || q)"}, AT_KPI_MEAN_KL, 0},
    {{.name = "readout_kl_median", .label = "median KL of tokens", .unit = "nat", .formula = "median of KL(p || q)"},
     AT_KPI_QUANTILE_KL,
     0.5},
    {{.name = "readout_kl_quantile_99",
      .label = "99 % quantile of the KL of tokens",
      .unit = "nat",
      .formula = "99 % quantile of KL(p || q)"},
     AT_KPI_QUANTILE_KL,
     0.99},
    {{.name = "readout_kl_quantile_99_9",
      .label = "99.9 % quantile of the KL of tokens",
      .unit = "nat",
      .formula = "99.9 % quantile of KL(p || q)"},
     AT_KPI_QUANTILE_KL,
     0.999},
    {{.name = "readout_kl_max", .label = "largest KL of tokens", .unit = "nat", .formula = "max of KL(p || q)"}, AT_KPI_MAX_KL, 0},
    {{.name = "readout_top_unchanged",
      .label = "share of unchanged top tokens",
      .unit = "",
      .formula = "share of samples with argmax z = argmax(z + change)",
      .better = AT_LARGER_IS_BETTER},
     AT_KPI_TOP_UNCHANGED,
     0},
};
const size_t at_kpi_figure_count = sizeof at_kpi_figures / sizeof at_kpi_figures[0];

enum at_status at_kpi_figure_find(const char *name, const struct at_metric **ret_metric, const struct at_kpi_figure **ret_figure,
                                  struct at_error *error)
{
    char hint[AT_NAME_HINT_SIZE];
    size_t count = 0;
    *ret_figure = NULL;
    if (at_metric_find(name, ret_metric, NULL) == AT_OK)
        return AT_OK;
    const char **names = calloc(at_metric_count + at_kpi_figure_count, sizeof *names);
    if (!names)
        return at_fail(error, AT_ERR_MEMORY, "metric '%.60s': no memory to look for the nearest name", name);
    for (size_t i = 0; i < at_metric_count; i++)
        names[count++] = at_metrics[i]->name;
    for (size_t i = 0; i < at_kpi_figure_count; i++) {
        names[count++] = at_kpi_figures[i].metric.name;
        if (strcmp(at_kpi_figures[i].metric.name, name) == 0)
            *ret_figure = &at_kpi_figures[i];
    }
    at_name_hint(name, names, count, hint);
    free(names);
    if (!*ret_figure)
        return at_fail(error, AT_ERR_NOT_FOUND, "metric '%.60s' does not exist%s; see attest list metrics and docs/kpi.md", name, hint);
    *ret_metric = &(*ret_figure)->metric;
    return AT_OK;
}
