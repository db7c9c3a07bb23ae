/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/sm90/launch.h"

#include <stdio.h>
#include <string.h>

int64_t at_prepare_blocks(const struct at_device_operands *o, int tile_rows, int64_t tiles)
{
    int64_t most = (int64_t)at_gpu_facts(o->gpu)->multiprocessors * AT_PREPARE_BLOCKS(o->problem.dim, tile_rows);
    return tiles < most ? tiles : most;
}

/* What the tuned kernels are compiled for (enum at_prepare_kind). */
static bool tuned(const struct at_prepare_arguments *a)
{
    return (a->input_format == AT_FP16 || a->input_format == AT_BF16) && a->storage == AT_E4M3 && a->format == AT_E4M3 &&
           a->rows % a->tile_rows == 0 && a->rows / a->tile_rows == a->head_tiles;
}

/* The narrowest kernel that does it. */
static const char *kind_of(const struct at_device_operands *o, const struct at_prepare_arguments *a)
{
    if (a->mean || a->shift || a->source == AT_PREPARE_CHANNEL)
        return "any";
    if (a->width == 0)
        return tuned(a) ? "plain_tuned" : "plain";
    if (a->width != o->problem.dim)
        return "any";
    bool faster = o->problem.dim > 64 || a->source == AT_PREPARE_GROUP; /* the tuned one */
    return tuned(a) && faster ? "whole_tuned" : "whole";
}

/* Tiles wait for each other in the place of a second tile on its way: 4 bytes an element leave no room for that. */
static const char *pass_of(const struct at_prepare_arguments *a)
{
    return a->source == AT_PREPARE_GROUP && a->input_bytes <= 2 ? "groups" : "codes";
}

static enum at_status start_batch(const char *pass, const char *kind, const struct at_device_operands *o, struct at_prepare_batch *batch,
                                  struct at_error *error)
{
    char kernel[64];
    int rows = batch->of[0].tile_rows;
    int64_t tiles = 0;
    for (int i = 0; i < batch->count; i++)
        tiles += batch->of[i].tiles;
    int32_t blocks = (int32_t)at_prepare_blocks(o, rows, tiles);
    for (int i = 0; i < batch->count; i++) {
        batch->steps[i].heads = blocks / batch->of[i].head_tiles;
        batch->steps[i].tiles = blocks % batch->of[i].head_tiles;
    }
    snprintf(kernel, sizeof kernel, "prepare_%s%s%s_d%d_r%d", pass, kind[0] ? "_" : "", kind, (int)o->problem.dim, rows);
    const struct at_gpu_launch launch = {.kernel = kernel,
                                         .blocks = (unsigned)blocks,
                                         .threads = (unsigned)AT_PREPARE_THREADS(o->problem.dim, rows),
                                         .shared_bytes = (size_t)AT_PREPARE_SHARED(o->problem.dim, rows),
                                         .arguments = (void *[]){batch}};
    return at_gpu_start(o->gpu, &launch, error);
}

enum at_status at_prepare_start_codes(const struct at_device_operands *o, struct at_prepare_batch *batch, struct at_error *error)
{
    enum at_status status = AT_OK;
    if (batch->count)
        status = start_batch(pass_of(&batch->of[0]), kind_of(o, &batch->of[0]), o, batch, error);
    batch->count = 0;
    return status;
}

enum at_status at_prepare_add_codes(const struct at_device_operands *o, const struct at_prepare_arguments *a,
                                    struct at_prepare_batch *batch, struct at_error *error)
{
    const struct at_prepare_arguments *first = &batch->of[0];
    enum at_status status = AT_OK;
    if (batch->count && (strcmp(pass_of(first), pass_of(a)) || strcmp(kind_of(o, first), kind_of(o, a)) ||
                         first->tile_rows != a->tile_rows || first->width != a->width || first->input_bytes != a->input_bytes))
        status = at_prepare_start_codes(o, batch, error);
    struct at_prepare_arguments *added = &batch->of[batch->count++];
    *added = *a;
    for (int i = 0; i < batch->count - 1; i++)
        if (batch->of[i].source == AT_PREPARE_GROUP)
            added->slots += (uint64_t)batch->of[i].tiles * sizeof(uint64_t);
    return status;
}

enum at_status at_prepare_start_alone(const char *pass, const struct at_device_operands *o, const struct at_prepare_arguments *a,
                                      struct at_error *error)
{
    struct at_prepare_batch batch = {.of = {*a}, .count = 1};
    return pass ? start_batch(pass, "", o, &batch, error) : at_prepare_start_codes(o, &batch, error);
}

enum at_status at_prepare_start_end(const char *kernel, const struct at_device_operands *o, struct at_prepare_arguments a, int64_t blocks,
                                    struct at_error *error)
{
    int32_t dim = (int32_t)o->problem.dim;
    const struct at_gpu_launch launch = {.kernel = kernel,
                                         .blocks = (unsigned)(blocks < 4096 ? blocks : 4096),
                                         .threads = AT_PREPARE_SMALL_THREADS,
                                         .shared_bytes = AT_PREPARE_SMALL_THREADS / 32 * sizeof(uint32_t),
                                         .arguments = (void *[]){&a, &dim}};
    return at_gpu_start(o->gpu, &launch, error);
}
