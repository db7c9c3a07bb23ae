/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "product.h"

#include "core/random.h"
#include "kernels/common/blas.h"
#include "kernels/common/repeat.h"

#include <stdlib.h>

enum { WORKSPACE_BYTES = 64 << 20, DRAWN = 1 << 20 /* numbers that are repeated */ };

struct product {
    struct at_gpu *gpu;
    const struct at_blas *blas;
    void *handle, *description, *layout;
    struct at_blas_choice choice;
    uint64_t a, b, c, workspace;
};

static void *pointer(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

static enum at_status start(void *context, struct at_error *error)
{
    const double one = 1, zero = 0;
    struct product *p = context;
    int result =
        p->blas->cublasLtMatmul(p->handle, p->description, &one, pointer(p->a), p->layout, pointer(p->b), p->layout, &zero, pointer(p->c),
                                p->layout, pointer(p->c), p->layout, p->choice.algorithm, pointer(p->workspace), WORKSPACE_BYTES, NULL);
    return result == AT_BLAS_OK ? AT_OK : at_blas_fail(p->blas, result, "a matrix product", error);
}

static enum at_status describe(struct product *p, int64_t n, struct at_error *error)
{
    const struct at_blas *blas = p->blas;
    const int32_t transposed = AT_BLAS_TRANSPOSED;
    const uint64_t bytes = WORKSPACE_BYTES, size = (uint64_t)n;
    void *preference = NULL;
    int found = 0, result = blas->cublasLtCreate(&p->handle);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatmulDescCreate(&p->description, AT_BLAS_COMPUTE_FP64, AT_BLAS_FP64);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatmulDescSetAttribute(p->description, AT_BLAS_TRANSPOSE_A, &transposed, sizeof transposed);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatrixLayoutCreate(&p->layout, AT_BLAS_FP64, size, size, n);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatmulPreferenceCreate(&preference);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatmulPreferenceSetAttribute(preference, AT_BLAS_MOST_WORKSPACE_BYTES, &bytes, sizeof bytes);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatmulAlgoGetHeuristic(p->handle, p->description, p->layout, p->layout, p->layout, p->layout, preference, 1,
                                                      &p->choice, &found);
    if (result == AT_BLAS_OK)
        result = found == 0 ? AT_BLAS_NOT_SUPPORTED : p->choice.state;
    if (preference)
        blas->cublasLtMatmulPreferenceDestroy(preference);
    return result == AT_BLAS_OK ? AT_OK : at_blas_fail(blas, result, "a matrix product", error);
}

static enum at_status fill(struct at_gpu *gpu, uint64_t stream, uint64_t address, size_t total, struct at_error *error)
{
    struct at_random key = {1, stream};
    size_t bytes = DRAWN * sizeof(double) < total ? DRAWN * sizeof(double) : total;
    double *x = malloc(bytes);
    if (!x)
        return at_fail(error, AT_ERR_MEMORY, "matrix product: out of memory");
    for (size_t i = 0; i < bytes / sizeof *x; i++)
        x[i] = at_random_normal(key, i);
    enum at_status status = at_gpu_copy_in(gpu, address, x, bytes, error);
    free(x);
    return status ? status : at_gpu_repeat(gpu, address, bytes, total, error);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum at_status product_new(struct at_gpu *gpu, int64_t n, struct product **ret_product, struct at_error *error)
{
    struct product *p = calloc(1, sizeof *p);
    size_t bytes = (size_t)(n * n) * sizeof(double);
    if (!p)
        return at_fail(error, AT_ERR_MEMORY, "matrix product: out of memory");
    p->gpu = gpu;
    enum at_status status = at_blas_load(&p->blas, error);
    if (!status)
        status = describe(p, n, error);
    if (!status)
        status = at_gpu_alloc(gpu, bytes, &p->a, error);
    if (!status)
        status = at_gpu_alloc(gpu, bytes, &p->b, error);
    if (!status)
        status = at_gpu_alloc(gpu, bytes, &p->c, error);
    if (!status)
        status = at_gpu_alloc(gpu, WORKSPACE_BYTES, &p->workspace, error);
    if (!status)
        status = fill(gpu, 1, p->a, bytes, error);
    if (!status)
        status = fill(gpu, 2, p->b, bytes, error);
    if (!status)
        status = start(p, error); /* the first is slower */
    if (status)
        product_free(p);
    else
        *ret_product = p;
    return status;
}

void product_free(struct product *p)
{
    if (!p)
        return;
    const uint64_t addresses[] = {p->a, p->b, p->c, p->workspace};
    for (int i = 0; i < 4; i++)
        at_gpu_free(p->gpu, addresses[i]);
    if (p->layout)
        p->blas->cublasLtMatrixLayoutDestroy(p->layout);
    if (p->description)
        p->blas->cublasLtMatmulDescDestroy(p->description);
    if (p->handle)
        p->blas->cublasLtDestroy(p->handle);
    free(p);
}

enum at_status product_time(struct product *p, int repeats, double *ret_ms, struct at_error *error)
{
    enum at_status status = at_gpu_time(p->gpu, start, p, repeats, ret_ms, error);
    for (int i = 0; i < repeats && !status; i++)
        ret_ms[i] *= 1e-6;
    if (!status)
        qsort(ret_ms, (size_t)repeats, sizeof *ret_ms, ascending);
    return status;
}
