/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * fa3_run CASES OUTPUTS: runs FlashAttention-3's forward kernels on the cases that write.c wrote and appends O and the log-sum-exp of each
 * to OUTPUTS. Compiled against a checkout of Dao-AILab/flash-attention by tools/fa3/build, which also compiles the kernels. Parameters are
 * set as hopper/flash_api.cpp sets them: one split, query groups not packed, a single query without a mask.
 */
#include "flash.h"

#include <cuda_runtime.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#define DECLARE(type, dim) \
    void fa3_##type##_##dim##_0(Flash_fwd_params &, cudaStream_t); \
    void fa3_##type##_##dim##_1(Flash_fwd_params &, cudaStream_t);
DECLARE(e4m3, 64)
DECLARE(e4m3, 128)
DECLARE(e4m3, 256)
DECLARE(fp16, 64)
DECLARE(fp16, 128)
DECLARE(fp16, 256)
DECLARE(bf16, 64)
DECLARE(bf16, 128)
DECLARE(bf16, 256)

/* Only kernels of fixed lengths are compiled, none of which calls it. */
void prepare_varlen_num_blocks(Flash_fwd_params &, cudaStream_t, bool, int, int, bool)
{
    abort();
}

static void check(cudaError_t error, const char *what)
{
    if (error != cudaSuccess) {
        fprintf(stderr, "fa3_run: %s: %s\n", what, cudaGetErrorString(error));
        exit(2);
    }
}

static void *on_gpu(const void *bytes, size_t size)
{
    void *address;
    check(cudaMalloc(&address, size + 16), "memory");
    check(cudaMemcpy(address, bytes, size, cudaMemcpyHostToDevice), "copy");
    return address;
}

enum { E4M3 = 0, FP16 = 2, BF16 = 3 };

struct header {
    int format, batch, heads_q, heads_kv, seq_q, seq_k, dim, causal, index, unused;
};

static void launch(const header &h, Flash_fwd_params &params)
{
#define RUN(code, type, size) \
    if (h.format == code && h.dim == size) \
        return params.is_causal ? fa3_##type##_##size##_1(params, 0) : fa3_##type##_##size##_0(params, 0);
#define RUN_SIZES(code, type) RUN(code, type, 64) RUN(code, type, 128) RUN(code, type, 256)
    RUN_SIZES(E4M3, e4m3)
    RUN_SIZES(FP16, fp16)
    RUN_SIZES(BF16, bf16)
    fprintf(stderr, "fa3_run: no kernel for format %d, d = %d\n", h.format, h.dim);
    exit(2);
}

static Flash_fwd_params params_of(const header &h, int multiprocessors)
{
    auto up = [](int x) { return (x + 127) / 128 * 128; };
    Flash_fwd_params p = {};
    p.is_bf16 = h.format == BF16;
    p.is_e4m3 = h.format == E4M3;
    p.q_head_stride = p.k_head_stride = p.v_head_stride = p.o_head_stride = h.dim;
    p.q_row_stride = p.o_row_stride = (int64_t)h.heads_q * h.dim;
    p.k_row_stride = p.v_row_stride = (int64_t)h.heads_kv * h.dim;
    p.q_batch_stride = p.o_batch_stride = p.q_row_stride * h.seq_q;
    p.k_batch_stride = p.v_batch_stride = p.k_row_stride * h.seq_k;
    p.v_dim_stride = 1;
    p.b = p.b_k = h.batch;
    p.h = h.heads_q;
    p.h_k = h.heads_kv;
    p.seqlen_q = h.seq_q;
    p.seqlen_k = h.seq_k;
    p.seqlen_q_rounded = up(h.seq_q);
    p.seqlen_k_rounded = up(h.seq_k);
    p.d = p.d_rounded = p.dv = p.dv_rounded = h.dim;
    p.total_q = h.batch * h.seq_q;
    p.total_k = h.batch * h.seq_k;
    p.scale_softmax = (float)(1 / sqrt((double)h.dim));
    p.p_dropout = p.rp_dropout = 1;
    p.p_dropout_in_uint8_t = 255;
    p.is_causal = h.causal && h.seq_q > 1;
    p.window_size_left = h.seq_k - 1;
    p.window_size_right = p.is_causal ? 0 : h.seq_q - 1;
    p.num_splits = 1;
    p.arch = 90;
    p.num_sm = multiprocessors;
    return p;
}

