/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/task.h"

#include "draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every array has room for what the shape asks for, none overlaps another, and the last ends where the memory does. */
static void test_arrays(void **state)
{
    (void)state;
    static const struct {
        int64_t dim, keys, heads;
        bool sums, weights;
    } shapes[] = {{32, 40, 3, true, true}, {64, 3000, 1, true, false}, {128, 700, 2, false, false}, {256, 65, 1, true, true}};
    for (size_t n = 0; n < sizeof shapes / sizeof shapes[0]; n++) {
        struct draw draw;
        struct at_fp64_task task = {.sums = shapes[n].sums, .weights = shapes[n].weights, .kv_heads = (int)shapes[n].heads};
        draw_shape(&draw, DRAW_FP16, 1, shapes[n].dim, 20, shapes[n].keys, false, 8);
        assert_int_equal(at_fp64_plan_init(&task.plan, &draw.head, shapes[n].heads, task.sums, NULL), AT_OK);
        const struct at_fp64_plan *p = &task.plan;
        size_t bytes = at_fp64_bytes_of(&task), rows = (size_t)(p->heads * p->rows), keys = (size_t)(p->heads * p->keys);
        size_t sums = rows * (size_t)(p->splits * p->slices * p->columns);
        char *memory = malloc(bytes);
        const struct at_fp64_arrays a = at_fp64_arrays_in(&task, memory);
        const struct {
            void *start;
            size_t bytes;
        } arrays[] = {{a.q, rows * (size_t)p->depth * 8},
                      {a.k, keys * (size_t)p->depth * 8},
                      {a.v, keys * (size_t)(p->slices * p->columns) * 8},
                      {a.kv_head, (size_t)p->heads * sizeof(int)},
                      {a.visible, (size_t)p->rows * sizeof(int)},
                      {a.reference, rows * 8},
                      {a.total, rows * (size_t)p->splits * 8},
                      {a.value, sums * 8},
                      {a.sum_abs, sums * 8},
                      {a.weight, rows * (size_t)p->keys * 8}};
        char *end = memory;
        for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
            if (!arrays[i].start)
                continue;
            assert_true((char *)arrays[i].start >= end && (char *)arrays[i].start < end + 8);
            end = (char *)arrays[i].start + arrays[i].bytes;
        }
        assert_ptr_equal(end, memory + bytes);
        assert_true(!a.sum_abs == !shapes[n].sums && !a.weight == !shapes[n].weights);
        free(memory);
        draw_done(&draw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_arrays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
