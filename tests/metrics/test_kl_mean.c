/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "distance_cases.h"

extern const struct at_metric at_metric_kl_mean;

int main(void)
{
    return distance_cases_run(
        &(struct distance_metric){.metric = &at_metric_kl_mean, .distance = at_distance_kl, .largest = false, .lost = 0.25, .seed = 111});
}
