/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void at_oracle_take_row(const struct at_oracle_truth *from, int64_t n, const struct at_problem *problem, struct at_oracle_truth *to,
                        int64_t i)
{
    const struct {
        const double *from;
        double *to;
        int64_t width;
    } arrays[] = {{from->o, to->o, problem->dim},
                  {from->o_low, to->o_low, problem->dim},
                  {from->radius, to->radius, problem->dim},
                  {from->sum_abs, to->sum_abs, problem->dim},
                  {from->lse, to->lse, 1},
                  {from->lse_radius, to->lse_radius, 1},
                  {from->p, to->p, to->p ? problem->seq_k : 0}};
    for (size_t a = 0; a < sizeof arrays / sizeof arrays[0]; a++)
        if (arrays[a].width)
            memcpy(arrays[a].to + i * arrays[a].width, arrays[a].from + n * arrays[a].width, (size_t)arrays[a].width * sizeof(double));
}

enum at_status at_oracle_solve_rest(const struct at_oracle_head *head, const bool *done, int64_t count, const char *oracle,
                                    const struct at_oracle *sharper, struct at_oracle_truth *truth, int *ret_bits, struct at_error *error)
{
    int64_t width = head->score_dim ? head->score_dim : head->problem->dim, *rows = malloc((size_t)count * sizeof *rows), n = 0;
    double *q = malloc((size_t)(count * width) * sizeof *q);
    struct at_oracle_truth rest = {0};
    enum at_status status =
        rows && q ? AT_OK : at_fail(error, AT_ERR_MEMORY, "oracle %s: no memory for the rows left to %s", oracle, sharper->name);
    if (!status)
        status = at_oracle_truth_init(&rest, head->problem, count, truth->p != NULL, error);
    for (int64_t i = 0; i < head->row_count && !status; i++)
        if (!done[i]) {
            memcpy(q + n * width, head->q + i * width, (size_t)width * sizeof *q);
            rows[n++] = head->rows[i];
        }
    if (!status) {
        const struct at_oracle_head left = {head->problem, rows, count, q, head->k, head->v, head->score_dim};
        status = sharper->solve(&left, &rest, error);
    }
    n = 0;
    for (int64_t i = 0; i < head->row_count && !status; i++)
        if (!done[i])
            at_oracle_take_row(&rest, n++, head->problem, truth, i);
    if (!status)
        *ret_bits = rest.precision_bits;
    at_oracle_truth_done(&rest);
    free(rows);
    free(q);
    return status;
}

double at_oracle_largest_ratio(const struct at_oracle_truth *truth, int64_t count)
{
    double largest = -INFINITY;
#pragma omp parallel for schedule(static) reduction(max : largest)
    for (int64_t at = 0; at < count; at++)
        if (truth->sum_abs[at] > 0 && isfinite(truth->radius[at]))
            largest = fmax(largest, log2(truth->radius[at]) - log2(truth->sum_abs[at]));
    return largest;
}
