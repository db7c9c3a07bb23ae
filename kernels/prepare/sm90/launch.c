/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/sm90/launch.h"

#include <stdio.h>
#include <string.h>

int64_t at_prepare_blocks(const struct at_device_operands *o, int tile_rows, int64_t tiles)
{
    int64_t most = (int64_t)at_gpu_facts(o->gpu)->multiprocessors * AT_PREPARE_BLOCKS((int)o->problem.dim, tile_rows);
    return tiles < most ? tiles : most;
}

/* The narrowest kernel that does it. */
static enum at_prepare_kind kind_of(const struct at_device_operands *o, const struct at_prepare_arguments *a)
{
    if (a->mean || a->shift || a->source == AT_PREPARE_CHANNEL)
        return AT_PREPARE_ANY;
    return a->width == 0 ? AT_PREPARE_PLAIN : a->width == o->problem.dim ? AT_PREPARE_WHOLE : AT_PREPARE_ANY;
}

/* Tiles wait for each other in the place of a second tile on its way: 4 bytes an element leave no room for that. */
static const char *pass_of(const struct at_prepare_arguments *a)
{
    return a->source == AT_PREPARE_GROUP && a->input_bytes <= 2 ? "groups" : "codes";
}

/* `name`: as part of the kernel's name. */
static enum at_status start_batch(const char *pass, enum at_prepare_kind kind, const char *name, const struct at_device_operands *o,
                                  struct at_prepare_batch *batch, struct at_error *error)
{
    char kernel[64];
    int rows = batch->of[0].tile_rows, dim = (int)o->problem.dim, columns = AT_PREPARE_COLUMNS(kind, dim);
    int64_t tiles = 0;
    for (int i = 0; i < batch->count; i++)
        tiles += batch->of[i].tiles;
    (void)kind; /* of which the columns may not depend */
    snprintf(kernel, sizeof kernel, "prepare_%s%s_d%d_r%d", pass, name, dim, rows);
    const struct at_gpu_launch launch = {.kernel = kernel,
                                         .blocks = (unsigned)at_prepare_blocks(o, rows, tiles),
                                         .threads = (unsigned)AT_PREPARE_THREADS(dim, rows, columns),
                                         .shared_bytes = (size_t)AT_PREPARE_SHARED(dim, rows, columns),
                                         .arguments = (void *[]){batch}};
    return at_gpu_start(o->gpu, &launch, error);
}

enum at_status at_prepare_start_codes(const struct at_device_operands *o, struct at_prepare_batch *batch, struct at_error *error)
{
    static const char *const names[] = {[AT_PREPARE_PLAIN] = "_plain", [AT_PREPARE_WHOLE] = "_whole", [AT_PREPARE_ANY] = "_any"};
    enum at_status status = AT_OK;
    if (batch->count) {
        enum at_prepare_kind kind = kind_of(o, &batch->of[0]);
        status = start_batch(pass_of(&batch->of[0]), kind, names[kind], o, batch, error);
    }
    batch->count = 0;
    return status;
}

enum at_status at_prepare_add_codes(const struct at_device_operands *o, const struct at_prepare_arguments *a,
                                    struct at_prepare_batch *batch, struct at_error *error)
{
    const struct at_prepare_arguments *first = &batch->of[0];
    enum at_status status = AT_OK;
    if (batch->count && (strcmp(pass_of(first), pass_of(a)) || kind_of(o, first) != kind_of(o, a) || first->tile_rows != a->tile_rows ||
                         first->width != a->width || first->input_bytes != a->input_bytes))
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
    return pass ? start_batch(pass, AT_PREPARE_ANY, "", o, &batch, error) : at_prepare_start_codes(o, &batch, error);
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
