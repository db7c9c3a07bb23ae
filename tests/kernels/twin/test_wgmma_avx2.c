/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include "../support/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#ifdef __x86_64__
static at_wgmma_chain_path *const path = at_wgmma_chain_avx2;
#else
static at_wgmma_chain_path *const path = NULL;
#endif

/* argv[1]: the number of products, for the exhaustive run. */
static int64_t products = 20000000;

static void gives_the_scalar_bits(void **state)
{
    (void)state;
    path_gives_the_scalar_bits(AT_SIMD_AVX2, path, products);
}

static void holds_the_largest_sums(void **state)
{
    (void)state;
    path_holds_the_largest_sums(AT_SIMD_AVX2, path);
}

static void leaves_its_range_to_scalar(void **state)
{
    (void)state;
    path_leaves_its_range_to_scalar(AT_SIMD_AVX2);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        products = strtoll(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_scalar_bits),
        cmocka_unit_test(holds_the_largest_sums),
        cmocka_unit_test(leaves_its_range_to_scalar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
