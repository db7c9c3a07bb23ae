/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/forward/forward.h"
#include "kernels/attention/fwd_f16_sm90/config.h"
#include "kernels/attention/fwd_f16_sm90/image.h"
#include "kernels/attention/kernel.h"

static const struct at_forward_tile tiles[] = {AT_FWD_F16_TILES(AT_FORWARD_TILE)};

static const struct at_forward_family family = {
    .name = "fwd-f16-sm90", .image = &at_fwd_f16_image, .tiles = tiles, .count = sizeof tiles / sizeof tiles[0], .output = AT_FP32};

static bool reads(const struct at_numerics *n)
{
    return (n->q.format == AT_FP16 || n->q.format == AT_BF16) && n->v.format == n->q.format; /* and K's and P's with them */
}

static enum at_status check(const struct at_numerics *n, const struct at_problem *p, struct at_error *error)
{
    if (!reads(n))
        return at_fail(error, AT_ERR_UNSUPPORTED, "fwd-f16-sm90: q.format=%s with v.format=%s: the kernel reads fp16, or bf16",
                       at_formats[n->q.format].name, at_formats[n->v.format].name);
    return at_forward_check(&family, n, p, error);
}

static enum at_status start(const struct at_device_operands *operands, const struct at_device_outputs *outputs, struct at_error *error)
{
    return at_forward_start(&family, operands, outputs, error);
}

const struct at_kernel at_kernel_fwd_f16_sm90 = {
    .name = "fwd-f16-sm90",
    .summary = "FlashAttention-3's forward numerics in fp16 and bf16",
    .image = &at_fwd_f16_image,
    .reads = reads,
    .check = check,
    .start = start,
};
