/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_COMPUTE_H
#define AT_CLI_COMPUTE_H

#include "cli/options.h"
#include "study/engine.h"

#include <signal.h>

/* What the verbs that run the twin, or kernels in its place, share. */
#define AT_OPTION_SIMD \
    { \
        .name = "simd", .value = "PATH", .help = "auto, scalar, avx2 or avx512: speed, never a bit (default auto)" \
    }
#define AT_OPTION_THREADS \
    { \
        .name = "threads", .value = "N", .help = "default: one for each core" \
    }

#define AT_OPTION_DEVICE \
    { \
        .name = "device", .value = "WHERE", \
        .help = "cpu: the twin; cuda: kernels on GPUs; auto: kernels where there are a GPU and one for it (default cpu)" \
    }
#define AT_OPTION_GPU \
    { \
        .name = "gpu", .value = "N,M", .help = "--device: only these GPUs, side by side (default: all that are Hopper)" \
    }
#define AT_OPTION_TIME_LIMIT \
    { \
        .name = "time-limit", .value = "SECONDS", .help = "--device: how long a GPU may be silent before it counts as hung (default 60)" \
    }

enum at_device { AT_DEVICE_CPU, AT_DEVICE_CUDA, AT_DEVICE_AUTO, AT_DEVICE_COUNT };

struct at_compute {
    enum at_simd simd;
    int64_t threads; /* 0: as many as OpenMP takes */
    enum at_device device;
    int gpus[AT_GPUS_MOST]; /* [gpu_count] by their numbers; none: all */
    size_t gpu_count;
    int64_t limit_s;
};

/*
 * --simd, --threads, --device, --gpu and --time-limit, of which a verb need not have all; refuses a path that this machine does not have,
 * and what belongs to GPUs without them.
 */
enum at_status at_compute_read(const struct at_arguments *arguments, struct at_compute *ret_compute, struct at_error *error);

/*
 * Sets the number of threads; SIGINT and SIGTERM now set what is returned. The first signal asks for an end between two facts, a second
 * one of its kind ends the program at once.
 */
volatile sig_atomic_t *at_compute_start(const struct at_compute *compute);

/*
 * What computes: with --device cuda the GPUs must be there; with auto a machine without them is told in a note, and the twin computes.
 * Close with at_compute_close.
 */
enum at_status at_compute_open(const struct at_compute *compute, const struct at_study_events *events, struct at_engine *ret_engine,
                               struct at_error *error);
void at_compute_close(struct at_engine *engine);

#endif
