/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "share_cases.h"

extern const struct at_metric at_metric_saturated;

int main(void)
{
    return share_cases_run(&at_metric_saturated, offsetof(struct at_counts, saturated));
}
