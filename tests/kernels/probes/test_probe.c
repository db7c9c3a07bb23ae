/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Against the stand-in of support/fake_driver.h. */
#include "kernels/probes/probe.h"

#include "../support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void names_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_probe_count; i++) {
        const struct at_probe *found = NULL;
        assert_int_equal(at_probe_find(at_probes[i]->name, &found, NULL), AT_OK);
        assert_ptr_equal(found, at_probes[i]);
    }
}

static void unknown_names_get_the_nearest(void **state)
{
    (void)state;
    const struct at_probe *found = NULL;
    struct at_error error = {""};
    assert_status(at_probe_find("wgmma-e4m2", &found, &error), &error, AT_ERR_NOT_FOUND,
                  "probe 'wgmma-e4m2' is unknown; the nearest is 'wgmma-e4m3'; attest list probes names them");
    assert_status(at_probe_find("something else", &found, &error), &error, AT_ERR_NOT_FOUND,
                  "probe 'something else' is unknown; attest list probes");
    assert_status(at_probe_find("", &found, &error), &error, AT_ERR_NOT_FOUND, "probe '' is unknown");
    assert_int_equal(at_probe_find("ex", &found, NULL), AT_ERR_NOT_FOUND); /* a beginning is no name */
    assert_null(found);
}

/* Each kind goes its way: the first kernel that each asks for. */
static void a_probe_runs_by_its_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_probe_count; i++) {
        struct at_probe_outcome outcome = {.outputs = -1};
        struct at_error error = {""};
        char words[128];
        const struct at_probe_request request = {.seed = 1, .outputs = 1, .floats = 1};
        struct at_gpu *gpu = open_stand_in("fail=cuLaunchKernel:700"); /* the name was found */
        snprintf(words, sizeof words, "probe_%s%s: CUDA_ERROR_ILLEGAL_ADDRESS", at_probes[i]->code, at_probes[i]->twin ? "" : "_n8_shared");
        assert_status(at_probe_run(at_probes[i], gpu, &request, NULL, &outcome, &error), &error, AT_ERR_DEVICE, words);
        assert_int_equal(outcome.outputs, -1);
        at_gpu_close(gpu);
    }
}

/* Built with nvcc or without, the image is whole: bytes, size and version agree. */
static void the_image(void **state)
{
    (void)state;
    static const unsigned char fatbin[] = {0x50, 0xed, 0x55, 0xba}; /* how a fatbin begins */
    assert_non_null(at_probe_image.bytes);
    assert_int_equal(at_probe_image.size == 0, at_probe_image.cuda_version == 0);
    if (at_probe_image.size == 0) {
        print_message("built without nvcc: no image to look at\n");
        skip();
    }
    assert_true(at_probe_image.cuda_version >= 12000 && at_probe_image.size > sizeof fatbin);
    assert_memory_equal(at_probe_image.bytes, fatbin, sizeof fatbin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(unknown_names_get_the_nearest),
        cmocka_unit_test(a_probe_runs_by_its_kind),
        cmocka_unit_test(the_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
