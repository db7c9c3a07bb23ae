/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_AGREE_H
#define AT_STUDY_AGREE_H

#include "study/attend.h"
#include "study/gpu_task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel's outputs beside the twin's, bit by bit: O, row max, row sum and LSE. */
struct at_agreement {
    int64_t outputs, differing; /* compared, and with any bit different */
    char first[192];            /* the first difference: where, and both values; "" without one */
};

/* Adds the rows of one part. `rows` are all that are looked at; `got` is what the kernel gave for them. */
void at_agreement_add(struct at_agreement *agreement, const struct at_attended *part, const struct at_problem *problem,
                      const struct at_rows *rows, const struct at_gpu_rows *got);

#ifdef __cplusplus
}
#endif

#endif
