/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * A stand-in for libcublasLt.so.13: the entries of kernels/common/blas.h on the CPU, for addresses that the stand-in for the driver gave.
 * It is strict: descriptors live between their creation and destruction, A is transposed, C and D are one matrix of bf16, pointers are
 * aligned to 16 bytes. What goes wrong is asked for as of the driver (fake_driver.h), of no GPU in particular: fail=ENTRY:RESULT,
 * nth=N; and
 *
 *   algorithms=N    how many the heuristic finds      (1)
 */
#include "fake_faults.h"
#include "kernels/common/blas.h"

#include "core/format.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY(name) __typeof__(*((struct at_blas *)0)->name) name
ENTRY(cublasLtGetVersion);
ENTRY(cublasLtGetStatusString);
ENTRY(cublasLtCreate);
ENTRY(cublasLtDestroy);
ENTRY(cublasLtMatmulDescCreate);
ENTRY(cublasLtMatmulDescSetAttribute);
ENTRY(cublasLtMatmulDescDestroy);
ENTRY(cublasLtMatrixLayoutCreate);
ENTRY(cublasLtMatrixLayoutDestroy);
ENTRY(cublasLtMatmulPreferenceCreate);
ENTRY(cublasLtMatmulPreferenceSetAttribute);
ENTRY(cublasLtMatmulPreferenceDestroy);
ENTRY(cublasLtMatmulAlgoGetHeuristic);
ENTRY(cublasLtMatmul);
int fake_blas_live(void);

enum { NOT_INITIALIZED = 1, INVALID_VALUE = 7, MOST_COMPUTED = 256 };
enum kind { HANDLE = 1, DESCRIPTION, LAYOUT, PREFERENCE };

/* Any of the four. */
struct thing {
    enum kind kind;
    bool transposed, fast;
    int type;
    uint64_t rows, columns;
    int64_t leading;
    uint64_t workspace_bytes;
};

static const uint64_t algorithm[8] = {0x61, 0x74, 1, 2, 3, 4, 5, 6};
static long calls[32];
static int live;

#define ENTER() \
    do { \
        int refused = fake_strike(__func__, calls[__COUNTER__]++, -1); \
        if (refused) \
            return refused; \
    } while (0)

/* For dlsym: handles, descriptions, layouts and preferences that live. */
int fake_blas_live(void)
{
    return live;
}

static int make(enum kind kind, void **ret_thing)
{
    struct thing *made = calloc(1, sizeof *made);
    if (!made)
        return INVALID_VALUE;
    made->kind = kind;
    live++;
    *ret_thing = made;
    return AT_BLAS_OK;
}

static bool is(const void *thing, enum kind kind)
{
    return thing && ((const struct thing *)thing)->kind == kind;
}

static int destroy(void *thing, enum kind kind)
{
    if (!is(thing, kind))
        return INVALID_VALUE;
    free(thing);
    live--;
    return AT_BLAS_OK;
}

size_t cublasLtGetVersion(void)
{
    return 130100;
}

const char *cublasLtGetStatusString(int result)
{
    return result == NOT_INITIALIZED         ? "CUBLAS_STATUS_NOT_INITIALIZED"
           : result == INVALID_VALUE         ? "CUBLAS_STATUS_INVALID_VALUE"
           : result == AT_BLAS_NOT_SUPPORTED ? "CUBLAS_STATUS_NOT_SUPPORTED"
           : result == 14                    ? "CUBLAS_STATUS_INTERNAL_ERROR"
                                             : "";
}

int cublasLtCreate(void **handle)
{
    ENTER();
    return make(HANDLE, handle);
}

int cublasLtDestroy(void *handle)
{
    ENTER();
    return destroy(handle, HANDLE);
}

int cublasLtMatmulDescCreate(void **description, int compute_type, int scale_type)
{
    ENTER();
    return compute_type == AT_BLAS_COMPUTE_FP32 && scale_type == AT_BLAS_FP32 ? make(DESCRIPTION, description) : AT_BLAS_NOT_SUPPORTED;
}

int cublasLtMatmulDescSetAttribute(void *description, int attribute, const void *value, size_t size)
{
    ENTER();
    struct thing *d = description;
    if (is(d, DESCRIPTION) && attribute == AT_BLAS_TRANSPOSE_A && size == sizeof(int32_t))
        d->transposed = *(const int32_t *)value == AT_BLAS_TRANSPOSED;
    else if (is(d, DESCRIPTION) && attribute == AT_BLAS_FAST_ACCUMULATION && size == sizeof(int8_t))
        d->fast = *(const int8_t *)value == 1;
    else
        return INVALID_VALUE;
    return AT_BLAS_OK;
}

int cublasLtMatmulDescDestroy(void *description)
{
    ENTER();
    return destroy(description, DESCRIPTION);
}

