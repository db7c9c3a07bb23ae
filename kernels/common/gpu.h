/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_COMMON_GPU_H
#define AT_KERNELS_COMMON_GPU_H

#include "core/status.h"
#include "core/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The CUDA driver behind one header (CUDA Driver API). It is loaded when first asked for, so that one binary runs with and without a GPU.
 * A driver may hang or take the process down: call these inside a guarded child (core/guard.h).
 */

/* What a GPU is. */
struct at_gpu_facts {
    int index, count;                             /* of how many */
    char name[128];                               /* "NVIDIA H200" */
    int major, minor;                             /* compute capability */
    int driver_cuda;                              /* newest CUDA version that the driver supports: 13000 is 13.0 */
    char driver[64];                              /* "580.159.03"; "" when the system does not say */
    int64_t memory_bytes, l2_bytes, shared_bytes; /* shared memory of one block, at most */
    int multiprocessors, clock_khz, memory_clock_khz, memory_bus_bits;
    bool ecc, exclusive; /* exclusive: one process at a time may use it (nvidia-smi -c EXCLUSIVE_PROCESS) */
};

/* AT_ERR_NOT_FOUND: no driver, or no such GPU; AT_ERR_DEVICE: the driver refuses to start. */
enum at_status at_gpu_find(int index, struct at_gpu_facts *ret_facts, struct at_error *error);

/* "Hopper", or "unknown generation". */
const char *at_gpu_generation(const struct at_gpu_facts *facts);

/* Whether attest's kernels run there: wgmma and TMA of compute capability 9.0. AT_ERR_UNSUPPORTED says why not. */
enum at_status at_gpu_check_hopper(const struct at_gpu_facts *facts, struct at_error *error);

/* Kernels compiled for the GPU. */
struct at_gpu_image {
    const void *bytes;
    size_t size;      /* 0: built without nvcc */
    int cuda_version; /* of nvcc: 13000 */
};

/* One GPU with images loaded; for the thread that opened it, which has no other open meanwhile. */
struct at_gpu;

/* AT_ERR_UNSUPPORTED: the GPU is not Hopper, the image is empty, or the driver is older than the image. Close with at_gpu_close. */
enum at_status at_gpu_open(int index, const struct at_gpu_image *image, struct at_gpu **ret_gpu, struct at_error *error);
struct at_gpu *at_gpu_close(struct at_gpu *gpu); /* NULL is fine; returns NULL */
/* Loads another image beside those there, once: kernels are found by name in all of them. AT_ERR_UNSUPPORTED as at_gpu_open. */
enum at_status at_gpu_load(struct at_gpu *gpu, const struct at_gpu_image *image, struct at_error *error);

const struct at_gpu_facts *at_gpu_facts(const struct at_gpu *gpu);

/* Addresses in the GPU's memory; 0 is none. AT_ERR_MEMORY names the bytes. */
enum at_status at_gpu_alloc(struct at_gpu *gpu, size_t bytes, uint64_t *ret_address, struct at_error *error);
void at_gpu_free(struct at_gpu *gpu, uint64_t address);

/* Memory of the host that the GPU copies from and to at full speed. */
enum at_status at_gpu_host_alloc(struct at_gpu *gpu, size_t bytes, void **ret_memory, struct at_error *error);
void at_gpu_host_free(struct at_gpu *gpu, void *memory);

enum at_status at_gpu_copy_in(struct at_gpu *gpu, uint64_t to, const void *from, size_t bytes, struct at_error *error);
enum at_status at_gpu_copy_out(struct at_gpu *gpu, void *to, uint64_t from, size_t bytes, struct at_error *error);

/* Within the GPU's memory; enqueued, so that at_gpu_wait or a copy out comes after. */
enum at_status at_gpu_copy(struct at_gpu *gpu, uint64_t to, uint64_t from, size_t bytes, struct at_error *error);
enum at_status at_gpu_fill(struct at_gpu *gpu, uint64_t address, unsigned char byte, size_t bytes, struct at_error *error);

/* A kernel's start: `kernel` is a name of a loaded image, `arguments` point to its parameters. */
struct at_gpu_launch {
    const struct at_gpu_image *image; /* that holds it; NULL: whichever does */
    const char *kernel;
    unsigned blocks, threads;
    size_t shared_bytes; /* dynamic shared memory of a block */
    void **arguments;
};

/* Enqueues the kernel after what was enqueued before; what fails inside it is told by at_gpu_wait. */
enum at_status at_gpu_start(struct at_gpu *gpu, const struct at_gpu_launch *launch, struct at_error *error);

/* Waits for the end of all that was enqueued. */
enum at_status at_gpu_wait(struct at_gpu *gpu, struct at_error *error);

/* at_gpu_start, then at_gpu_wait; and without dynamic shared memory. */
enum at_status at_gpu_launch(struct at_gpu *gpu, const struct at_gpu_launch *launch, struct at_error *error);
enum at_status at_gpu_run(struct at_gpu *gpu, const char *kernel, unsigned blocks, unsigned threads, void **arguments,
                          struct at_error *error);

/*
 * Times what `enqueue` enqueues, by the GPU's own clock (events): ret_time_ns[repeats], one call of `enqueue` each, nothing else
 * meanwhile. A kernel's first calls are slower; what the host needs to start a call's first kernel, some microseconds, is in the time.
 */
typedef enum at_status at_gpu_enqueue(void *context, struct at_error *error);
enum at_status at_gpu_time(struct at_gpu *gpu, at_gpu_enqueue *enqueue, void *context, int repeats, double *ret_time_ns,
                           struct at_error *error);

/* What the copy engine (TMA) needs to know of a tensor; a kernel takes it by value. */
struct at_gpu_map {
    unsigned char bytes[128] __attribute__((aligned(64)));
};

/*
 * Maps a [batch][head][row][column] tensor of 8- or 16-bit elements at `address` for boxes of `box_rows` rows of 128 bytes, swizzled by as
 * many; of 64 bytes where a whole row has 64; zeros beyond the last row and column. A row is a multiple of 16 bytes.
 */
enum at_status at_gpu_map_tensor(struct at_gpu *gpu, const struct at_tensor *tensor, uint64_t address, int box_rows,
                                 struct at_gpu_map *ret_map, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
