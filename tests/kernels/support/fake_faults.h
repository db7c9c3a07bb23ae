/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_FAKE_FAULTS_H
#define AT_TESTS_KERNELS_FAKE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What AT_FAKE_DRIVER asks for (fake_driver.h). */

/* The value of `key`; false when it is not asked for. */
bool fake_asked(const char *key, char *ret_value, size_t room);
long fake_asked_number(const char *key, long otherwise);

/* Whether what goes wrong is to go wrong on `gpu`, whose context is current; -1: none is. */
bool fake_strikes(int gpu);

/* Does what is asked of `entry` at its n-th call; the CUresult that it gives, 0 for none. */
int fake_strike(const char *entry, long n, int gpu);

/* Notes, where that is asked for, that a driver starts. */
void fake_count_start(void);

/* Waits, where that is asked for, until both GPUs are here. */
void fake_meet(int gpu);

/* Copies `count` results, in rows of `columns`, to where the kernel writes; with the fault that is asked for when `wrong`. */
void fake_deliver(uint32_t *made, size_t count, size_t columns, bool wrong, uint32_t *ret_out);

#endif
