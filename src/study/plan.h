/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_PLAN_H
#define AT_STUDY_PLAN_H

#include "core/hash.h"
#include "core/rows.h"
#include "datasets/readout.h"
#include "study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One case: an input with one seed. */
struct at_case {
    const struct at_study_input *input;
    uint64_t seed; /* 0 for a capture */
    int64_t copy;  /* cases of the same description before it: two files of one name in two folders */
    struct at_problem problem;
    enum at_format format;
    struct at_rows rows;            /* the query rows looked at */
    uint64_t rows_seed;             /* that chose them, and draws those of spot checks */
    double work;                    /* units of one reference: rows x keys seen, over all heads */
    struct at_readout_info readout; /* width 0: the outputs are not read out */
};

/* A study expanded into its cases, in the order of its inputs and seeds, every one of them known to be computable. */
struct at_plan {
    const struct at_study *study;
    struct at_case *cases;
    size_t count;
    double work;                    /* units of all references, equal operands counted once */
    struct at_oracle_choice oracle; /* of the truths; the study's, or the cheapest for all its cases */
};

/*
 * Expands `study` and refuses before anything is computed what could not be: an empty list, a bad shape, one that the twin has not (unless
 * the study is `foreign`), an unreadable capture, a variant that contradicts a case's problem (named), an oracle that this machine has
 * not, a case that needs more than `memory` bytes. Free with at_plan_done.
 */
enum at_status at_plan_make(const struct at_study *study, double memory, struct at_plan *ret_plan, struct at_error *error);

void at_plan_done(struct at_plan *plan);

/*
 * What is known of the case's input before it is read: all but digest and counts. Text is borrowed from the case and from ret_spelling.
 */
struct at_input_fact at_case_describe(const struct at_case *c, char ret_spelling[AT_DISTRIBUTION_TEXT_SIZE]);

/*
 * All that is known of the case's input once it is read: digest and counts too. Text is borrowed from the case, ret_spelling and
 * ret_sha256.
 */
struct at_input_fact at_case_identify(const struct at_case *c, const struct at_qkv *inputs, char ret_spelling[AT_DISTRIBUTION_TEXT_SIZE],
                                      struct at_sha256 *ret_sha256);

/* Whether each query head is read out alone: the readout is as wide as one of several heads. */
bool at_case_reads_heads(const struct at_case *c);

/* The case's readout for the store, borrowed from the case; false where it has none. */
bool at_case_describe_readout(const struct at_case *c, struct at_readout_fact *ret_fact);

/* Reads or generates the case's inputs. Free with at_qkv_done. */
enum at_status at_case_inputs(const struct at_case *c, struct at_qkv *ret_qkv, struct at_error *error);

/* Puts label and, in a study file, place of the case's input before the message. Returns `status`. */
enum at_status at_case_fail_in(const struct at_case *c, enum at_status status, struct at_error *error);

/* Whether both quantise Q, K and V to equal codes, scales and means, and so share a dequantised reference. */
bool at_plan_same_operands(const struct at_numerics *a, const struct at_numerics *b);

#ifdef __cplusplus
}
#endif

#endif
