/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_VARIANTS_VARIANT_H
#define AT_KERNELS_VARIANTS_VARIANT_H

#include "core/numerics.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A variant is a name and one `struct at_numerics`. One file of this folder each; meson.build lists them. */
struct at_variant {
    const char *name;    /* as on the command line, in the store and in the report: "fa3-fp8" */
    const char *summary; /* one line: what it is */
    const char *source;  /* where the numerics come from: paper, repository and commit */
    struct at_numerics numerics;
};

extern const struct at_variant *const at_variants[];
extern const size_t at_variant_count;

/* Longest name of a variant, NUL included; a spelled one ("fp8:promote=tile") is its own name. */
enum { AT_VARIANT_NAME_SIZE = 256 };

/* A variant by name or by spelling, with its checked numerics. */
struct at_variant_choice {
    char name[AT_VARIANT_NAME_SIZE];
    struct at_numerics numerics;
};

/*
 * `text` is a base or "base:key=value,..." where base is a registered name or one of the families fp8 (fa3-fp8), fp16 (fa3-fp16), bf16
 * (fa3-bf16), a second name for what they stand for, and the fields are those of at_numerics_apply. Unknown names are refused with the
 * nearest one.
 */
enum at_status at_variant_choose(const char *text, struct at_variant_choice *ret_choice, struct at_error *error);

/* The i-th family and the variant it stands for; false past the last. */
bool at_variant_family(size_t i, const char **ret_name, const struct at_variant **ret_variant);

/*
 * Splits a list of variants at its commas, keeping the commas of a spelling ("a,fp8:scale=head,promote=tile,b" is three: a piece
 * with '=' and without ':' belongs to the one before). Calls `each` for every piece; stops at the first failure.
 */
enum at_status at_variant_split(const char *list, enum at_status (*each)(void *context, const char *text, struct at_error *error),
                                void *context, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
