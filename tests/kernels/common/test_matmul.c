/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/matmul.h"

#include "../support/driver.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 32, BLOCK = 24 * N }; /* the data are repeated: 24 rows of 32 */

static int blas_live(void)
{
    int (*live)(void) = NULL;
    void *library = dlopen("libcublasLt.so.13", RTLD_NOW | RTLD_NOLOAD);
    void *symbol = library ? dlsym(library, "fake_blas_live") : NULL;
    memcpy(&live, &symbol, sizeof live);
    if (library)
        dlclose(library);
    return live ? live() : 0;
}

/* Small whole numbers, exact in every format: element (row, column) of A or B. */
static float element(int which, size_t i)
{
    return (float)((int)((i % BLOCK) * (which ? 7 : 5) % 9) - 4);
}

static void encode(enum at_format format, int which, void *ret_codes)
{
    float values[BLOCK];
    for (size_t i = 0; i < BLOCK; i++)
        values[i] = element(which, i);
    at_encode_array(format, values, BLOCK, AT_OVERFLOW_SATURATE, ret_codes);
}

static enum at_status open_product(struct at_gpu *gpu, enum at_format format, struct at_matmul **ret_product, struct at_error *error)
{
    uint16_t a[BLOCK], b[BLOCK];
    encode(format, 0, a);
    encode(format, 1, b);
    return at_matmul_open(gpu, format, N, a, b, BLOCK * at_format_size(format), ret_product, error);
}

/* C = A B^T, with A and B made of their rows over and over. */
static void products_are_exact(void **state)
{
    (void)state;
    static const enum at_format formats[] = {AT_BF16, AT_E4M3};
    for (size_t f = 0; f < 2; f++) {
        struct at_gpu *gpu = open_stand_in("");
        int live = driver_live();
        struct at_matmul *product = NULL;
        struct at_error error = {""};
        assert_status(open_product(gpu, formats[f], &product, &error), &error, AT_OK, "");
        assert_int_equal(at_matmul_version(product), 130100);
        assert_status(at_matmul_start(product, &error), &error, AT_OK, "");
        for (size_t i = 0; i < N; i += N - 1) {
            uint16_t row[N];
            assert_status(at_matmul_row(product, (int64_t)i, row, &error), &error, AT_OK, "");
            for (size_t j = 0; j < N; j++) {
                float sum = 0;
                for (size_t k = 0; k < N; k++)
                    sum += element(0, i * N + k) * element(1, j * N + k);
                assert_int_equal(row[j], at_encode(AT_BF16, sum, AT_OVERFLOW_IEEE));
            }
        }
        product = at_matmul_close(product);
        assert_null(product);
        assert_int_equal(driver_live(), live);
        assert_int_equal(blas_live(), 0);
        at_gpu_close(gpu);
    }
}

static void failures_leave_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        enum at_status status;
        const char *words;
    } cases[] = {
        {"fail=cublasLtCreate:1", AT_ERR_DEVICE, "matrix products cannot be begun: cuBLASLt: CUBLAS_STATUS_NOT_INITIALIZED"},
        {"fail=cublasLtMatmulDescCreate:7", AT_ERR_DEVICE, "a matrix product cannot be described: cuBLASLt: CUBLAS_STATUS_INVALID_VALUE"},
        {"fail=cublasLtMatmulDescSetAttribute:7", AT_ERR_DEVICE, "cannot be described"},
        {"fail=cublasLtMatrixLayoutCreate:7", AT_ERR_DEVICE, "cannot be described"},
        {"fail=cublasLtMatmulPreferenceCreate:7", AT_ERR_DEVICE, "no algorithm for a matrix product"},
        {"fail=cublasLtMatmulPreferenceSetAttribute:7", AT_ERR_DEVICE, "no algorithm"},
        {"fail=cublasLtMatmulAlgoGetHeuristic:15", AT_ERR_DEVICE, "no algorithm for a matrix product: cuBLASLt: CUBLAS_STATUS_NOT_SUPP"},
        {"algorithms=0", AT_ERR_DEVICE, "no algorithm for a matrix product: cuBLASLt: CUBLAS_STATUS_NOT_SUPPORTED"},
        {"fail=cuMemAlloc_v2:2", AT_ERR_MEMORY, "MiB of its own memory left"},
        {"fail=cuMemcpyHtoD_v2:700", AT_ERR_DEVICE, "copying to the GPU"},
        {"fail=cuMemcpyDtoD_v2:700", AT_ERR_DEVICE, "copying on the GPU"},
    };
    struct at_gpu *gpu = open_stand_in("");
    int live = driver_live();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_matmul *product = NULL;
        struct at_error error = {""};
        ask(cases[i].asked);
        assert_status(open_product(gpu, AT_E4M3, &product, &error), &error, cases[i].status, cases[i].words);
        assert_null(product);
        ask("");
        assert_int_equal(driver_live(), live);
        assert_int_equal(blas_live(), 0);
    }
    struct at_matmul *product;
    struct at_error error = {""};
    assert_status(open_product(gpu, AT_BF16, &product, &error), &error, AT_OK, "");
    ask("fail=cublasLtMatmul:14");
    assert_status(at_matmul_start(product, &error), &error, AT_ERR_DEVICE, "a matrix product: cuBLASLt: CUBLAS_STATUS_INTERNAL_ERROR");
    ask("");
    at_matmul_close(product);
    assert_null(at_matmul_close(NULL));
    at_gpu_close(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_exact),
        cmocka_unit_test(failures_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
