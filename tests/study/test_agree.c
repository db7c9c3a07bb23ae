/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/agree.h"

#include "bench.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Both are the twin's: what is compared is `got`, in which one bit may be changed. */
struct pair {
    struct at_agreement agreement;
    const struct at_problem *problem;
    const struct at_rows *rows;
    struct at_gpu_rows got;
    bool filling;
};

static void take(void *context, const struct at_attended *part)
{
    struct pair *p = context;
    int64_t first = (part->b * p->problem->heads_q + part->h) * p->got.rows + part->first, dim = p->problem->dim;
    size_t rows = (size_t)part->count * sizeof(float);
    if (p->filling) {
        memcpy(p->got.o + first * dim, part->out->o, rows * (size_t)dim);
        memcpy(p->got.row_max + first, part->out->row_max, rows);
        memcpy(p->got.row_sum + first, part->out->row_sum, rows);
        memcpy(p->got.lse + first, part->out->lse, rows);
    } else {
        at_agreement_add(&p->agreement, part, p->problem, p->rows, &p->got);
    }
}

static void every_bit_counts(void **state)
{
    (void)state;
    struct scratch_bench b;
    scratch_bench_open(&b,
                       "name: n\nrows: 3\nvariants: [fa3-fp16]\n"
                       "inputs: [{distribution: normal, shape: {batch: 2, heads: 2, keys: 16, dim: 32}}]\n",
                       "a.db");
    struct at_attend attend = scratch_bench_prepare(&b, 0);
    struct pair p = {.problem = &b.bench.c->problem, .rows = &b.bench.c->rows, .filling = true};
    const struct at_work progress = {0};
    struct at_sha256 output;
    enum { OUTPUTS = 2 * 2 * 3 * 32, ROWS = 2 * 2 * 3 };
    static float got_rows[OUTPUTS + 3 * ROWS];
    p.got = (struct at_gpu_rows){.heads = 2 * 2,
                                 .rows = 3,
                                 .dim = 32,
                                 .o = got_rows,
                                 .row_max = got_rows + OUTPUTS,
                                 .row_sum = got_rows + OUTPUTS + ROWS,
                                 .lse = got_rows + OUTPUTS + 2 * ROWS};
    assert_int_equal(at_attend_heads(&attend, false, take, &p, &progress, &output, NULL), AT_OK);
    const struct at_sha256 got = at_gpu_rows_sha256(&p.got);
    assert_string_equal(got.hex, output.hex);
    p.filling = false;
    for (int64_t i = -1; i < OUTPUTS + 3 * ROWS; i++) { /* O, row max, row sum and LSE lie behind each other */
        uint32_t *at = (uint32_t *)(void *)p.got.o + (i < 0 ? 0 : i);
        *at ^= i >= 0 ? 1u << (i % 32) : 0;
        p.agreement = (struct at_agreement){0};
        assert_int_equal(at_attend_heads(&attend, false, take, &p, &progress, &output, NULL), AT_OK);
        assert_int_equal(p.agreement.outputs, OUTPUTS + 3 * ROWS);
        assert_int_equal(p.agreement.differing, i >= 0);
        assert_int_equal(p.agreement.first[0] != 0, i >= 0);
        if (i == 32 * 7 + 5) { /* head 2 is head 0 of batch 1 */
            char place[64];
            snprintf(place, sizeof place, "batch 1, head 0, row %d, column 5 of O: the GPU gives 0x", (int)p.rows->index[1]);
            assert_memory_equal(p.agreement.first, place, strlen(place));
        }
        if (i == OUTPUTS + 2 * ROWS + 11)
            assert_non_null(strstr(p.agreement.first, "batch 1, head 1, row 15, log-sum-exp: the GPU gives 0x"));
        *at ^= i >= 0 ? 1u << (i % 32) : 0;
    }
    at_attend_done(&attend);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_bit_counts)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
