/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_CHECKED_H
#define AT_CLI_CHECKED_H

#include "study/check.h"

#include <jansson.h>

/* What attest check found, with what was asked. */
struct at_shown_check {
    const struct at_check *check;
    const struct at_check_question *question;
};

/* A bug is AT_EXIT_NOT_MET, what cannot be said AT_EXIT_CANNOT. */
int at_checked_exit(const struct at_check *check);

/* The heads, each bug with its pattern and rows, what the rules of the field say, where the bounds come from, and the verdict. */
void at_checked_print(const struct at_shown_check *shown);

/* The same as an object, with every row. New reference. */
json_t *at_checked_json(const struct at_shown_check *shown);

#endif
