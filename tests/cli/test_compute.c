/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/compute.h"

#include <omp.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum at_status read_one(const char *argument, struct at_compute *ret_compute, struct at_error *error)
{
    static const struct at_option options[] = {AT_OPTION_SIMD, AT_OPTION_THREADS, {0}};
    char text[64];
    char *argv[] = {text};
    static struct at_arguments arguments;
    strcpy(text, argument);
    assert_int_equal(at_arguments_parse(options, 1, argv, &arguments, error), AT_OK);
    return at_compute_read(&arguments, ret_compute, error);
}

static void options_are_read(void **state)
{
    (void)state;
    struct at_compute compute;
    struct at_error error;
    assert_int_equal(read_one("--simd=scalar", &compute, &error), AT_OK);
    assert_true(compute.simd == AT_SIMD_SCALAR && compute.threads == 0);
    assert_int_equal(read_one("--threads=3", &compute, &error), AT_OK);
    assert_true(compute.simd == AT_SIMD_AUTO && compute.threads == 3);
}

static void mistakes_are_refused(void **state)
{
    (void)state;
    struct at_compute compute = {.threads = 77};
    struct at_error error;
    assert_int_equal(read_one("--simd=avx51", &compute, &error), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "option '--simd': 'avx51' is none of auto, scalar, avx2, avx512; the nearest is 'avx512'");
    assert_int_equal(read_one("--threads=0", &compute, &error), AT_ERR_ARGUMENT);
    for (int simd = AT_SIMD_AUTO; simd < AT_SIMD_COUNT; simd++) {
        char argument[32] = "--simd=";
        struct at_compute made;
        strcat(argument, at_simd_names[simd]);
        assert_int_equal(read_one(argument, &made, &error), at_simd_available((enum at_simd)simd) ? AT_OK : AT_ERR_ARGUMENT);
    }
    assert_int_equal(compute.threads, 77);
}

static void a_signal_is_seen_once(void **state)
{
    (void)state;
    const struct at_compute compute = {.threads = 2};
    int before = omp_get_max_threads();
    volatile sig_atomic_t *stop = at_compute_start(&compute);
    struct sigaction now;
    assert_int_equal(omp_get_max_threads(), 2);
    assert_int_equal(*stop, 0);
    raise(SIGINT);
    assert_int_equal(*stop, 1);
    assert_int_equal(sigaction(SIGINT, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL); /* a second one ends the program */
    signal(SIGTERM, SIG_DFL);
    omp_set_num_threads(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(options_are_read), cmocka_unit_test(mistakes_are_refused),
                                       cmocka_unit_test(a_signal_is_seen_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
