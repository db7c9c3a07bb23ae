/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_SEARCH_REQUEST_H
#define AT_CLI_SEARCH_REQUEST_H

#include "cli/compute.h"
#include "study/search.h"

/* What the command line of attest search asks for; owns what `request` points to, once it is planned. */
struct at_search_command {
    struct at_search_request request;
    struct at_compute compute;
    struct at_study study; /* the variant on the member where the search begins */
    struct at_plan plan;   /* of it: problem and rows */
    const char *output;    /* X.safetensors */
    bool replace;
};

/* Refuses what is not understood. Free with at_search_command_done, whatever it returns. */
enum at_status at_search_command_read(const struct at_arguments *arguments, struct at_search_command *ret_command, struct at_error *error);

/* Fills the scorer, or refuses what could not be computed: a variant that contradicts the shape, more than `memory` bytes. */
enum at_status at_search_command_plan(struct at_search_command *command, double memory, struct at_error *error);
void at_search_command_done(struct at_search_command *command);

#endif
