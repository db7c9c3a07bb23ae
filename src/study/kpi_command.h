/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_COMMAND_H
#define AT_STUDY_KPI_COMMAND_H

#include "study/kpi_facts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a command is to run. */
struct at_kpi_wanted {
    const struct at_kpi_runs *runs; /* the seeds are those of its stored runs like `run`; NULL: of `run` alone */
    const struct at_kpi_run *run;   /* its input, problem, rows and oracle */
    const char *spelling;           /* a distribution in place of the run's input; NULL: the run's own */
    const char *variant;
    const char *readout; /* "FILE[:TENSOR]"; NULL: none */
    const char *db;      /* NULL: the default */
};

enum { AT_KPI_COMMAND_SIZE = 4096 };

/* "attest run ...", each word quoted for the shell. One that does not fit is not cut: "attest run, on ..." names the input in its place. */
void at_kpi_command(const struct at_kpi_wanted *wanted, char ret_text[AT_KPI_COMMAND_SIZE]);

/*
 * Appends `text` as one word of a shell to `command` of `size` bytes; false where there is no room, `command` then holds a part.
 */
bool at_kpi_append_word(char *command, size_t size, const char *text);

/* How many runs at_kpi_command runs: the seeds, or 1 of a capture or of another distribution without `runs`. */
size_t at_kpi_command_runs(const struct at_kpi_wanted *wanted);

#ifdef __cplusplus
}
#endif

#endif
