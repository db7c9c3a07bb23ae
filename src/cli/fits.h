/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_FITS_H
#define AT_CLI_FITS_H

#include "cli/options.h"
#include "store/store.h"

/* attest sensitivity without --break: exponents of the sweeps in a database. */

/* Understands the options without opening anything; AT_ERR_ARGUMENT or AT_ERR_NOT_FOUND is the command line's fault. */
enum at_status at_fits_check(const struct at_arguments *arguments, struct at_error *error);

/* Prints them; an enum at_exit: AT_EXIT_CANNOT also where a value that --at asks for is refused. */
int at_fits_show(const struct at_arguments *arguments, struct at_store *store);

#endif
