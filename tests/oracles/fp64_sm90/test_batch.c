/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/batch.h"

#include "draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Neighbours with the same K and V count as one, and their facts are the keys'. */
static void test_shared_keys(void **state)
{
    (void)state;
    struct draw a, b;
    struct at_fp64_batch batch;
    draw_shape(&a, DRAW_FP16, 1, 64, 9, 40, false, 4);
    draw_shape(&b, DRAW_FP16, 2, 64, 9, 40, false, 4);
    const struct at_oracle_head heads[] = {a.head, a.head, b.head, a.head};
    assert_int_equal(at_fp64_batch_init(&batch, heads, 4, true, false, NULL), AT_OK);
    const int expected[] = {0, 0, 1, 2};
    assert_memory_equal(batch.arrays.kv_head, expected, sizeof expected);
    assert_int_equal(batch.task.kv_heads, 3);
    assert_true(batch.facts[0].longest[39] == batch.facts[2].longest[39] && batch.facts[0].longest[39] != batch.facts[1].longest[39]);
    assert_true(batch.task.sums && batch.arrays.sum_abs && !batch.arrays.weight && !batch.task.weights);
    at_fp64_batch_done(&batch);
    assert_true(!batch.arrays.q && batch.memory == -1);
    draw_done(&a);
    draw_done(&b);
}

/* A bound stands for rows that see a key and nothing but finite numbers; a row wants a reference where its scores may be large. */
static void test_bounds(void **state)
{
    (void)state;
    struct draw draw;
    struct at_fp64_batch batch;
    draw_shape(&draw, DRAW_FP16, 3, 32, 8, 6, true, 8); /* row i sees i - 1 keys */
    draw.k[4 * 32 + 3] = NAN;                           /* seen by rows 6 and 7 */
    draw.q[4 * 32 + 1] = INFINITY;
    draw.q[5 * 32] = 60000;
    assert_int_equal(at_fp64_batch_init(&batch, &draw.head, 1, true, true, NULL), AT_OK);
    for (int64_t i = 0; i < 8; i++) {
        assert_int_equal(at_fp64_batch_keys(&batch, i), i < 2 ? 0 : i - 1);
        assert_int_equal(batch.bound[i].stands, i == 2 || i == 3 || i == 5);
        assert_int_equal(batch.bound[i].wants_reference, i == 4 || i == 5);
        assert_true(batch.arrays.reference[i] == batch.bound[i].wants_reference);
    }
    assert_non_null(batch.arrays.weight);
    at_fp64_batch_done(&batch);
    draw_done(&draw);
}

/* What another process writes where it maps the memory is read here, to the last of each array; what is read there was arranged here. */
static void test_room_is_shared(void **state)
{
    (void)state;
    struct draw draw;
    struct at_fp64_batch batch;
    draw_shape(&draw, DRAW_FP16, 3, 32, 4, 600, false, 4);
    assert_int_equal(at_fp64_batch_init(&batch, &draw.head, 1, true, true, NULL), AT_OK);
    const struct at_fp64_plan *p = &batch.task.plan;
    const struct at_fp64_arrays *a = &batch.arrays;
    int64_t sums = p->splits * p->rows * p->slices * p->columns,
            last[] = {p->rows - 1, p->splits * p->rows - 1, sums - 1, sums - 1, p->rows * p->keys - 1};
    pid_t child = fork();
    if (child == 0) {
        void *memory = mmap(NULL, batch.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, batch.memory, 0);
        const struct at_fp64_arrays there = at_fp64_arrays_in(&batch.task, memory);
        double *const arrays[] = {there.reference, there.total, there.value, there.sum_abs, there.weight};
        for (int i = 0; i < 5; i++)
            arrays[i][last[i]] = i + 1;
        _exit(memcmp(there.k, a->k, (size_t)(p->keys * p->depth) * sizeof *a->k) != 0);
    }
    int end;
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end) && WEXITSTATUS(end) == 0);
    const double *const arrays[] = {a->reference, a->total, a->value, a->sum_abs, a->weight};
    for (int i = 0; i < 5; i++)
        assert_true(arrays[i][last[i]] == i + 1);
    at_fp64_batch_done(&batch);
    draw_done(&draw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared_keys), cmocka_unit_test(test_bounds),
                                       cmocka_unit_test(test_room_is_shared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
