/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/engine.h"

enum at_status at_engine_choose(const struct at_engine *engine, const struct at_numerics *numerics, const struct at_problem *problem,
                                const struct at_kernel **ret_kernel, struct at_error *error)
{
    const struct at_kernel *kernel = NULL;
    struct at_error reason = {""};
    if (engine->gpus && at_kernel_choose(numerics, problem, &kernel, &reason) && !engine->rest_on_twin)
        return at_fail(error, AT_ERR_UNSUPPORTED, "no kernel computes it on a GPU: %.800s; with --device auto the twin computes it",
                       reason.message);
    *ret_kernel = kernel;
    return AT_OK;
}

enum at_status at_engine_check(const struct at_engine *engine, const struct at_plan *plan, struct at_error *error)
{
    const struct at_study *study = plan->study;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < plan->count * study->variant_count && !status; i++) {
        const struct at_case *c = &plan->cases[i / study->variant_count];
        const struct at_variant_choice *variant = &study->variants[i % study->variant_count];
        const struct at_kernel *kernel;
        struct at_numerics resolved;
        status = at_numerics_resolve(&variant->numerics, &c->problem, &resolved, error);
        if (!status)
            status = at_engine_choose(engine, &resolved, &c->problem, &kernel, error);
        if (status) {
            at_fail_in(error, status, variant->name);
            at_case_fail_in(c, status, error);
        }
    }
    return status;
}
