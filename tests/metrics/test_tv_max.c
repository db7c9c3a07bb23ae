/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "distance_cases.h"

extern const struct at_metric at_metric_tv_max;

int main(void)
{
    return distance_cases_run(
        &(struct distance_metric){.metric = &at_metric_tv_max, .distance = at_distance_tv, .largest = true, .lost = 0.125, .seed = 132});
}
