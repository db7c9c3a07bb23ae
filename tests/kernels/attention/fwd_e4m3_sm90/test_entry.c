/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Which formats the kernel reads. The rest is the family's (tests/kernels/attention/forward). */
#include "../../support/entry.h"

#include "kernels/attention/forward/arguments.h"
#include "kernels/attention/fwd_e4m3_sm90/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void what_it_computes(void **state)
{
    (void)state;
    static const char *const spelled[] = {"fa3-fp8",
                                          "fp8-tensor",
                                          "fp8-hadamard",
                                          "fp8-two-level",
                                          "fp8-block128",
                                          "fp8-block-hadamard",
                                          "fp8-smooth-k",
                                          "fp8-smooth-kv",
                                          "fp8-e5m2",
                                          "fp8:promote=128",
                                          "fp8:p=448",
                                          "fp8:order=forward",
                                          "fp8:q.scale=token,v.scale=channel"};
    assert_computes(entry_named("fwd-e4m3-sm90"), spelled, sizeof spelled / sizeof spelled[0]);
}

static void what_it_refuses(void **state)
{
    (void)state;
    static const char *const spelled[] = {"fa3-fp16", "fp8:v.format=e5m2,v.storage=e5m2", "fp8:p.format=e5m2",
                                          "fp8:q.format=e5m2,q.storage=e5m2"};
    assert_refuses(entry_named("fwd-e4m3-sm90"), spelled, sizeof spelled / sizeof spelled[0], "the kernel reads e4m3");
}

static void tiles_fit_a_block(void **state)
{
    (void)state;
#define FITS(DIM, ROWS, KEYS, STAGES, ...) ENTRY_FITS(1, DIM, ROWS, KEYS, STAGES)
    AT_FWD_E4M3_RELEASED(FITS)
    AT_FWD_E4M3_OWN(FITS)
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
