/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_REFERENCE_H
#define AT_STUDY_REFERENCE_H

#include "study/attempt.h"
#include "study/climb.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The truths of a case, shared among its variants: of the inputs, and of operands that a later variant has again. */

enum { AT_AGAINST_ORIGINAL, AT_AGAINST_DEQUANTISED, AT_REFERENCES };

/*
 * The truths that variant `index`, whose operands are given, is measured against; those that the bench does not hold are solved, and kept
 * there or, where no later variant has these operands again, in *own.
 */
enum at_status at_reference_find(struct at_bench *bench, size_t index, const struct at_operands *operands, struct at_truths *own,
                                 const struct at_truths *ret_truths[AT_REFERENCES], struct at_error *error);

/*
 * What the store keeps of truth `index` (AT_AGAINST_...) by `oracle` and of the rows that went up for one run. *digest holds what the fact
 * borrows.
 */
struct at_reference_fact at_reference_describe(const struct at_oracle *oracle, int index, const struct at_truths *truths,
                                               const struct at_climb *climb, struct at_sha256 *digest);

/* The variant is done: frees the kept truths that no later one shares. Clears todo[index]. */
void at_reference_release(struct at_bench *bench, size_t index);

#ifdef __cplusplus
}
#endif

#endif
