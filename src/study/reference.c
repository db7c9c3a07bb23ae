/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/reference.h"

#include <math.h>
#include <string.h>

/* Whether a variant that is still to run quantises to the same operands. */
static bool wanted_later(const struct at_bench *bench, size_t index)
{
    const struct at_study *study = bench->study;
    for (size_t i = index + 1; i < study->variant_count; i++)
        if (bench->todo[i] && at_plan_same_operands(&study->variants[index].numerics, &study->variants[i].numerics))
            return true;
    return false;
}

enum at_status at_reference_find(struct at_bench *bench, size_t index, const struct at_operands *operands, struct at_truths *own,
                                 const struct at_truths *ret_truths[AT_REFERENCES], struct at_error *error)
{
    const struct at_oracle *oracle = bench->oracle;
    const char *name = bench->study->variants[index].name, *label = bench->c->input->label;
    const struct at_truths *kept = NULL;
    struct at_sha256 digest = at_operands_sha256(operands);
    enum at_status status = AT_OK;
    if (!bench->original.heads) {
        at_work_phase(bench->progress, "%s: reference of the inputs", label);
        status = at_truths_solve(bench->c, oracle, &bench->inputs, NULL, NULL, bench->progress, &bench->original, error);
    }
    ret_truths[AT_AGAINST_ORIGINAL] = &bench->original;
    for (size_t i = 0; i < index && !kept; i++)
        if (bench->kept[i].heads && strcmp(bench->kept[i].operands.hex, digest.hex) == 0) {
            kept = &bench->kept[i];
            if (!at_plan_same_operands(&bench->study->variants[i].numerics, &bench->study->variants[index].numerics))
                at_work_drop(bench->progress, bench->c->work); /* equal although nothing foretold it */
        }
    ret_truths[AT_AGAINST_DEQUANTISED] = kept;
    if (status || kept)
        return status;
    at_work_phase(bench->progress, "%s: %s: reference of the dequantised operands", label, name);
    struct at_truths *made = wanted_later(bench, index) ? &bench->kept[index] : own;
    ret_truths[AT_AGAINST_DEQUANTISED] = made;
    return at_truths_solve(bench->c, oracle, &bench->inputs, operands, &bench->original, bench->progress, made, error);
}

/* log2 of a share of sum p|v|; NaN, which the store takes as none, for `none`. */
static double log2_or_none(double share, double none)
{
    return share == none ? NAN : log2(share);
}

struct at_reference_fact at_reference_describe(const struct at_oracle *oracle, int index, const struct at_truths *truths,
                                               const struct at_climb *climb, struct at_sha256 *digest)
{
    static const char *const against[AT_REFERENCES] = {[AT_AGAINST_ORIGINAL] = "original", [AT_AGAINST_DEQUANTISED] = "dequantised"};
    const struct at_spot *spot = &truths->spot, *raised = &climb->spot;
    *digest = at_climb_sha256(climb, truths);
    return (struct at_reference_fact){.against = against[index],
                                      .operands_sha256 = truths->operands.hex,
                                      .oracle = oracle->name,
                                      .truth_sha256 = digest->hex,
                                      .precision_bits =
                                          climb->precision_bits > truths->precision_bits ? climb->precision_bits : truths->precision_bits,
                                      .radius_log2 = climb->rows ? log2(climb->largest) : truths->radius_log2,
                                      .undefined_rows = climb->undefined,
                                      .time_ns = truths->time_ns + climb->time_ns,
                                      .ladder = {.known = true,
                                                 .raised_by = climb->by ? climb->by->name : NULL,
                                                 .raised_rows = climb->rows,
                                                 .open_rows = climb->open,
                                                 .smallest_log2 = log2_or_none(climb->smallest, INFINITY),
                                                 .checked_by = spot->by     ? spot->by->name
                                                               : raised->by ? raised->by->name
                                                                            : NULL,
                                                 .checked_rows = spot->rows + raised->rows,
                                                 .disagreement_log2 = log2_or_none(fmax(spot->difference, raised->difference), 0),
                                                 .disagreement_share = fmax(spot->share, raised->share)}};
}

void at_reference_release(struct at_bench *bench, size_t index)
{
    bench->todo[index] = false;
    for (size_t i = 0; i < bench->study->variant_count; i++)
        if (bench->kept[i].heads && !wanted_later(bench, i))
            at_truths_done(&bench->kept[i]);
}
