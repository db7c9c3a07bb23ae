/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "peer.h"

#include "heads.h"
#include "oracles/fp64_sm90/fp64_sm90.h"
#include "product.h"

#include <stdlib.h>

static struct at_gpu *gpu;
static struct at_error why;

int peer_open(int index)
{
    return at_gpu_open(index, &at_fp64_image, &gpu, &why);
}

const char *peer_why(void)
{
    return why.message;
}

const char *peer_gpu(void)
{
    return at_gpu_facts(gpu)->name;
}

int peer_heads_new(int64_t heads, int64_t keys, int64_t dim, const double *q, const double *k, const double *v, bool sums,
                   struct heads **ret_heads)
{
    const struct at_problem problem = {1, heads, heads, keys, keys, dim, false, 0};
    struct heads *made = malloc(sizeof *made);
    if (!made)
        return at_fail(&why, AT_ERR_MEMORY, "out of memory");
    enum at_status status = heads_init(made, gpu, &problem, q, k, v, sums, &why);
    if (status)
        peer_heads_free(made);
    else
        *ret_heads = made;
    return status;
}

int peer_heads_time(struct heads *heads, int repeats, double *ret_ms)
{
    return heads_time(heads, repeats, ret_ms, &why);
}

int peer_heads_fetch(struct heads *heads, double *ret_o, double *ret_radius, double *ret_sum_abs)
{
    return heads_fetch(heads, ret_o, ret_radius, ret_sum_abs, &why);
}

void peer_heads_free(struct heads *heads)
{
    heads_done(heads);
    free(heads);
}

int peer_product_new(int64_t n, struct product **ret_product)
{
    return product_new(gpu, n, ret_product, &why);
}

int peer_product_time(struct product *product, int repeats, double *ret_ms)
{
    return product_time(product, repeats, ret_ms, &why);
}

void peer_product_free(struct product *product)
{
    product_free(product);
}
