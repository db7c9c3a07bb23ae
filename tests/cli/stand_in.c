/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/stand_in.h"

#include "tests/cli/command.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void pretend(const char *words)
{
    assert_int_equal(setenv("AT_FAKE_DRIVER", words, 1), 0);
}

bool has_image(void)
{
    pretend("gpus=0");
    struct outcome o = attest("doctor --json");
    assert_code(o, 0);
    assert_true(says(o.out, "\"cuda_version\": "));
    return !says(o.out, "\"cuda_version\": 0");
}

void needs_image(void)
{
    if (!has_image()) {
        print_message("attest was built without nvcc: its image of the probes is empty\n");
        skip();
    }
}
