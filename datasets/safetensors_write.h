/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_DATASETS_SAFETENSORS_WRITE_H
#define AT_DATASETS_SAFETENSORS_WRITE_H

#include "core/problem.h"
#include "core/tensor.h"
#include "datasets/safetensors.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Whether a file could be written to `path`: its folder is there and can be written to, and nothing stands there, or `replace` says that a
 * regular file may go. What a long computation asks before it begins.
 */
enum at_status at_capture_writable(const char *path, bool replace, struct at_error *error);

/*
 * Writes Q, K and V, code by code, as the safetensors file that at_capture_read gives back with `problem`: tensors "q", "k", "v" in layout
 * b h s d, with "layout", "causal" and, if it is not 1/sqrt(dim), "scale" in the metadata beside text[text_count] (UTF-8; none of these
 * three keys). e5m2 is refused: the reader does not know it. The file appears whole or not at all: it is written beside its place, brought
 * to the disk and renamed. AT_ERR_FULL: no space; refusals as of at_capture_writable.
 */
enum at_status at_capture_write(const char *path, bool replace, const struct at_problem *problem, const struct at_qkv *qkv,
                                const struct at_safetensors_text *text, size_t text_count, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
