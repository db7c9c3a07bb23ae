/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Which formats the kernel reads. The rest is the family's (tests/kernels/attention/forward). */
#include "../../support/entry.h"

#include "kernels/attention/forward/arguments.h"
#include "kernels/attention/fwd_f16_sm90/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void what_it_computes(void **state)
{
    (void)state;
    static const char *const spelled[] = {"fa3-fp16", "fa3-bf16", "fp8-kv-cache", "fp16:order=forward"};
    assert_computes(entry_named("fwd-f16-sm90"), spelled, sizeof spelled / sizeof spelled[0]);
}

static void what_it_refuses(void **state)
{
    (void)state;
    static const char *const spelled[] = {"fa3-fp8", "standard-fp16", "fp16:promote=tile",
                                          "fp16:v.format=bf16,v.storage=bf16,p.format=bf16"};
    assert_refuses(entry_named("fwd-f16-sm90"), spelled, sizeof spelled / sizeof spelled[0], "fwd-f16-sm90: ");
}

static void tiles_fit_a_block(void **state)
{
    (void)state;
#define FITS(DIM, ROWS, KEYS, STAGES, ...) ENTRY_FITS(2, DIM, ROWS, KEYS, STAGES)
    AT_FWD_F16_TILES(FITS)
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_computes),
        cmocka_unit_test(what_it_refuses),
        cmocka_unit_test(tiles_fit_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
