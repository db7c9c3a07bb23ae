/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Which formats the kernel reads. The rest is the family's (tests/kernels/attention/forward). */
#include "kernels/attention/kernel.h"

#include "../../support/driver.h"

#include "kernels/attention/forward/arguments.h"
#include "kernels/attention/fwd_f16_sm90/config.h"
#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_kernel *kernel;

static enum at_status check(const char *spelled, int dim, int causal, struct at_error *error)
{
    const struct at_problem p = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 5, .seq_k = 9, .dim = dim, .causal = causal};
    struct at_variant_choice choice;
    struct at_numerics resolved;
    if (at_variant_choose(spelled, &choice, error) || at_numerics_resolve(&choice.numerics, &p, &resolved, error))
        fail_msg("%s: %s", spelled, error->message);
    return kernel->check(&resolved, &p, error);
}

/* For every head dimension, masked and not. */
static void what_it_computes(void **state)
{
    (void)state;
    static const char *const spelled[] = {"fa3-fp16", "fa3-bf16", "fp8-kv-cache", "fp16:order=forward"};
    for (size_t i = 0; i < sizeof spelled / sizeof spelled[0]; i++)
        for (int dim = 64; dim <= 256; dim *= 2)
            for (int causal = 0; causal < 2; causal++) {
                struct at_error error = {""};
                if (check(spelled[i], dim, causal, &error))
                    fail_msg("%s, d %d: %s", spelled[i], dim, error.message);
            }
}

static void what_it_refuses(void **state)
{
    (void)state;
    static const char *const spelled[] = {"fa3-fp8", "standard-fp16", "fp16:promote=tile",
                                          "fp16:v.format=bf16,v.storage=bf16,p.format=bf16"};
    for (size_t i = 0; i < sizeof spelled / sizeof spelled[0]; i++) {
        struct at_error error = {""};
        assert_status(check(spelled[i], 128, 0, &error), &error, AT_ERR_UNSUPPORTED, "fwd-f16-sm90: ");
    }
}

/* A block of an H200 has 227 KiB, 64 Ki registers, and a tile copies at most 256 rows at once. */
static void tiles_fit_a_block(void **state)
{
    (void)state;
#define FITS(DIM, ROWS, KEYS, STAGES, ...) \
    assert_true(AT_FORWARD_SHARED(DIM, ROWS, KEYS, STAGES, 2) <= 227 << 10); \
    assert_true(ROWS % AT_FORWARD_CONSUMER_ROWS == 0 && ROWS <= 192 && KEYS <= 256);
    AT_FWD_F16_TILES(FITS)
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_computes),
        cmocka_unit_test(what_it_refuses),
        cmocka_unit_test(tiles_fit_a_block),
    };
    for (size_t i = 0; i < at_kernel_count; i++)
        if (strcmp(at_kernels[i]->name, "fwd-f16-sm90") == 0)
            kernel = at_kernels[i];
    return kernel ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
