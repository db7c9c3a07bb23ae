/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_VERIFICATION_H
#define AT_CLI_VERIFICATION_H

#include "study/verify.h"

#include <jansson.h>

/* What attest verify found, with how it was asked and where it was computed again. */
struct at_shown_verification {
    const struct at_verification *verification;
    const struct at_verify_question *question;
    const char *db;              /* path, as given */
    struct at_folders captures;  /* as given; of the question those looked in */
    struct at_sha256 executable; /* of this program */
    char machine[256];           /* this one's name */
    bool stopped;                /* by a signal: runs were not come to */
};

/*
 * Exit code of what was found, however it came to an end: at least one difference is AT_EXIT_NOT_MET, else a run that could not be verified
 * or none at all AT_EXIT_CANNOT; a stop is AT_EXIT_INTERRUPTED.
 */
int at_verification_exit(const struct at_shown_verification *shown);

/* Every run, then the differences with the command that repeats each, why others could not be verified, both machines, and the sum. */
void at_verification_print(const struct at_shown_verification *shown);

/* The same as an object. New reference. */
json_t *at_verification_json(const struct at_shown_verification *shown);

#endif
