/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/close.h"
#include "rules/rule.h"

static bool accepts(const struct at_rule_sample *sample)
{
    bool quantised = at_rule_is_8_bit(sample);
    double atol = quantised ? 1.5e-1 : 1.5e-2, rtol = quantised ? 1.5e-1 : 1e-2;
    return at_close_all(sample->got, sample->reference, at_rule_outputs(sample), atol, rtol, sample->format);
}

const struct at_rule at_rule_vllm = {
    .name = "vllm",
    .criterion = "every |out - ref| <= 0.15 + 0.15 |ref| for FP8, 0.015 + 0.01 |ref| for bf16",
    .source = "vllm-project/vllm, tests/kernels/attention/test_flash_attn.py, test_varlen_with_paged_kv; commit 0001b99",
    .choices = NULL,
    .reference = AT_REFERENCE_BF16,
    .takes_8_bit = true,
    .takes_16_bit = true,
    .accepts = accepts,
};
