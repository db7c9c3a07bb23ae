/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/compute.h"

#include "core/name.h"

#include <omp.h>
#include <string.h>

static volatile sig_atomic_t stop_wanted;

static void want_stop(int signal_number)
{
    (void)signal_number;
    stop_wanted = 1;
}

static enum at_status read_simd(const struct at_arguments *a, enum at_simd *ret_simd, struct at_error *error)
{
    const char *text = at_argument(a, "simd", 0);
    int simd = AT_SIMD_AUTO;
    while (text && simd < AT_SIMD_COUNT && strcmp(at_simd_names[simd], text) != 0)
        simd++;
    if (simd == AT_SIMD_COUNT) {
        const char *nearest = at_name_nearest(text, at_simd_names, AT_SIMD_COUNT);
        return at_fail(error, AT_ERR_ARGUMENT, "option '--simd': '%s' is none of auto, scalar, avx2, avx512%s%s%s", text,
                       nearest ? "; the nearest is '" : "", nearest ? nearest : "", nearest ? "'" : "");
    }
    if (!at_simd_available((enum at_simd)simd))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--simd': this machine has no %s; its best is %s", at_simd_names[simd],
                       at_simd_names[at_simd_best()]);
    *ret_simd = (enum at_simd)simd;
    return AT_OK;
}

enum at_status at_compute_read(const struct at_arguments *arguments, struct at_compute *ret_compute, struct at_error *error)
{
    struct at_compute made;
    enum at_status status = read_simd(arguments, &made.simd, error);
    if (!status)
        status = at_argument_integer(arguments, "threads", 1, 4096, 0, &made.threads, error);
    if (!status)
        *ret_compute = made;
    return status;
}

volatile sig_atomic_t *at_compute_start(const struct at_compute *compute)
{
    struct sigaction action = {.sa_handler = want_stop, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (compute->threads)
        omp_set_num_threads((int)compute->threads);
    return &stop_wanted;
}
