/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_BENCH_CEILING_H
#define AT_STUDY_BENCH_CEILING_H

#include "kernels/common/matmul.h"
#include "study/bench.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the ceilings are measured with; on the GPU for as long as the measurement lasts. */
struct at_bench_ceilings {
    struct at_gpu *gpu;
    struct at_matmul *product[AT_CEILING_COPY]; /* NULL: there is no cuBLASLt */
    uint64_t from, to;
    size_t copy_bytes;
};

/*
 * Where matrix products cannot be had, `ret_no_product` says why and the ceilings go without them. Free with at_bench_ceilings_done,
 * whatever it returns.
 */
enum at_status at_bench_ceilings_init(struct at_gpu *gpu, const struct at_bench_request *request, struct at_bench_ceilings *ret_ceilings,
                                      size_t *ret_blas_version, struct at_error *ret_no_product, struct at_error *error);
void at_bench_ceilings_done(struct at_bench_ceilings *ceilings);

enum at_status at_bench_ceilings_time(struct at_bench_ceilings *ceilings, const struct at_bench_pace *pace,
                                      struct at_bench_round *ret_round, struct at_error *error);

/* Floating-point operations of one launch, 2 n^3; for the copy the bytes read plus those written. */
double at_bench_ceiling_work(const struct at_bench_request *request, enum at_ceiling ceiling);

#ifdef __cplusplus
}
#endif

#endif
