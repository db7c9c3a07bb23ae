/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/problem.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>

enum at_status at_problem_check(const struct at_problem *p, struct at_error *error)
{
    if (p->batch < 1 || p->heads_q < 1 || p->heads_kv < 1 || p->seq_q < 1 || p->seq_k < 1)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "shape: batch %" PRId64 ", heads %" PRId64 "/%" PRId64 ", lengths %" PRId64 "/%" PRId64 ": each must be at least 1",
                       p->batch, p->heads_q, p->heads_kv, p->seq_q, p->seq_k);
    if (p->heads_q % p->heads_kv != 0)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "shape: %" PRId64 " query heads do not divide by %" PRId64 " key/value heads: grouped-query attention needs a "
                       "whole number of query heads for each key/value head",
                       p->heads_q, p->heads_kv);
    if (p->dim < 8 || p->dim > 256 || p->dim % 8 != 0)
        return at_fail(error, AT_ERR_UNSUPPORTED, "shape: head dimension %" PRId64 ": attest takes multiples of 8 from 8 to 256", p->dim);
    if (p->scale != 0 && !(p->scale >= 0x1p-100 && p->scale <= 0x1p100)) /* the kernels' fp32 scale and its multiples stay normal */
        return at_fail(error, AT_ERR_ARGUMENT, "shape: softmax scale %g: give a number between 2^-100 and 2^100, or 0 for 1/sqrt(dim)",
                       p->scale);
    return AT_OK;
}

bool at_problem_has_twin(const struct at_problem *p)
{
    return p->dim == 32 || p->dim == 64 || p->dim == 128 || p->dim == 256;
}

enum at_status at_problem_check_twin(const struct at_problem *p, struct at_error *error)
{
    struct at_problem sized = *p;
    sized.dim = 64; /* of a dimension that nothing takes is said what the twin takes too */
    enum at_status status = at_problem_check(&sized, error);
    bool foreign = !at_problem_check(p, NULL);
    if (!status && !at_problem_has_twin(p))
        return at_fail(error, AT_ERR_UNSUPPORTED, "shape: head dimension %" PRId64 ": the twin and the kernels take 32, 64, 128 and 256%s",
                       p->dim, foreign ? "; a foreign kernel's output of this shape can be judged with attest check" : "");
    return status;
}

int64_t at_problem_keys(const struct at_problem *p, int64_t row)
{
    if (!p->causal)
        return p->seq_k;
    int64_t keys = row + 1 + p->seq_k - p->seq_q; /* T7 */
    return keys < 0 ? 0 : keys > p->seq_k ? p->seq_k : keys;
}

float at_problem_scale_fp32(const struct at_problem *p)
{
    return (float)(p->scale > 0 ? p->scale : 1.0 / sqrt((double)p->dim)); /* E7e */
}

int64_t at_problem_group(const struct at_problem *p)
{
    return p->heads_q / p->heads_kv;
}
