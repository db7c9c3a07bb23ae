/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <gsl/gsl_errno.h>

void at_stats_init(void)
{
    gsl_set_error_handler_off();
}
