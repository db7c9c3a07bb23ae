/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_BREAK_REQUEST_H
#define AT_CLI_BREAK_REQUEST_H

#include "cli/options.h"
#include "study/break_point.h"

/* What attest sensitivity --break asks for. */
struct at_break_request {
    struct at_break_question question; /* its study and requirements are those below */
    struct at_study study;
    struct at_requirement *requirements;
};

/* Refuses what the command line has wrong, before anything is opened or computed. Free with at_break_request_done. */
enum at_status at_break_request_read(const struct at_arguments *arguments, struct at_break_request *ret_request, struct at_error *error);

void at_break_request_done(struct at_break_request *request);

#endif
