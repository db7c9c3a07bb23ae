/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_REPORTS_SPEEDS_H
#define AT_TESTS_REPORTS_SPEEDS_H

/*
 * Adds made-up speeds to the database at `path`, which is made if it is not there. Bench 1 on "Some GPU": bf16 products of 2, 4 and 8
 * TFLOP/s, e4m3 products of 4, 8 and 16, a copy of 1 TB/s; d 128 without a mask: "good" (16 bits) at 1024 keys 2 TFLOP/s, with prepare 1,
 * relative RMSE 2^-10, at 2048 keys 4 TFLOP/s, 2^-9, "fast" (8 bits) at 2048 keys 8 TFLOP/s, 2^-5; under a mask a variant named SPEEDS_EVIL
 * at 1024 keys 2 TFLOP/s without an error. Bench 2, newer, without products: "good" at 2048 keys 1 TFLOP/s without an error.
 */
#define SPEEDS_EVIL "fp8:<b>&\"evil\""
void speeds_add(const char *path);

#endif
