/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ATTENTION_PROBLEMS_H
#define AT_TESTS_ATTENTION_PROBLEMS_H

#include "kernels/operands.h"

/* Random problems that some attention kernel computes. */

struct job {
    uint64_t seed;
    int64_t index, rows, keys, heads; /* rows, keys and (batch, key/value head) pairs at most */
};

enum { PROBLEM_TEXT_SIZE = 512 };

/*
 * The job's problem, prepared; free with at_operands_done. Its numerics are a base's with fields varied at random, its inputs those of a
 * registered distribution or of a kind below.
 *   what: tells it
 */
enum at_status problem_make(struct job job, struct at_operands *ret_operands, char what[PROBLEM_TEXT_SIZE], struct at_error *error);

enum { LARGE_SCORES, SPECIALS, SUBNORMALS, SATURATING, EXTREMES, CODES, OWN_KINDS };

/* Inputs of a kind, in fp32. Free with at_qkv_done. */
enum at_status problem_inputs(int kind, const struct at_problem *problem, struct job job, struct at_qkv *ret_qkv, struct at_error *error);

#endif
