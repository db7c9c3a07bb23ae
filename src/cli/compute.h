/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_COMPUTE_H
#define AT_CLI_COMPUTE_H

#include "cli/options.h"
#include "kernels/twin/attention.h"

#include <signal.h>

/* What the verbs that run the twin share. */
#define AT_OPTION_SIMD \
    { \
        .name = "simd", .value = "PATH", .help = "auto, scalar, avx2 or avx512: speed, never a bit (default auto)" \
    }
#define AT_OPTION_THREADS \
    { \
        .name = "threads", .value = "N", .help = "default: one for each core" \
    }

struct at_compute {
    enum at_simd simd;
    int64_t threads; /* 0: as many as OpenMP takes */
};

/* --simd and --threads; refuses a path that this machine does not have. */
enum at_status at_compute_read(const struct at_arguments *arguments, struct at_compute *ret_compute, struct at_error *error);

/*
 * Sets the number of threads; SIGINT and SIGTERM now set what is returned. The first signal asks for an end between two facts, a second
 * one of its kind ends the program at once.
 */
volatile sig_atomic_t *at_compute_start(const struct at_compute *compute);

#endif
