/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_PREPARE_PROBLEMS_H
#define AT_TESTS_KERNELS_PREPARE_PROBLEMS_H

#include "core/numerics.h"
#include "core/tensor.h"

/* Random problems for the prepare kernels: a pure function of seed and number. */
struct prepare_case {
    struct at_problem problem;
    struct at_numerics numerics; /* resolved */
    struct at_qkv inputs;
    char what[512 + AT_NUMERICS_TEXT_SIZE];
};

/* `most`: the largest length and the largest product of batch and query heads. Free the inputs with at_qkv_done. */
enum at_status prepare_case_make(uint64_t seed, int64_t index, int64_t most_rows, int64_t most_heads, struct prepare_case *ret_case,
                                 struct at_error *error);

#endif
