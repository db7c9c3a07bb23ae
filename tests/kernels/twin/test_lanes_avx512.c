/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/lanes.h"

#include "../support/loops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* argv[1]: every how many-th pattern; 1 is all 2^32. */
static uint32_t stride = 251;

static const struct at_lanes *lanes(void)
{
    if (!at_simd_available(AT_SIMD_AVX512))
        skip();
    return at_lanes_of(AT_SIMD_AVX512);
}

static void exponentials(void **state)
{
    (void)state;
    loops_exponentiate(lanes(), stride);
}

static void casts(void **state)
{
    (void)state;
    loops_cast(lanes(), stride);
}

static void exponents(void **state)
{
    (void)state;
    loops_take_exponents(lanes());
}

static void decoding(void **state)
{
    (void)state;
    loops_decode(lanes());
}

static void maximum_and_shift(void **state)
{
    (void)state;
    loops_maximum_and_shift(lanes());
}

int main(int argc, char **argv)
{
    if (argc > 1)
        stride = (uint32_t)strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponentials), cmocka_unit_test(casts),
        cmocka_unit_test(exponents),    cmocka_unit_test(decoding),
        cmocka_unit_test(maximum_and_shift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
