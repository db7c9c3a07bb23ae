/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * SHA-256 over all 2^32 outputs of each function: of the concatenated hexadecimal digests of 256 blocks, block i holding the outputs for
 * the bit patterns i * 2^24 to i * 2^24 + 2^24 - 1 in order, as little-endian fp32. These are the digests of an H200's outputs.
 */
#include "core/hash.h"
#include "kernels/twin/mufu.h"

#include "support/codes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCKS = 256, BLOCK = 1 << 24 };

static struct at_sha256 digest_of(float (*f)(float))
{
    static struct at_sha256 blocks[BLOCKS];
#pragma omp parallel for schedule(dynamic, 1)
    for (uint32_t block = 0; block < BLOCKS; block++) {
        float *outputs = malloc(BLOCK * sizeof *outputs);
        if (!outputs)
            abort();
        for (uint32_t i = 0; i < BLOCK; i++)
            outputs[i] = f(float_of(block * (uint32_t)BLOCK + i));
        blocks[block] = at_sha256_of(outputs, BLOCK * sizeof *outputs);
        free(outputs);
    }
    struct at_hasher hasher;
    at_hasher_start(&hasher);
    for (int block = 0; block < BLOCKS; block++)
        at_hasher_add(&hasher, blocks[block].hex, 64);
    return at_hasher_end(&hasher);
}

static void ex2(void **state)
{
    (void)state;
    assert_string_equal(digest_of(at_ex2_approx).hex, "669a7140dbd44256d822f0e69cc1ebd9cd92fa06de74a9d01efb83ea1aa2804a");
}

static void rcp(void **state)
{
    (void)state;
    assert_string_equal(digest_of(at_rcp_approx).hex, "9939c57f94b29bc67a9567af06352ffaf0998fe1a232c92d25ea48452cdc4c01");
}

static void lg2(void **state)
{
    (void)state;
    assert_string_equal(digest_of(at_lg2_approx).hex, "0080a8442504a6fd5455e8732f1af3d30edd214ccbb19ae40990ff1f76085eb8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ex2), cmocka_unit_test(rcp), cmocka_unit_test(lg2)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