static std::vector<char> read(FILE *file, size_t size)
{
    std::vector<char> bytes(size);
    if (fread(bytes.data(), 1, size, file) != size) {
        fprintf(stderr, "fa3_run: the file with the cases is truncated\n");
        exit(2);
    }
    return bytes;
}

static void run(const header &h, FILE *cases, FILE *outputs, int multiprocessors)
{
    size_t size = h.format == E4M3 ? 1 : 2, count_q = (size_t)h.batch * h.seq_q * h.heads_q * h.dim;
    size_t count_k = (size_t)h.batch * h.seq_k * h.heads_kv * h.dim, lses = (size_t)h.batch * h.heads_q * h.seq_q;
    size_t sizes[] = {count_q * size, count_k * size, count_k * size, 4ull * h.batch * h.heads_kv, 4ull * h.batch * h.heads_kv,
                      4ull * h.batch * h.heads_kv};
    void *in[6];
    for (int i = 0; i < 6; i++)
        in[i] = on_gpu(read(cases, sizes[i]).data(), sizes[i]);
    std::vector<char> o(count_q * 2, (char)0xa5), lse(lses * 4, (char)0xa5); /* what is not written shows */
    int zeros[4] = {};
    Flash_fwd_params p = params_of(h, multiprocessors);
    p.q_ptr = in[0];
    p.k_ptr = in[1];
    p.v_ptr = in[2];
    if (h.format == E4M3) {
        p.q_descale_ptr = (float *)in[3];
        p.k_descale_ptr = (float *)in[4];
        p.v_descale_ptr = (float *)in[5];
        p.q_descale_batch_stride = p.k_descale_batch_stride = p.v_descale_batch_stride = h.heads_kv;
        p.q_descale_head_stride = p.k_descale_head_stride = p.v_descale_head_stride = 1;
    }
    p.o_ptr = on_gpu(o.data(), o.size());
    p.softmax_lse_ptr = on_gpu(lse.data(), lse.size());
    p.tile_count_semaphore = (int *)on_gpu(zeros, sizeof zeros);
    launch(h, p);
    check(cudaGetLastError(), "launch");
    check(cudaDeviceSynchronize(), "kernel");
    check(cudaMemcpy(o.data(), p.o_ptr, o.size(), cudaMemcpyDeviceToHost), "copy");
    check(cudaMemcpy(lse.data(), p.softmax_lse_ptr, lse.size(), cudaMemcpyDeviceToHost), "copy");
    if (fwrite(o.data(), 1, o.size(), outputs) != o.size() || fwrite(lse.data(), 1, lse.size(), outputs) != lse.size()) {
        perror("fa3_run");
        exit(2);
    }
    for (void *address : {in[0], in[1], in[2], in[3], in[4], in[5], p.o_ptr, p.softmax_lse_ptr, (void *)p.tile_count_semaphore})
        check(cudaFree(address), "free");
}

int main(int argc, char **argv)
{
    FILE *cases = argc == 3 ? fopen(argv[1], "rb") : NULL, *outputs = cases ? fopen(argv[2], "wb") : NULL;
    cudaDeviceProp device;
    header h;
    int count = 0;
    if (!outputs) {
        fprintf(stderr, "usage: fa3_run CASES OUTPUTS, the first readable, the second writable\n");
        return 2;
    }
    check(cudaGetDeviceProperties(&device, 0), "GPU");
    for (; fread(&h, sizeof h, 1, cases) == 1; count++)
        run(h, cases, outputs, device.multiProcessorCount);
    if (fclose(outputs)) {
        perror("fa3_run");
        return 2;
    }
    printf("%d cases run on %s\n", count, device.name);
    return count == 0;
}
