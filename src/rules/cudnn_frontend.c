/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/close.h"
#include "rules/rule.h"

static bool accepts(const struct at_rule_sample *sample)
{
    double atol = sample->operands == AT_E5M2 ? 0.125 : 0.08, rtol = 0.2;
    return at_close_all(sample->got, sample->reference, at_rule_outputs(sample), atol, rtol, AT_FP32); /* both .float() there */
}

const struct at_rule at_rule_cudnn_frontend = {
    .name = "cudnn-frontend",
    .criterion = "every |out - ref| <= 0.08 + 0.2 |ref| (0.125 + 0.2 |ref| for e5m2)",
    .source = "NVIDIA/cudnn-frontend, test/python/sdpa/fp8.py; commit 05e8b44",
    .choices = "the reference: fp8_ref.py also casts P to FP8, tile by tile; here P is fp32",
    .reference = AT_REFERENCE_OPERANDS,
    .takes_8_bit = true,
    .accepts = accepts,
};
