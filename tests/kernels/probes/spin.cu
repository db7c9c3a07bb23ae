/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */

/* Kernels that go wrong on a real GPU. */

/* Never ends as long as *go is 0. */
extern "C" __global__ void spin(const volatile int *go)
{
    while (!*go) {
    }
}

/* Writes where nothing is allocated. */
extern "C" __global__ void stray(int *nowhere)
{
    *nowhere = 1;
}
