/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_PREPARE_SM90_LAUNCH_H
#define AT_KERNELS_PREPARE_SM90_LAUNCH_H

#include "kernels/device.h"
#include "kernels/prepare/sm90/config.h"

/* Launches of the prepare kernels: which kernel, how many blocks, which tensors together. */

/* Blocks of a pass over so many tiles: those that run at once. */
int64_t at_prepare_blocks(const struct at_device_operands *operands, int tile_rows, int64_t tiles);

/*
 * Adds a tensor to those of the next launch, its slots behind theirs; what is there is started before, if it needs another kernel. At most
 * AT_PREPARE_TENSORS between two at_prepare_start_codes.
 */
enum at_status at_prepare_add_codes(const struct at_device_operands *operands, const struct at_prepare_arguments *tensor,
                                    struct at_prepare_batch *batch, struct at_error *error);

/* Starts the pass over the tensors of a batch, if there are any; then it is empty. */
enum at_status at_prepare_start_codes(const struct at_device_operands *operands, struct at_prepare_batch *batch, struct at_error *error);

/* The same for one tensor; `pass`: "columns", or NULL for codes. */
enum at_status at_prepare_start_alone(const char *pass, const struct at_device_operands *operands,
                                      const struct at_prepare_arguments *tensor, struct at_error *error);

/* The end of a reduction over the tiles of heads: prepare_heads or prepare_groups. */
enum at_status at_prepare_start_end(const char *kernel, const struct at_device_operands *operands, struct at_prepare_arguments tensor,
                                    int64_t blocks, struct at_error *error);

#endif
