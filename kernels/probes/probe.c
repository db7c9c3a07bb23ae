/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

#include "core/name.h"
#include "kernels/probes/compare.h"

#include <assert.h>
#include <string.h>

enum at_status at_probe_find(const char *name, const struct at_probe **ret_probe, struct at_error *error)
{
    const char *names[AT_PROBES_MOST];
    size_t count = at_probe_count;
    assert(count <= AT_PROBES_MOST);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(at_probes[i]->name, name) == 0) {
            *ret_probe = at_probes[i];
            return AT_OK;
        }
        names[i] = at_probes[i]->name;
    }
    char hint[AT_NAME_HINT_SIZE];
    return at_fail(error, AT_ERR_NOT_FOUND, "probe '%s' is unknown%s; attest list probes names them", name,
                   at_name_hint(name, names, count, hint));
}

enum at_status at_probe_run(const struct at_probe *probe, struct at_gpu *gpu, const struct at_probe_request *request,
                            struct at_pulse *pulse, struct at_probe_outcome *ret_outcome, struct at_error *error)
{
    return (probe->twin ? at_probe_floats : at_probe_dots)(probe, gpu, request, pulse, ret_outcome, error);
}
