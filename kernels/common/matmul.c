/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/matmul.h"

#include "kernels/common/blas.h"
#include "kernels/common/repeat.h"

#include <assert.h>
#include <stdlib.h>

enum { WORKSPACE_BYTES = 32 << 20 };

struct at_matmul {
    struct at_gpu *gpu;
    const struct at_blas *blas;
    void *handle, *description, *input, *output; /* layouts of A and B, and of C */
    struct at_blas_choice choice;
    uint64_t a, b, c, workspace;
    size_t n;
};

static void *pointer(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

static enum at_status describe(struct at_matmul *m, enum at_format format, struct at_error *error)
{
    const struct at_blas *blas = m->blas;
    const int32_t transposed = AT_BLAS_TRANSPOSED;
    const int8_t fast = 1;
    int type = format == AT_BF16 ? AT_BLAS_BF16 : AT_BLAS_E4M3;
    int result = blas->cublasLtMatmulDescCreate(&m->description, AT_BLAS_COMPUTE_FP32, AT_BLAS_FP32);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatmulDescSetAttribute(m->description, AT_BLAS_TRANSPOSE_A, &transposed, sizeof transposed);
    if (result == AT_BLAS_OK && format == AT_E4M3)
        result = blas->cublasLtMatmulDescSetAttribute(m->description, AT_BLAS_FAST_ACCUMULATION, &fast, sizeof fast);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatrixLayoutCreate(&m->input, type, m->n, m->n, (int64_t)m->n);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatrixLayoutCreate(&m->output, AT_BLAS_BF16, m->n, m->n, (int64_t)m->n);
    return result == AT_BLAS_OK ? AT_OK : at_blas_fail(blas, result, "a matrix product cannot be described", error);
}

/* The algorithm that cuBLASLt holds for the fastest. */
static enum at_status choose(struct at_matmul *m, struct at_error *error)
{
    const struct at_blas *blas = m->blas;
    const uint64_t bytes = WORKSPACE_BYTES;
    void *preference = NULL;
    int found = 0, result = blas->cublasLtMatmulPreferenceCreate(&preference);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatmulPreferenceSetAttribute(preference, AT_BLAS_MOST_WORKSPACE_BYTES, &bytes, sizeof bytes);
    if (result == AT_BLAS_OK)
        result = blas->cublasLtMatmulAlgoGetHeuristic(m->handle, m->description, m->input, m->input, m->output, m->output, preference, 1,
                                                      &m->choice, &found);
    if (result == AT_BLAS_OK)
        result = found == 0 ? AT_BLAS_NOT_SUPPORTED : m->choice.state;
    if (preference)
        blas->cublasLtMatmulPreferenceDestroy(preference);
    return result == AT_BLAS_OK ? AT_OK : at_blas_fail(blas, result, "no algorithm for a matrix product", error);
}

static enum at_status fill(struct at_gpu *gpu, const void *codes, size_t bytes, size_t total, uint64_t *ret_address, struct at_error *error)
{
    size_t first = bytes < total ? bytes : total;
    enum at_status status = at_gpu_alloc(gpu, total, ret_address, error);
    if (!status)
        status = at_gpu_copy_in(gpu, *ret_address, codes, first, error);
    return status ? status : at_gpu_repeat(gpu, *ret_address, first, total, error);
}

enum at_status at_matmul_open(struct at_gpu *gpu, enum at_format format, int64_t n, const void *a, const void *b, size_t bytes,
                              struct at_matmul **ret_matmul, struct at_error *error)
{
    assert((format == AT_BF16 || format == AT_E4M3) && n > 0 && n % 16 == 0 && bytes > 0);
    struct at_matmul *m = calloc(1, sizeof *m);
    if (!m)
        return at_fail(error, AT_ERR_MEMORY, "matrix product: out of memory");
    m->gpu = gpu;
    m->n = (size_t)n;
    size_t elements = m->n * m->n, total = elements * at_format_size(format);
    enum at_status status = at_blas_load(&m->blas, error);
    int result = status ? AT_BLAS_OK : m->blas->cublasLtCreate(&m->handle);
    if (result != AT_BLAS_OK)
        status = at_blas_fail(m->blas, result, "matrix products cannot be begun", error);
    if (!status)
        status = describe(m, format, error);
    if (!status)
        status = choose(m, error);
    if (!status)
        status = fill(gpu, a, bytes, total, &m->a, error);
    if (!status)
        status = fill(gpu, b, bytes, total, &m->b, error);
    if (!status)
        status = at_gpu_alloc(gpu, elements * at_format_size(AT_BF16), &m->c, error);
    if (!status)
        status = at_gpu_alloc(gpu, WORKSPACE_BYTES, &m->workspace, error);
    if (status)
        at_matmul_close(m);
    else
        *ret_matmul = m;
    return status;
}

struct at_matmul *at_matmul_close(struct at_matmul *m)
{
    if (!m)
        return NULL;
    const uint64_t addresses[] = {m->a, m->b, m->c, m->workspace};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        at_gpu_free(m->gpu, addresses[i]);
    if (m->input)
        m->blas->cublasLtMatrixLayoutDestroy(m->input);
    if (m->output)
        m->blas->cublasLtMatrixLayoutDestroy(m->output);
    if (m->description)
        m->blas->cublasLtMatmulDescDestroy(m->description);
    if (m->handle)
        m->blas->cublasLtDestroy(m->handle);
    free(m);
    return NULL;
}

size_t at_matmul_version(const struct at_matmul *m)
{
    return m->blas->cublasLtGetVersion();
}

/* cuBLASLt's matrices are column by column: its transposed A is our A, its B our B^T, and its D holds C^T row by row. */
enum at_status at_matmul_start(struct at_matmul *m, struct at_error *error)
{
    const float one = 1, zero = 0;
    int result =
        m->blas->cublasLtMatmul(m->handle, m->description, &one, pointer(m->b), m->input, pointer(m->a), m->input, &zero, pointer(m->c),
                                m->output, pointer(m->c), m->output, m->choice.algorithm, pointer(m->workspace), WORKSPACE_BYTES, NULL);
    return result == AT_BLAS_OK ? AT_OK : at_blas_fail(m->blas, result, "a matrix product", error);
}

enum at_status at_matmul_row(struct at_matmul *m, int64_t i, void *ret_codes, struct at_error *error)
{
    size_t bytes = m->n * at_format_size(AT_BF16);
    assert(i >= 0 && (size_t)i < m->n);
    return at_gpu_copy_out(m->gpu, ret_codes, m->c + (uint64_t)i * bytes, bytes, error);
}
