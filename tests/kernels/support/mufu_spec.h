/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_MUFU_SPEC_H
#define AT_TESTS_KERNELS_MUFU_SPEC_H

#include <stdbool.h>

/* Correctly rounded by MPFR, round to nearest even, subnormals kept. */
float spec_ex2(float x);
float spec_lg2(float x);
float spec_rcp(float x);

/* |y - f(x)| in units of the last place of the fp32 number nearest to f(x); f(x) must be finite and normal. */
enum spec_function { SPEC_EX2, SPEC_RCP, SPEC_LG2 };
double spec_error_ulp(enum spec_function function, float x, float y);

#endif
