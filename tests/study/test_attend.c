/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/attend.h"

#include "bench.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct parts {
    int64_t calls, next_head, next_row, heads_q, rows;
    bool weights;
};

/* Parts come in the order of heads and rows, without gap or repetition. */
static void follow(void *context, const struct at_attended *part)
{
    struct parts *p = context;
    assert_int_equal(part->b * p->heads_q + part->h, p->next_head);
    assert_int_equal(part->first, p->next_row);
    assert_true(part->count > 0);
    assert_int_equal(part->out->p != NULL, p->weights);
    p->next_row += part->count;
    p->calls++;
    if (p->next_row == p->rows) {
        p->next_row = 0;
        p->next_head++;
    }
}

static struct at_sha256 digest(struct at_attend *attend, bool weights, int64_t *ret_calls)
{
    struct at_sha256 output = {""};
    const struct at_problem *problem = &attend->operands.problem;
    struct parts p = {.heads_q = problem->heads_q, .rows = attend->rows->count, .weights = weights};
    const struct at_work progress = {0};
    struct at_error error = {""};
    if (at_attend_heads(attend, weights, follow, &p, &progress, &output, &error))
        fail_msg("%s", error.message);
    assert_int_equal(p.next_head, problem->batch * problem->heads_q);
    *ret_calls = p.calls;
    return output;
}

/* The digest by the twin alone, all rows of a head at once. */
static struct at_sha256 plain_digest(const struct at_attend *attend)
{
    const struct at_problem *p = &attend->operands.problem;
    size_t rows = (size_t)attend->rows->count, outputs = rows * (size_t)p->dim;
    float *room = calloc(outputs + 3 * rows, sizeof *room);
    struct at_hasher hasher;
    assert_non_null(room);
    at_hasher_start(&hasher);
    for (int64_t b = 0; b < p->batch; b++)
        for (int64_t h = 0; h < p->heads_q; h++) {
            struct at_attention out = {
                .o = room, .row_max = room + outputs, .row_sum = room + outputs + rows, .lse = room + outputs + 2 * rows};
            assert_int_equal(at_twin_attend(&attend->operands, b, h, attend->rows, AT_SIMD_AUTO, &out, NULL), AT_OK);
            at_hasher_add(&hasher, room, (outputs + 3 * rows) * sizeof *room);
        }
    free(room);
    return at_hasher_end(&hasher);
}

static void heads_in_order(void **state)
{
    (void)state;
    struct scratch_bench b;
    scratch_bench_open(&b,
                       "name: n\nrows: 5\nvariants: [fp8-smooth-k]\n"
                       "inputs: [{distribution: normal, causal: true, shape: {batch: 2, heads: 4, kv-heads: 2, keys: 40, dim: 32}}]\n",
                       "h.db");
    struct at_attend attend = scratch_bench_prepare(&b, 0);
    int64_t calls, again;
    struct at_sha256 with = digest(&attend, true, &calls), without = digest(&attend, false, &again), plain = plain_digest(&attend);
    assert_string_equal(with.hex, plain.hex);
    assert_string_equal(without.hex, plain.hex);
    assert_true(calls == 8 && again == 8 && attend.time_ns > 0);
    at_attend_done(&attend);
    scratch_bench_close(&b);
}

/* More rows than the twin is given at once: parts, and the same digest. */
static void many_rows(void **state)
{
    (void)state;
    struct scratch_bench b;
    scratch_bench_open(&b,
                       "name: n\nrows: all\nvariants: [fa3-fp8]\n"
                       "inputs: [{distribution: normal, shape: {heads: 1, queries: 150, keys: 32768, dim: 32}}]\n",
                       "m.db");
    struct at_attend attend = scratch_bench_prepare(&b, 0);
    int64_t calls;
    struct at_sha256 output = digest(&attend, false, &calls), plain = plain_digest(&attend);
    assert_string_equal(output.hex, plain.hex);
    assert_int_equal(calls, 2); /* 2^22 / 32768 = 128 rows, and 22 */
    at_attend_done(&attend);
    scratch_bench_close(&b);
}

static void unused(void *context, const struct at_attended *part)
{
    (void)context;
    (void)part;
    fail_msg("attended although stopped");
}

static void a_stop_is_heard(void **state)
{
    (void)state;
    struct scratch_bench b;
    scratch_bench_open(&b, "name: n\nrows: 5\nvariants: [fa3-fp8]\ninputs: [{distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}]\n",
                       "s.db");
    struct at_attend attend = scratch_bench_prepare(&b, 0);
    volatile sig_atomic_t stop = 1;
    const struct at_study_events events = {.stop = &stop};
    const struct at_work progress = {.events = &events};
    struct at_sha256 output = {"untouched"};
    assert_int_equal(at_attend_heads(&attend, false, unused, NULL, &progress, &output, NULL), AT_ERR_INTERRUPTED);
    assert_string_equal(output.hex, "untouched");
    at_attend_done(&attend);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(heads_in_order), cmocka_unit_test(many_rows), cmocka_unit_test(a_stop_is_heard)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
