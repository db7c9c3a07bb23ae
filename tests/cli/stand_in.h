/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_CLI_STAND_IN_H
#define AT_TESTS_CLI_STAND_IN_H

#include <stdbool.h>

/* For commands whose LD_LIBRARY_PATH finds the stand-in for the driver (tests/kernels/support/fake_driver.h). */

/* Sets AT_FAKE_DRIVER for the commands that follow. */
void pretend(const char *words);

/* Whether the program under test was built with nvcc: without its image no probe begins. */
bool has_image(void);

/* Skips the test, and says why, when it was not. */
void needs_image(void);

#endif
