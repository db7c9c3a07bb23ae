/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ATTEMPT_H
#define AT_STUDY_ATTEMPT_H

#include "study/truth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What all variants share on one case. */
struct at_bench {
    const struct at_study *study;
    const struct at_case *c;
    struct at_store *store;
    struct at_work *progress;
    enum at_simd simd;
    int64_t study_id, input_id, build_id, device_id;
    struct at_qkv inputs;
    struct at_truths original; /* solved when first needed: heads > 0 then */
    struct at_truths *kept;    /* [study->variant_count] of operands that a later variant has again; heads 0: none */
    bool *todo;                /* [study->variant_count] runs that the store does not hold */
};

/*
 * Runs variant `index` of the study: prepare, attend head by head, measure against both references, store in one transaction. Clears
 * todo[index].
 */
enum at_status at_attempt(struct at_bench *bench, size_t index, int64_t variant_id, struct at_error *error);

/* What identifies the run. */
struct at_run_key at_attempt_key(const struct at_bench *bench, int64_t variant_id);

#ifdef __cplusplus
}
#endif

#endif
