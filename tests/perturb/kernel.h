/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_PERTURB_KERNEL_H
#define AT_TESTS_PERTURB_KERNEL_H

#include "core/rows.h"
#include "kernels/operands.h"
#include "kernels/variants/variant.h"

#include <stdbool.h>

/* Kernels for attest check: right ones that round in another place, and wrong ones, each with one deliberate defect. */

/* What a kernel is given, and what it gives. */
struct kernel_case {
    struct at_problem problem;
    struct at_variant_choice variant;
    struct at_numerics numerics; /* of it, resolved */
    struct at_qkv inputs;
    struct at_operands operands;
    struct at_rows rows; /* all */
    float *o, *lse;      /* [batch][heads][seq_q][dim], [batch][heads][seq_q] */
};

enum at_status kernel_case_init(struct kernel_case *ret_case, const char *distribution, const struct at_problem *problem, uint64_t seed,
                                const char *variant, struct at_error *error);
void kernel_case_done(struct kernel_case *c);

struct kernel {
    const char *name, *what;
    bool right;
    enum at_status (*compute)(struct kernel_case *c, struct at_error *error); /* fills o and lse */
};

extern const struct kernel kernels[];
extern const size_t kernel_count;

/* NULL: there is none of that name. */
const struct kernel *kernel_find(const char *name);

/* A safetensors file with "o" in the variant's output format and "lse" in F32, layout b h s d; false when it cannot be written. */
bool kernel_write(const struct kernel_case *c, const char *path);

#endif
