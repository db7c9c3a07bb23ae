/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "builtins.cuh"

#include "kernels/prepare/sm90/prepare.cu"

#include "run.cuh"

/* Copies arrive when their own thread waits for them. */
static bool something_arrives(struct block *, unsigned)
{
    return false;
}

/* Kernels take their arguments by reference: g++ knows no parameter space. */
#define EMULATED(NAME) \
    { \
#NAME, [](void **a) { NAME(*static_cast<const at_prepare_batch *>(a[0])); } \
    }
#define EMULATED_PASS(PASS, DIM, ROWS) \
    EMULATED(prepare_##PASS##_plain_d##DIM##_r##ROWS), EMULATED(prepare_##PASS##_plain_tuned_d##DIM##_r##ROWS), \
        EMULATED(prepare_##PASS##_whole_d##DIM##_r##ROWS), EMULATED(prepare_##PASS##_whole_tuned_d##DIM##_r##ROWS), \
        EMULATED(prepare_##PASS##_any_d##DIM##_r##ROWS)
#define EMULATED_OF(DIM, GROUP_ROWS) \
    EMULATED_PASS(codes, DIM, 128), EMULATED_PASS(groups, DIM, GROUP_ROWS), EMULATED(prepare_columns_d##DIM##_r128)
static const struct emulated_kernel kernels[] = {
    EMULATED_OF(64, 128),
    EMULATED_OF(128, 64),
    EMULATED_OF(256, 64),
    EMULATED_PASS(codes, 128, 64),
    EMULATED_PASS(codes, 256, 64),
    {"prepare_groups", [](void **a) { prepare_groups(*static_cast<const at_prepare_arguments *>(a[0])); }},
    {"prepare_heads", [](void **a) { prepare_heads(*static_cast<const at_prepare_arguments *>(a[0]), *static_cast<int *>(a[1])); }}};

extern "C" bool emulated_launch(const struct at_gpu_launch *launch, const char **ret_why)
{
    return launch_one_of(kernels, sizeof kernels / sizeof kernels[0], launch, ret_why);
}
