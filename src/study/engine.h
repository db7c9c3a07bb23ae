/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ENGINE_H
#define AT_STUDY_ENGINE_H

#include "study/gpus.h"
#include "study/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What computes the runs. All zero: the twin on its best path. */
struct at_engine {
    enum at_simd simd;    /* of the twin */
    struct at_gpus *gpus; /* NULL: the twin computes all */
    bool rest_on_twin;    /* with GPUs: what no kernel computes is for the twin, and is refused otherwise */
};

/* *ret_kernel is NULL for the twin. `numerics` are resolved. AT_ERR_UNSUPPORTED names the field and the remedy. */
enum at_status at_engine_choose(const struct at_engine *engine, const struct at_numerics *numerics, const struct at_problem *problem,
                                const struct at_kernel **ret_kernel, struct at_error *error);

/* Refuses a plan of which a run could not be computed: the message names case and variant. */
enum at_status at_engine_check(const struct at_engine *engine, const struct at_plan *plan, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
