/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/agree.h"

#include "core/bits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One output; `place` says where it is, for the message. */
static void compare(struct at_agreement *a, float got, float wanted, const char *place)
{
    a->outputs++;
    if (memcmp(&got, &wanted, sizeof got) == 0)
        return;
    if (a->differing++ == 0)
        snprintf(a->first, sizeof a->first, "%s: the GPU gives 0x%08" PRIx32 " (%.9g), the twin 0x%08" PRIx32 " (%.9g)", place,
                 at_bits_of_float(got), (double)got, at_bits_of_float(wanted), (double)wanted);
}

void at_agreement_add(struct at_agreement *agreement, const struct at_attended *part, const struct at_problem *problem,
                      const struct at_rows *rows, const struct at_gpu_rows *got)
{
    static const char *const names[] = {"row maximum", "row sum", "log-sum-exp"};
    int64_t dim = problem->dim, head = part->b * problem->heads_q + part->h;
    for (int64_t j = 0; j < part->count; j++) {
        int64_t i = head * got->rows + part->first + j, row = rows->index[part->first + j];
        const float *o = got->o + i * dim, *wanted = part->out->o + j * dim;
        const float got_row[] = {got->row_max[i], got->row_sum[i], got->lse[i]};
        const float wanted_row[] = {part->out->row_max[j], part->out->row_sum[j], part->out->lse[j]};
        char place[96];
        for (int64_t c = 0; c < dim; c++) {
            if (agreement->differing == 0 && memcmp(&o[c], &wanted[c], sizeof *o) != 0)
                snprintf(place, sizeof place, "batch %" PRId64 ", head %" PRId64 ", row %" PRId64 ", column %" PRId64 " of O", part->b,
                         part->h, row, c);
            compare(agreement, o[c], wanted[c], place);
        }
        for (int k = 0; k < 3; k++) {
            snprintf(place, sizeof place, "batch %" PRId64 ", head %" PRId64 ", row %" PRId64 ", %s", part->b, part->h, row, names[k]);
            compare(agreement, got_row[k], wanted_row[k], place);
        }
    }
}
