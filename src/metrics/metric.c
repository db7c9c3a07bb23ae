/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/metric.h"

#include "core/name.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum at_status at_metric_find(const char *name, const struct at_metric **ret_metric, struct at_error *error)
{
    for (size_t i = 0; i < at_metric_count; i++)
        if (!strcmp(at_metrics[i]->name, name)) {
            *ret_metric = at_metrics[i];
            return AT_OK;
        }
    const char **names = calloc(at_metric_count, sizeof *names);
    if (!names)
        return at_fail(error, AT_ERR_MEMORY, "metric '%s': no memory to look for the nearest name", name);
    for (size_t i = 0; i < at_metric_count; i++)
        names[i] = at_metrics[i]->name;
    const char *nearest = at_name_nearest(name, names, at_metric_count);
    free(names);
    if (nearest)
        return at_fail(error, AT_ERR_NOT_FOUND, "metric '%s' does not exist; the nearest is '%s' (attest list metrics)", name, nearest);
    return at_fail(error, AT_ERR_NOT_FOUND, "metric '%s' does not exist; see attest list metrics", name);
}
