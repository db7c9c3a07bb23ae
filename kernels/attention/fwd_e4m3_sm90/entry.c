/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/forward/forward.h"
#include "kernels/attention/fwd_e4m3_sm90/config.h"
#include "kernels/attention/fwd_e4m3_sm90/image.h"
#include "kernels/attention/kernel.h"

static const struct at_forward_tile with_e4m3[] = {AT_FWD_E4M3_RELEASED(AT_FORWARD_TILE) AT_FWD_E4M3_OWN(AT_FORWARD_TILE)};
static const struct at_forward_tile with_e5m2[] = {AT_FWD_E4M3_RELEASED(AT_FORWARD_TILE)};

static const struct at_forward_family e4m3 = {.name = "fwd-e4m3-sm90",
                                              .image = &at_fwd_e4m3_image,
                                              .tiles = with_e4m3,
                                              .count = sizeof with_e4m3 / sizeof with_e4m3[0],
                                              .output = AT_BF16};
static const struct at_forward_family e5m2 = {.name = "fwd-e4m3-sm90",
                                              .image = &at_fwd_e4m3_image,
                                              .tiles = with_e5m2,
                                              .count = sizeof with_e5m2 / sizeof with_e5m2[0],
                                              .output = AT_BF16};

static const struct at_forward_family *family_of(const struct at_numerics *n)
{
    return n->k.format == AT_E4M3 ? &e4m3 : &e5m2;
}

/* Q, K, V: e4m3; e5m2; or e4m3, e5m2, e5m2. P is e4m3. */
static bool reads(const struct at_numerics *n)
{
    enum at_format q = n->q.format, k = n->k.format;
    return n->p_format == AT_E4M3 && k == n->v.format && (k == AT_E4M3 || k == AT_E5M2) && (q == k || (q == AT_E4M3 && k == AT_E5M2));
}

static enum at_status check(const struct at_numerics *n, const struct at_problem *p, struct at_error *error)
{
    if (!reads(n))
        return at_fail(
            error, AT_ERR_UNSUPPORTED,
            "fwd-e4m3-sm90: q.format=%s, k.format=%s, v.format=%s, p.format=%s: the kernel reads e4m3, or e5m2 for K and V or all "
            "three, and has P in e4m3",
            at_formats[n->q.format].name, at_formats[n->k.format].name, at_formats[n->v.format].name, at_formats[n->p_format].name);
    return at_forward_check(family_of(n), n, p, error);
}

static enum at_status start(const struct at_device_operands *operands, const struct at_device_outputs *outputs, struct at_error *error)
{
    return at_forward_start(family_of(&operands->numerics), operands, outputs, error);
}

const struct at_kernel at_kernel_fwd_e4m3_sm90 = {
    .name = "fwd-e4m3-sm90",
    .summary = "FP8 forward: scales per head or block, one accumulator or promoted per tile, K and V in e4m3 or e5m2",
    .image = &at_fwd_e4m3_image,
    .reads = reads,
    .check = check,
    .start = start,
};
