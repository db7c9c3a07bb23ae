/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/blas.h"

#include <dlfcn.h>
#include <string.h>

#define ENTRY(name) \
    { \
#name, offsetof(struct at_blas, name) \
    }

static const struct {
    const char *name;
    size_t at;
} entries[] = {
    ENTRY(cublasLtGetVersion),
    ENTRY(cublasLtGetStatusString),
    ENTRY(cublasLtCreate),
    ENTRY(cublasLtDestroy),
    ENTRY(cublasLtMatmulDescCreate),
    ENTRY(cublasLtMatmulDescSetAttribute),
    ENTRY(cublasLtMatmulDescDestroy),
    ENTRY(cublasLtMatrixLayoutCreate),
    ENTRY(cublasLtMatrixLayoutDestroy),
    ENTRY(cublasLtMatmulPreferenceCreate),
    ENTRY(cublasLtMatmulPreferenceSetAttribute),
    ENTRY(cublasLtMatmulPreferenceDestroy),
    ENTRY(cublasLtMatmulAlgoGetHeuristic),
    ENTRY(cublasLtMatmul),
};

static const char *const library_names[] = {"libcublasLt.so.13", "libcublasLt.so.12"};

enum { ENTRIES = sizeof entries / sizeof entries[0], LIBRARIES = sizeof library_names / sizeof library_names[0] };

enum at_status at_blas_fail(const struct at_blas *blas, int result, const char *what, struct at_error *error)
{
    const char *name = blas->cublasLtGetStatusString(result);
    if (!name || !*name)
        return at_fail(error, AT_ERR_DEVICE, "%s: cuBLASLt: error %d", what, result);
    return at_fail(error, AT_ERR_DEVICE, "%s: cuBLASLt: %s", what, name);
}

static enum at_status find_library(void **ret_library, const char **ret_name, struct at_error *error)
{
    char reason[512] = "";
    for (int i = 0; i < LIBRARIES; i++) {
        void *library = dlopen(library_names[i], RTLD_NOW | RTLD_LOCAL);
        if (library) {
            *ret_library = library;
            *ret_name = library_names[i];
            return AT_OK;
        }
        const char *why = dlerror();
        if (!*reason && why)
            strncat(reason, why, sizeof reason - 1);
    }
    return at_fail(error, AT_ERR_NOT_FOUND,
                   "no cuBLASLt: %s, nor %s; install libcublas of CUDA 12 or 13, or name its folder in LD_LIBRARY_PATH", reason,
                   library_names[LIBRARIES - 1]);
}

enum at_status at_blas_load(const struct at_blas **ret_blas, struct at_error *error)
{
    static struct at_blas blas;
    static void *library;
    if (!library) {
        void *opened;
        const char *name;
        enum at_status status = find_library(&opened, &name, error);
        if (status)
            return status;
        for (size_t i = 0; i < ENTRIES; i++) {
            void *entry = dlsym(opened, entries[i].name);
            if (!entry) {
                dlclose(opened);
                return at_fail(error, AT_ERR_UNSUPPORTED, "cuBLASLt is too old: %s has no %s; install that of CUDA 12 or 13", name,
                               entries[i].name);
            }
            memcpy((char *)&blas + entries[i].at, &entry, sizeof entry);
        }
        library = opened;
    }
    *ret_blas = &blas;
    return AT_OK;
}
