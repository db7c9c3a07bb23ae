/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_BREAK_TABLE_H
#define AT_CLI_BREAK_TABLE_H

#include "study/break_point.h"

#include <jansson.h>

/* "met at 16384, not met at 17152 (18 looks)"; says so where the looks change more than once. */
enum { AT_BREAK_TEXT_SIZE = 512 };
void at_break_text(const struct at_break *b, char ret_text[AT_BREAK_TEXT_SIZE]);

void at_breaks_print(const struct at_break_question *question, const struct at_breaks *breaks);
json_t *at_breaks_json(const struct at_break_question *question, const struct at_breaks *breaks);

/*
 * For the shell: AT_EXIT_CANNOT where one cannot say, else AT_EXIT_NOT_MET where a variant misses the requirements where the range begins, else
 * AT_EXIT_OK.
 */
int at_breaks_code(const struct at_breaks *breaks);

#endif
