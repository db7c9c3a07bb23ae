/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_MACHINE_H
#define AT_STUDY_MACHINE_H

#include "core/hash.h"
#include "kernels/common/gpu.h"
#include "study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Stores which program computes: SHA-256 of the running executable, version, revision, compiler and libraries. */
enum at_status at_machine_put_build(struct at_store *store, int64_t *ret_id, struct at_error *error);

/* Stores on what it computes: the processor's model name; cores, memory and the SIMD path as details. */
enum at_status at_machine_put_device(struct at_store *store, enum at_simd simd, int64_t *ret_id, struct at_error *error);

/* Stores a GPU: its name; driver, compute capability, multiprocessors and memory as details. */
enum at_status at_machine_put_gpu(struct at_store *store, const struct at_gpu_facts *gpu, int64_t *ret_id, struct at_error *error);

/* The processor's model name, cores and memory. */
struct at_processor_facts {
    char name[256];
    int64_t cores, memory_bytes;
};

struct at_processor_facts at_machine_processor(void);

/* SHA-256 of the running executable, which tells builds apart. */
enum at_status at_machine_executable(struct at_sha256 *ret_sha256, struct at_error *error);

/* Bytes of memory that can still be had, by the kernel's and the control group's account; infinity when neither says. */
double at_machine_free_memory(void);

/*
 * Bytes that the control group of `folder` ("/sys/fs/cgroup") still grants: its limit less what it holds, where file pages that the kernel
 * gives up for the asking do not count as held. Infinity without a limit.
 */
double at_machine_group_memory(const char *folder);

/* Nanoseconds of a clock that only goes forward. */
int64_t at_machine_time_ns(void);

#ifdef __cplusplus
}
#endif

#endif
