/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_FP64_PEER_H
#define AT_TESTS_ORACLES_FP64_PEER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What bench_peer.py calls to time the oracle's kernels beside PyTorch in one process, on one GPU. Both work in the device's primary
 * context and on its default stream, so that what one enqueues waits for the other's. Zero, or a status whose reason peer_why() has in one
 * line.
 */

int peer_open(int index); /* the GPU, with the kernels */
const char *peer_why(void);
const char *peer_gpu(void); /* its name */

/* heads.h: all rows of `heads` heads of `keys` keys, from q, k and v, [heads][keys][dim] each, of the host. */
struct heads;
int peer_heads_new(int64_t heads, int64_t keys, int64_t dim, const double *q, const double *k, const double *v, bool sums,
                   struct heads **ret_heads);
int peer_heads_time(struct heads *heads, int repeats, double *ret_ms);
int peer_heads_fetch(struct heads *heads, double *ret_o, double *ret_radius, double *ret_sum_abs);
void peer_heads_free(struct heads *heads);

/* product.h: two n x n matrices. */
struct product;
int peer_product_new(int64_t n, struct product **ret_product);
int peer_product_time(struct product *product, int repeats, double *ret_ms);
void peer_product_free(struct product *product);

#endif
