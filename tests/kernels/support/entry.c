/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "entry.h"

#include "driver.h"

#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct at_kernel *entry_named(const char *name)
{
    for (size_t i = 0; i < at_kernel_count; i++)
        if (strcmp(at_kernels[i]->name, name) == 0)
            return at_kernels[i];
    fail_msg("no kernel is named %s", name);
    return NULL;
}

static enum at_status check(const struct at_kernel *kernel, const char *spelled, int dim, int causal, struct at_error *error)
{
    const struct at_problem p = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 5, .seq_k = 9, .dim = dim, .causal = causal};
    struct at_variant_choice choice;
    struct at_numerics resolved;
    if (at_variant_choose(spelled, &choice, error) || at_numerics_resolve(&choice.numerics, &p, &resolved, error))
        fail_msg("%s: %s", spelled, error->message);
    return kernel->check(&resolved, &p, error);
}

void assert_computes(const struct at_kernel *kernel, const char *const *spelled, size_t count)
{
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        for (int dim = 64; dim <= 256; dim *= 2)
            for (int causal = 0; causal < 2; causal++) {
                struct at_error error = {""};
                if (check(kernel, spelled[i], dim, causal, &error))
                    fail_msg("%s, d %d: %s", spelled[i], dim, error.message);
            }
}

void assert_refuses(const struct at_kernel *kernel, const char *const *spelled, size_t count, const char *part)
{
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        struct at_error error = {""};
        assert_status(check(kernel, spelled[i], 128, 0, &error), &error, AT_ERR_UNSUPPORTED, part);
    }
}
