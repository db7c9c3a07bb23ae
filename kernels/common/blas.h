/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_COMMON_BLAS_H
#define AT_KERNELS_COMMON_BLAS_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The functions of cuBLASLt that attest calls, with the types of its API spelled out (results, types and attributes are int, handles and
 * descriptors void *), so that nothing of it is needed to build or to run. Of all sources only matmul.c includes this.
 */

/* cublasLtMatmulHeuristicResult_t */
struct at_blas_choice {
    uint64_t algorithm[8]; /* cublasLtMatmulAlgo_t */
    size_t workspace_bytes;
    int state;
    float waves;
    int reserved[4];
};

struct at_blas {
    size_t (*cublasLtGetVersion)(void);
    const char *(*cublasLtGetStatusString)(int result);
    int (*cublasLtCreate)(void **handle);
    int (*cublasLtDestroy)(void *handle);
    int (*cublasLtMatmulDescCreate)(void **description, int compute_type, int scale_type);
    int (*cublasLtMatmulDescSetAttribute)(void *description, int attribute, const void *value, size_t size);
    int (*cublasLtMatmulDescDestroy)(void *description);
    int (*cublasLtMatrixLayoutCreate)(void **layout, int type, uint64_t rows, uint64_t columns, int64_t leading);
    int (*cublasLtMatrixLayoutDestroy)(void *layout);
    int (*cublasLtMatmulPreferenceCreate)(void **preference);
    int (*cublasLtMatmulPreferenceSetAttribute)(void *preference, int attribute, const void *value, size_t size);
    int (*cublasLtMatmulPreferenceDestroy)(void *preference);
    int (*cublasLtMatmulAlgoGetHeuristic)(void *handle, void *description, void *a, void *b, void *c, void *d, void *preference, int wanted,
                                          struct at_blas_choice *choices, int *found);
    int (*cublasLtMatmul)(void *handle, void *description, const void *alpha, const void *a, void *a_layout, const void *b, void *b_layout,
                          const void *beta, const void *c, void *c_layout, void *d, void *d_layout, const uint64_t *algorithm,
                          void *workspace, size_t workspace_bytes, void *stream);
};

/* cublasStatus_t, cublasOperation_t, cublasComputeType_t and cudaDataType_t. */
enum { AT_BLAS_OK = 0, AT_BLAS_NOT_SUPPORTED = 15 };
enum { AT_BLAS_TRANSPOSED = 1, AT_BLAS_COMPUTE_FP32 = 68, AT_BLAS_COMPUTE_FP64 = 70 };
enum { AT_BLAS_FP32 = 0, AT_BLAS_FP64 = 1, AT_BLAS_BF16 = 14, AT_BLAS_E4M3 = 28 };

/* cublasLtMatmulDescAttributes_t (int32_t; the last int8_t) and cublasLtMatmulPreferenceAttributes_t (uint64_t). */
enum { AT_BLAS_TRANSPOSE_A = 3, AT_BLAS_FAST_ACCUMULATION = 25 };
enum { AT_BLAS_MOST_WORKSPACE_BYTES = 1 };

/*
 * Loads libcublasLt.so.13, else .12, once; the table is static. AT_ERR_NOT_FOUND: it is not there; AT_ERR_UNSUPPORTED: it lacks a function.
 */
enum at_status at_blas_load(const struct at_blas **ret_blas, struct at_error *error);

/* AT_ERR_DEVICE: "<what>: cuBLASLt: CUBLAS_STATUS_NAME". */
enum at_status at_blas_fail(const struct at_blas *blas, int result, const char *what, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
