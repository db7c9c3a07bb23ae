/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_DATASETS_SPIKE_H
#define AT_DATASETS_SPIKE_H

#include "core/problem.h"
#include "core/tensor.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One key ahead of all others, for every query row that sees it. */
struct at_spike {
    int64_t key;      /* its position, 0 <= key < seq_k */
    double gap;       /* >= 0: its scaled score over the centre of the others' (nats) */
    double deviation; /* >= 0: standard deviation of the others' scaled scores (nats) */
    double v_mean;    /* of every element of V */
};

/*
 * With the unit vector w and the noise n' across it of datasets/axis.h:
 *   k[key] = sqrt(dim) w        k[j] = n'
 *   q[i]   = a w + b n'         v[j] = v_mean + n
 *   a = gap / (scale sqrt(dim)), b = deviation / (scale sqrt(dim - 1))
 * so that before rounding the scaled score of `key` is exactly `gap` in every row of every query head of the group, and the others'
 * are b n'.n' scale: mean 0, standard deviation `deviation`. All keys have the same expected length (to 1 / dim).
 */
void at_spike_fill(const struct at_spike *spike, const struct at_problem *problem, uint64_t seed, struct at_qkv *qkv);

#ifdef __cplusplus
}
#endif

#endif
