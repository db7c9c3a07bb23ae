/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_FAKE_DRIVER_H
#define AT_TESTS_KERNELS_FAKE_DRIVER_H

/*
 * A stand-in for libcuda.so.1: the entries of kernels/common/driver.h on the CPU, with two GPUs whose kernels are those of the probes
 * (fake_kernels.h) and that of stand_in_attention.h. It is strict: nothing works before cuInit, memory and launches need a current
 * context, addresses must lie in memory that was allocated, launches must have the shape that the kernels are built for. What
 * goes wrong is asked for with the environment variable AT_FAKE_DRIVER, read at each call: words KEY=VALUE with blanks between them.
 *
 *   from=PATH           the words are those of that file, so that they reach processes that are there already
 *   starts=PATH         the first cuInit of a process adds a byte to that file
 *   mode=N              the compute mode: 3 is for one process at a time                                        (0)
 *   gpus=N              how many there are; 0 makes cuInit give CUDA_ERROR_NO_DEVICE, as the driver does      (2)
 *                       -1: it starts, and there are none
 *   gpu=NAME            hopper, ampere, ada, blackwell; the second GPU is always hopper                       (hopper)
 *   cuda=N              newest CUDA version of the driver                                                     (13010)
 *   fail=ENTRY:RESULT   that entry gives that CUresult
 *   hang=ENTRY          it never returns
 *   mark=PATH           a file that is made when something begins to hang
 *   crash=ENTRY         it dies by SIGSEGV;  abort=ENTRY  by SIGABRT
 *   on=N                only where the context of GPU N is current
 *   meet=PATH           a launch waits until the other GPU of two, maybe of another process, launches too: they make PATH.0 and PATH.1
 *   kernel=PREFIX       for cuLaunchKernel: only launches of kernels with that beginning count
 *   nth=N               from the N-th such call of the process on, counted from 0                             (0)
 *   wrong=KIND          what the nth launch alone gives is not right; with nth=-1 what each gives:
 *       flip            the lowest bit of output `at`
 *       nan             the first NaN from output `at` on has the payload of 0x7fc00000
 *       zero            the first +0 from output `at` on is -0
 *       short           the last output is not written
 *       rows            rows 0 and 1 of the first case are exchanged
 *       max, sum, lse   of attention: the lowest bit of that of row `at`, counted over all heads
 *   at=N                an output of that launch                                                              (0)
 */

/* For dlsym: allocations, modules and contexts that live; launches of a kernel so far; calls and launches are counted from 0 again. */
int fake_driver_live(void);
int fake_driver_launched(const char *kernel);
void fake_driver_reset(void);

#endif
