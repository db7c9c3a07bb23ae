/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/turn.h"

#include "core/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every element at its place, for sizes below, at and above the squares and what lies side by side; nothing written beyond. */
static void every_element_changes_its_place(void **state)
{
    (void)state;
    static const int64_t lengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 64, 65, 80, 128, 131};
    enum { LENGTHS = sizeof lengths / sizeof lengths[0], MOST = 131 * 131, GUARD = 16 };
    static uint8_t from[2 * MOST], to[2 * MOST + GUARD];
    for (int64_t i = 0; i < 2 * MOST; i++)
        from[i] = (uint8_t)at_random_bits((struct at_random){1, 70}, (uint64_t)i);
    for (size_t size = 1; size <= 2; size++)
        for (int a = 0; a < LENGTHS; a++)
            for (int b = 0; b < LENGTHS; b++) {
                const size_t rows = (size_t)lengths[a], columns = (size_t)lengths[b];
                memset(to, 0xa5, sizeof to);
                at_turn(size, from, lengths[a], lengths[b], to);
                for (size_t r = 0; r < rows; r++)
                    for (size_t c = 0; c < columns; c++)
                        assert_memory_equal(to + (c * rows + r) * size, from + (r * columns + c) * size, size);
                for (size_t i = 0; i < GUARD; i++)
                    assert_int_equal(to[rows * columns * size + i], 0xa5);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_element_changes_its_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