int cublasLtMatrixLayoutCreate(void **layout, int type, uint64_t rows, uint64_t columns, int64_t leading)
{
    ENTER();
    int result = rows && columns && leading >= (int64_t)rows ? make(LAYOUT, layout) : INVALID_VALUE;
    if (result == AT_BLAS_OK)
        *(struct thing *)*layout = (struct thing){.kind = LAYOUT, .type = type, .rows = rows, .columns = columns, .leading = leading};
    return result;
}

int cublasLtMatrixLayoutDestroy(void *layout)
{
    ENTER();
    return destroy(layout, LAYOUT);
}

int cublasLtMatmulPreferenceCreate(void **preference)
{
    ENTER();
    return make(PREFERENCE, preference);
}

int cublasLtMatmulPreferenceSetAttribute(void *preference, int attribute, const void *value, size_t size)
{
    ENTER();
    struct thing *p = preference;
    if (!is(p, PREFERENCE) || attribute != AT_BLAS_MOST_WORKSPACE_BYTES || size != sizeof p->workspace_bytes)
        return INVALID_VALUE;
    p->workspace_bytes = *(const uint64_t *)value;
    return AT_BLAS_OK;
}

int cublasLtMatmulPreferenceDestroy(void *preference)
{
    ENTER();
    return destroy(preference, PREFERENCE);
}

/* 8-bit products are of A transposed alone, as on Hopper. */
static bool can(const struct thing *d, const struct thing *a, const struct thing *b, const struct thing *c)
{
    return is(d, DESCRIPTION) && is(a, LAYOUT) && is(b, LAYOUT) && is(c, LAYOUT) && d->transposed && a->rows == b->rows &&
           a->columns == c->rows && b->columns == c->columns && a->type == b->type && c->type == AT_BLAS_BF16 &&
           (a->type == AT_BLAS_BF16 || (a->type == AT_BLAS_E4M3 && d->fast));
}

#ifndef AT_FAKE_BLAS_OLD
int cublasLtMatmulAlgoGetHeuristic(void *handle, void *description, void *a, void *b, void *c, void *d, void *preference, int wanted,
                                   struct at_blas_choice *choices, int *found)
{
    ENTER();
    if (!is(handle, HANDLE) || !is(preference, PREFERENCE) || wanted < 1 || c != d)
        return INVALID_VALUE;
    *found = can(description, a, b, c) ? (int)fake_asked_number("algorithms", 1) : 0;
    *found = *found < wanted ? *found : wanted;
    for (int i = 0; i < *found; i++) {
        choices[i] = (struct at_blas_choice){.workspace_bytes = 1 << 20, .state = AT_BLAS_OK, .waves = 1};
        memcpy(choices[i].algorithm, algorithm, sizeof algorithm);
    }
    return AT_BLAS_OK;
}
#endif

/* Column by column; of large matrices the first column alone, which takes long enough. */
static void multiply(const struct thing *in, const void *a, const void *b, void *d)
{
    enum at_format format = in->type == AT_BLAS_BF16 ? AT_BF16 : AT_E4M3;
    size_t k = in->rows, n = in->columns, size = at_format_size(format), columns = n <= MOST_COMPUTED ? n : 1;
    float *left = calloc(k, sizeof *left), *right = calloc(k, sizeof *right);
    for (size_t j = 0; left && right && j < columns; j++) {
        at_decode_array(format, (const char *)b + j * k * size, k, right);
        for (size_t i = 0; i < n; i++) {
            float sum = 0;
            at_decode_array(format, (const char *)a + i * k * size, k, left);
            for (size_t x = 0; x < k; x++)
                sum += left[x] * right[x];
            ((uint16_t *)d)[i + j * n] = (uint16_t)at_encode(AT_BF16, sum, AT_OVERFLOW_IEEE);
        }
    }
    free(left);
    free(right);
}

int cublasLtMatmul(void *handle, void *description, const void *alpha, const void *a, void *a_layout, const void *b, void *b_layout,
                   const void *beta, const void *c, void *c_layout, void *d, void *d_layout, const uint64_t *chosen, void *workspace,
                   size_t workspace_bytes, void *stream)
{
    ENTER();
    const void *const pointers[] = {a, b, c, d, workspace};
    if (!is(handle, HANDLE) || !can(description, a_layout, b_layout, c_layout) || c_layout != d_layout || c != d || stream ||
        *(const float *)alpha != 1 || *(const float *)beta != 0 || memcmp(chosen, algorithm, sizeof algorithm) != 0 ||
        workspace_bytes < 1 << 20)
        return INVALID_VALUE;
    for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++)
        if (!pointers[i] || (uintptr_t)pointers[i] % 16)
            return INVALID_VALUE;
    multiply(a_layout, a, b, d);
    return AT_BLAS_OK;
}
