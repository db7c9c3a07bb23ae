/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/rule.h"

#include <float.h>
#include <math.h>

static bool infinite_or_largest(float x)
{
    return isinf(x) || x == FLT_MAX || x == -FLT_MAX;
}

/* No NaN; an infinity (FLT_MAX counts as one) only beside another of its sign. */
static bool elements_match(float x, float y)
{
    bool a = infinite_or_largest(x), b = infinite_or_largest(y);
    return !isnan(x) && !isnan(y) && a == b && (!a || !signbit(x) == !signbit(y));
}

static bool accepts(const struct at_rule_sample *sample)
{
    double error = 0, energy = 0;
    for (int64_t i = 0; i < at_rule_outputs(sample); i++) {
        float a = sample->got[i], b = sample->reference[i];
        if (!elements_match(a, b))
            return false;
        error += (double)((a - b) * (a - b));
        energy += (double)(a * a);
    }
    return !(error / energy > 5e-4); /* 0/0 passes there */
}

const struct at_rule at_rule_llama_cpp = {
    .name = "llama-cpp",
    .criterion = "sum (out - ref)^2 / sum out^2 <= 5e-4",
    .source = "ggml-org/ggml, tests/test-backend-ops.cpp, nmse, test_flash_attn_ext::max_nmse_err; commit d99724f",
    .choices = NULL,
    .reference = AT_REFERENCE_OPERANDS,
    .takes_8_bit = true,
    .takes_16_bit = true,
    .accepts = accepts,
};
