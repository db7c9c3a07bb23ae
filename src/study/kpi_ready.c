/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_ready.h"

#include <string.h>

const char *at_kpi_ready_find(const char *name)
{
    for (size_t i = 0; i < at_kpi_ready_count; i++)
        if (strcmp(at_kpi_readies[i].name, name) == 0)
            return at_kpi_readies[i].text;
    return NULL;
}

const char *at_kpi_ready_hint(const char *name, char ret_hint[AT_KPI_HINT_SIZE])
{
    enum { MOST = 64 };
    const char *names[MOST];
    size_t count = 0;
    for (; count < at_kpi_ready_count && count < MOST; count++)
        names[count] = at_kpi_readies[count].name;
    return at_name_hint(name, names, count, ret_hint);
}
