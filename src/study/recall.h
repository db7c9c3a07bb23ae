/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_RECALL_H
#define AT_STUDY_RECALL_H

#include "core/hash.h"
#include "core/numerics.h"
#include "store/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a stored run was computed with, made again from what the store says. The store may come from anywhere: nothing in it is trusted. */

/* Where captures lie now: the store names a capture without its folder. */
struct at_folders {
    const char *const *paths; /* [count] */
    size_t count;
};

/*
 * The inputs of `fact`, whose digest is not looked at where they are generated: *ret_sha256 is that of what came out. A capture is looked
 * for in each folder by its name and taken only if it has the digest, else the reason names file and remedy. What the file says of mask
 * and scale does not count: fact->problem does. `study`: canonical text of the study that had the run computed; it says how a capture is
 * read. Free with at_qkv_done.
 */
enum at_status at_recall_inputs(const struct at_input_fact *fact, const char *study, const struct at_folders *folders,
                                struct at_qkv *ret_qkv, struct at_sha256 *ret_sha256, struct at_error *error);

/* The numerics that `text` spells, which must name every field of this attest and no other. */
enum at_status at_recall_numerics(const char *text, struct at_numerics *ret_numerics, struct at_error *error);

/* Whether `name` stands for other numerics here than those stored; a name that is unknown here stands for none. */
bool at_recall_renames(const char *name, const struct at_numerics *stored);

#ifdef __cplusplus
}
#endif

#endif
