/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_BENCH_REQUEST_H
#define AT_CLI_BENCH_REQUEST_H

#include "cli/compute.h"
#include "study/bench.h"

/* What the command line of attest bench asks for; owns what `request` points to. */
struct at_bench_command {
    struct at_bench_request request;
    struct at_compute compute;
    struct at_study study; /* of its variants alone */
    struct at_problem *problems;
    bool named; /* variants were named; else all that a kernel computes are meant */
};

/* Refuses what is not understood. Free with at_bench_command_done, whatever it returns. */
enum at_status at_bench_command_read(const struct at_arguments *arguments, struct at_bench_command *ret_command, struct at_error *error);
void at_bench_command_done(struct at_bench_command *command);

#endif
