/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Stands for test_arb.c where Arb is missing: exit status 77 is a visible SKIP. */
#include <stdio.h>

int main(void)
{
    puts("Arb was not found when this build was configured: install libflint-arb-dev (Debian 12) or libflint-dev (Ubuntu 24.04)");
    return 77;
}
