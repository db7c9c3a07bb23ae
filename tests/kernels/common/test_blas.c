/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/blas.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_refused(enum at_status status, const char *words)
{
    const struct at_blas *blas = NULL;
    struct at_error error = {""};
    enum at_status got = at_blas_load(&blas, &error);
    if (got != status || blas || !strstr(error.message, words) || strchr(error.message, '\n'))
        fail_msg("wanted '%s' with \"%s\", got '%s': %s", at_status_name(status), words, at_status_name(got), error.message);
    assert_int_equal(at_blas_load(&blas, NULL), status);
}

static void a_damaged_library(void **state)
{
    (void)state;
    assert_refused(AT_ERR_NOT_FOUND, "/libcublasLt.so.13: ");
    assert_refused(AT_ERR_NOT_FOUND, ", nor libcublasLt.so.12; install libcublas of CUDA 12 or 13, or name its folder in LD_LIBRARY_PATH");
}

static void an_old_library(void **state)
{
    (void)state;
    assert_refused(AT_ERR_UNSUPPORTED, "cuBLASLt is too old: libcublasLt.so.13 has no cublasLtMatmulAlgoGetHeuristic; install");
}

static void the_table_is_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"cublasLtGetVersion",
                                        "cublasLtGetStatusString",
                                        "cublasLtCreate",
                                        "cublasLtDestroy",
                                        "cublasLtMatmulDescCreate",
                                        "cublasLtMatmulDescSetAttribute",
                                        "cublasLtMatmulDescDestroy",
                                        "cublasLtMatrixLayoutCreate",
                                        "cublasLtMatrixLayoutDestroy",
                                        "cublasLtMatmulPreferenceCreate",
                                        "cublasLtMatmulPreferenceSetAttribute",
                                        "cublasLtMatmulPreferenceDestroy",
                                        "cublasLtMatmulAlgoGetHeuristic",
                                        "cublasLtMatmul"};
    enum { NAMES = sizeof names / sizeof names[0] };
    const struct at_blas *blas, *again;
    struct at_error error = {""};
    if (at_blas_load(&blas, &error))
        fail_msg("%s", error.message);
    assert_int_equal(at_blas_load(&again, NULL), AT_OK);
    assert_ptr_equal(blas, again);
    void *library = dlopen("libcublasLt.so.13", RTLD_NOW | RTLD_NOLOAD), *table[NAMES];
    assert_non_null(library);
    assert_int_equal(sizeof *blas, sizeof table);
    memcpy(table, blas, sizeof table);
    for (size_t i = 0; i < NAMES; i++)
        assert_ptr_equal(table[i], dlsym(library, names[i]));
    dlclose(library);
}

static void failures_are_named(void **state)
{
    (void)state;
    const struct at_blas *blas;
    struct at_error error = {""};
    assert_int_equal(at_blas_load(&blas, NULL), AT_OK);
    assert_int_equal(at_blas_fail(blas, AT_BLAS_NOT_SUPPORTED, "a product", &error), AT_ERR_DEVICE);
    assert_string_equal(error.message, "a product: cuBLASLt: CUBLAS_STATUS_NOT_SUPPORTED");
    assert_int_equal(at_blas_fail(blas, 4711, "a product", &error), AT_ERR_DEVICE);
    assert_string_equal(error.message, "a product: cuBLASLt: error 4711");
}

/* What another library would be read as (cublasLt.h of CUDA 12 and 13). */
_Static_assert(sizeof(struct at_blas_choice) == 96 && offsetof(struct at_blas_choice, workspace_bytes) == 64 &&
                   offsetof(struct at_blas_choice, state) == 72,
               "cublasLtMatmulHeuristicResult_t");

int main(int argc, char **argv)
{
    const struct CMUnitTest whole[] = {cmocka_unit_test(the_table_is_whole), cmocka_unit_test(failures_are_named)};
    const struct CMUnitTest old[] = {cmocka_unit_test(an_old_library)};
    const struct CMUnitTest damaged[] = {cmocka_unit_test(a_damaged_library)};
    if (argc > 1 && strcmp(argv[1], "old") == 0)
        return cmocka_run_group_tests(old, NULL, NULL);
    if (argc > 1 && strcmp(argv[1], "damaged") == 0)
        return cmocka_run_group_tests(damaged, NULL, NULL);
    return cmocka_run_group_tests(whole, NULL, NULL);
}
