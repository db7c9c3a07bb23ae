/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ATTEMPT_H
#define AT_STUDY_ATTEMPT_H

#include "datasets/readout.h"
#include "study/engine.h"
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
    struct at_engine engine;
    const struct at_oracle *oracle; /* of the truths: the plan's */
    int64_t study_id, input_id, build_id;
    int64_t device_id;                 /* of the processor, for the twin */
    int64_t gpu_devices[AT_GPUS_MOST]; /* of the engine's GPUs */
    struct at_qkv inputs;
    struct at_readout readout; /* of the case; read when first needed */
    struct at_truths original; /* solved when first needed: heads > 0 then */
    struct at_truths *kept;    /* [study->variant_count] of operands that a later variant has again; heads 0: none */
    bool *todo;                /* [study->variant_count] runs that the store does not hold */
};

/* One run under way. */
struct at_attempt;
struct at_agreement;

/* Begins variant `index` of the study: prepares, and where a kernel computes it, gives it to a GPU; several may be under way. */
enum at_status at_attempt_begin(struct at_bench *bench, size_t index, int64_t variant_id, struct at_attempt **ret_attempt,
                                struct at_error *error);

/*
 * Ends it: attends with the twin head by head, measures against both references, stores in one transaction. A kernel's outputs must have
 * the twin's bits, or else that they differ is stored in place of the run, and *ret_agreement says so. AT_ERR_DEVICE: no GPU computed it,
 * and nothing is stored. Frees the attempt and clears todo[index]; attempts are finished in the order of their variants.
 */
enum at_status at_attempt_finish(struct at_attempt *attempt, struct at_agreement *ret_agreement, struct at_error *error);

/* Ends what is under way and frees the attempt; NULL is fine. */
void at_attempt_abandon(struct at_attempt *attempt);

/* What identifies the run on one device. */
struct at_run_key at_attempt_key(const struct at_bench *bench, int64_t variant_id, int64_t device_id);

#ifdef __cplusplus
}
#endif

#endif
