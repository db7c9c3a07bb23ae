/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_DRIVER_H
#define AT_TESTS_KERNELS_DRIVER_H

#include "kernels/common/gpu.h"

/* For tests whose LD_LIBRARY_PATH finds the stand-in (fake_driver.h). */

/* Sets AT_FAKE_DRIVER; calls are counted from 0 again. */
void ask(const char *words);

/* The stand-in's count of what lives, and of launches of a kernel. */
int driver_live(void);
int driver_launched(const char *kernel);

/* The first GPU with an image of no kernel in particular: the stand-in has its own. */
extern const struct at_gpu_image stand_in_image;
struct at_gpu *open_stand_in(const char *words);

/* Fails unless `got` is `wanted`; for a failure the message must be one line and hold `words`. */
void assert_status(enum at_status got, const struct at_error *error, enum at_status wanted, const char *words);

#endif
