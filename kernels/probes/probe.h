/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_PROBES_PROBE_H
#define AT_KERNELS_PROBES_PROBE_H

#include "core/format.h"
#include "core/guard.h"
#include "kernels/common/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A probe runs one instruction of the GPU on many inputs and compares every bit with what the twin says. One file of this folder each;
 * meson.build lists them.
 */
struct at_probe {
    const char *name;        /* "wgmma-e4m3", in the store too */
    const char *summary;     /* one line */
    const char *instruction; /* as PTX spells it */
    const char *code;        /* part of the kernels' names in the image: "e4m3_e4m3" */
    enum at_format a, b;     /* wgmma: operands, AT_FP32 read as tf32 */
    uint32_t (*twin)(float); /* else: what the twin says of one float, as the kernel packs it; NULL for wgmma */
};

extern const struct at_probe *const at_probes[];
extern const size_t at_probe_count; /* at most AT_PROBES_MOST */
enum { AT_PROBES_MOST = 32 };

/* Refuses an unknown name with the nearest one. */
enum at_status at_probe_find(const char *name, const struct at_probe **ret_probe, struct at_error *error);

/* How much is asked of a probe. */
struct at_probe_request {
    uint64_t seed;
    int64_t outputs; /* wgmma: at least so many, over all shapes; the others always walk all 2^32 floats... */
    int64_t floats;  /* ...or the first of each of 1024 equal ranges, at least so many in all: 2^32 unless a test asks for less */
};

struct at_probe_outcome {
    int64_t outputs, differing; /* outputs compared; those with any bit different */
    char first[256];            /* the first difference; "" without one */
};

/*
 * Runs `probe`. Bits are compared, NaN payloads and signs of zero among them. A difference is an outcome, not a failure; AT_ERR_DEVICE and
 * AT_ERR_MEMORY say that the GPU could not do it. The pulse beats at least once a second on a machine with a few cores; may be NULL.
 */
enum at_status at_probe_run(const struct at_probe *probe, struct at_gpu *gpu, const struct at_probe_request *request,
                            struct at_pulse *pulse, struct at_probe_outcome *ret_outcome, struct at_error *error);

/* The probes' kernels, or an empty image where attest was built without nvcc. */
extern const struct at_gpu_image at_probe_image;

#ifdef __cplusplus
}
#endif

#endif
