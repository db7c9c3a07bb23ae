/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fake_state.h"

#include "fake_faults.h"
#include "fake_kernels.h"
#include "kernels/twin/attention.h"
#include "stand_in_attention.h"

#include <stdio.h>

/* The kernel of stand_in_attention.c: the twin on operands that lie in the GPU's memory. */

/* `bytes` of the GPU's memory for reading; *fits becomes false where they are not. NULL for address 0. */
static void *mapped(uint64_t address, size_t bytes, bool *fits)
{
    void *memory = address ? fake_at_address(address, bytes) : NULL;
    *fits = *fits && (memory || !address);
    return memory;
}

/* `heads` and `seq`: the tensor's own. 8-bit V is turned back into *ret_turned, which the caller frees. */
static struct at_operand operand_of(const struct at_problem *p, const struct at_operand_numerics *n, const struct at_device_operand *from,
                                    int64_t heads, int64_t seq, bool is_v, void **ret_turned, bool *fits)
{
    size_t all = (size_t)(p->batch * heads), groups = (size_t)at_scale_groups(n->scale, seq, p->dim);
    bool turned = is_v && at_formats[n->format].bits == 8;
    struct at_operand operand = {.codes = {.format = n->format, .batch = p->batch, .heads = heads, .seq = seq, .dim = p->dim}};
    size_t codes = all * (size_t)(turned ? at_device_v_columns(p) : seq) * (size_t)p->dim * at_format_size(n->format);
    operand.codes.codes = mapped(from->codes, codes, fits);
    operand.mean = mapped(from->mean, all * (size_t)p->dim * sizeof(float), fits);
    operand.scale = (struct at_scales){n->scale, p->batch, heads, (int64_t)groups, mapped(from->scale, all * groups * sizeof(float), fits)};
    *fits = *fits && operand.codes.codes;
    if (n->scale == AT_SCALE_NONE) {
        operand.scale.value = malloc(all * groups * sizeof(float));
        for (size_t i = 0; i < all * groups; i++)
            operand.scale.value[i] = 1;
    }
    if (turned && *fits) {
        const void *codes_there = operand.codes.codes;
        *ret_turned = operand.codes.codes = malloc(all * (size_t)(seq * p->dim));
        at_device_turn_v_back(codes_there, &operand.codes);
    }
    return operand;
}

static enum at_status attend_heads(const struct at_operands *o, const struct stand_in_arguments *a, uint8_t *ret_o,
                                   float *const ret_rows[3])
{
    const struct at_problem *p = &a->problem;
    int64_t outputs = p->seq_q * p->dim;
    size_t size = at_format_size(a->numerics.output);
    float *values = malloc((size_t)outputs * sizeof *values);
    struct at_rows rows = {0};
    enum at_status status = at_rows_choose(&rows, p->seq_q, 0, 0, NULL);
    for (int64_t i = 0; i < p->batch * p->heads_q && !status; i++) {
        struct at_attention out = {
            .o = values, .row_max = ret_rows[0] + i * p->seq_q, .row_sum = ret_rows[1] + i * p->seq_q, .lse = ret_rows[2] + i * p->seq_q};
        status = at_twin_attend(o, i / p->heads_q, i % p->heads_q, &rows, AT_SIMD_AUTO, &out, NULL);
        if (!status)
            at_encode_array(a->numerics.output, values, (size_t)outputs, AT_OVERFLOW_IEEE, ret_o + (size_t)(i * outputs) * size);
    }
    at_rows_done(&rows);
    free(values);
    return status;
}

/* wrong=flip: O; wrong=max, sum, lse: that of a row. The lowest bit of the `at`-th. */
static void spoil(uint8_t *o, size_t size, float *const rows[3])
{
    static const char *const kinds[] = {"max", "sum", "lse"};
    char kind[32] = "";
    size_t at = (size_t)fake_asked_number("at", 0);
    fake_asked("wrong", kind, sizeof kind);
    if (strcmp(kind, "flip") == 0)
        o[at * size] ^= 1;
    for (int i = 0; i < 3; i++)
        if (strcmp(kind, kinds[i]) == 0)
            ((uint8_t *)(rows[i] + at))[0] ^= 1;
}

int fake_attend(void **arguments, bool wrong)
{
    struct stand_in_arguments a;
    memcpy(&a, arguments[0], sizeof a);
    const struct at_problem *p = &a.problem;
    size_t rows = (size_t)(p->batch * p->heads_q * p->seq_q), size = at_format_size(a.numerics.output);
    bool fits = true;
    void *turned = NULL;
    struct at_operands o = {.problem = a.problem,
                            .numerics = a.numerics,
                            .q = operand_of(p, &a.numerics.q, &a.q, p->heads_q, p->seq_q, false, NULL, &fits),
                            .k = operand_of(p, &a.numerics.k, &a.k, p->heads_kv, p->seq_k, false, NULL, &fits),
                            .v = operand_of(p, &a.numerics.v, &a.v, p->heads_kv, p->seq_k, true, &turned, &fits),
                            .lse_shift = mapped(a.lse_shift, rows * sizeof(float), &fits)};
    uint8_t *made = fake_at_address(a.o, rows * (size_t)p->dim * size);
    float *const made_rows[] = {fake_at_address(a.row_max, rows * sizeof(float)), fake_at_address(a.row_sum, rows * sizeof(float)),
                                fake_at_address(a.lse, rows * sizeof(float))};
    fits = fits && made && made_rows[0] && made_rows[1] && made_rows[2];
    bool done = fits && attend_heads(&o, &a, made, made_rows) == AT_OK;
    if (done && wrong)
        spoil(made, size, made_rows);
    const struct at_operand *operands[] = {&o.q, &o.k, &o.v};
    for (int i = 0; i < 3; i++)
        if (operands[i]->scale.granularity == AT_SCALE_NONE)
            free(operands[i]->scale.value);
    free(turned);
    return done ? OK : ILLEGAL_ADDRESS;
}
