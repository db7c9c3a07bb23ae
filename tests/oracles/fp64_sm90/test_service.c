/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/service.h"

#include "draw.h"
#include "emulated.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

/* On an emulated GPU. */
static struct draw draw;
static double first; /* the sum that the first run gave */

static int set_up(void **state)
{
    (void)state;
    draw_shape(&draw, DRAW_FP16, 8, 64, 40, 150, false, 8);
    memset(emulated_gpu, 0, sizeof *emulated_gpu);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    at_fp64_service_end();
    draw_done(&draw);
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 1;
}

/* One batch; what it gives is always the same. */
static enum at_status run(struct at_error *error)
{
    struct at_fp64_batch batch;
    assert_int_equal(at_fp64_batch_init(&batch, &draw.head, 1, true, true, NULL), AT_OK);
    enum at_status status = at_fp64_service_run(&batch, error);
    if (!status) {
        assert_true(batch.arrays.total[7] > 0 && batch.arrays.weight[7] > 0);
        first = first > 0 ? first : batch.arrays.total[7];
        assert_true(batch.arrays.total[7] == first);
    }
    at_fp64_batch_done(&batch);
    return status;
}

/* The driver starts for the first of them alone. */
static void test_starts_once(void **state)
{
    (void)state;
    assert_int_equal(at_fp64_service_look(NULL), AT_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(run(NULL), AT_OK);
    assert_int_equal(at_fp64_service_look(NULL), AT_OK);
    assert_int_equal(emulated_gpu->opened, 1);
    at_fp64_service_end();
    at_fp64_service_end();
    assert_int_equal(run(NULL), AT_OK);
    assert_int_equal(emulated_gpu->opened, 2);
}

/* What fails is one line, and the next begins anew. */
static void test_failures(void **state)
{
    (void)state;
    struct at_error error;
    assert_int_equal(run(NULL), AT_OK);
    emulated_gpu->dying = 1;
    assert_int_equal(run(&error), AT_ERR_DEVICE);
    assert_string_equal(error.message, "oracle fp64_sm90: its process died by signal 9 (Killed): look at nvidia-smi");
    assert_int_equal(run(NULL), AT_OK);
    emulated_gpu->failing = 1;
    assert_int_equal(run(&error), AT_ERR_DEVICE);
    assert_string_equal(error.message, "oracle fp64_sm90: fp64_sums_d64: an error that was asked for");
    assert_int_equal(run(NULL), AT_OK);
    assert_int_equal(emulated_gpu->opened, 3);
}

/* A GPU for one process at a time is free between requests. */
static void test_exclusive(void **state)
{
    (void)state;
    emulated_gpu->exclusive = true;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(run(NULL), AT_OK);
        assert_int_equal(emulated_gpu->open, 0);
    }
    assert_int_equal(emulated_gpu->opened, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_starts_once, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_exclusive, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
