/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench_time.h"

#include "kernels/common/burst.h"
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

static const double least_ns = 100;
enum { TRIALS = 3, MOST_LAUNCHES = 64, MOST_WARM = 1000 };

struct at_bench_time at_bench_no_time(void)
{
    return (struct at_bench_time){NAN, NAN, NAN, NAN, NAN, 0};
}

static enum at_status summarise(const double *time_ns, int repeats, int64_t launches, struct at_bench_time *ret_time,
                                struct at_error *error)
{
    struct at_bench_time made = {.launches = launches};
    const struct {
        double p, *value;
    } wanted[] = {{0, &made.min_ns}, {0.25, &made.low_ns}, {0.5, &made.median_ns}, {0.75, &made.high_ns}, {1, &made.max_ns}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        enum at_status status = at_stats_quantile(time_ns, (size_t)repeats, wanted[i].p, wanted[i].value);
        if (status)
            return at_fail(error, status, "the times of %d repeats have no quantile", repeats);
        *wanted[i].value /= (double)launches;
    }
    if (!(made.min_ns > 0))
        return at_fail(error, AT_ERR_DEVICE, "the GPU's clock says that no time passed: look at nvidia-smi, and at the driver's version");
    *ret_time = made;
    return AT_OK;
}

static int64_t at_least(double wanted, double each, int64_t most)
{
    double count = ceil(wanted / each);
    return count >= (double)most ? most : count < 1 ? 1 : (int64_t)count;
}

enum at_status at_bench_measure_time(struct at_gpu *gpu, at_gpu_enqueue *enqueue, void *context, const struct at_bench_pace *pace,
                                     struct at_bench_time *ret_time, struct at_error *error)
{
    double trial_ns[TRIALS], each_ns = INFINITY;
    enum at_status status = at_gpu_time(gpu, enqueue, context, TRIALS, trial_ns, error);
    if (status)
        return status;
    for (int i = 0; i < TRIALS; i++)
        each_ns = fmin(each_ns, fmax(trial_ns[i], least_ns));
    struct at_gpu_burst burst = {enqueue, context, at_least(pace->burst_ns, each_ns, MOST_LAUNCHES)};
    int warm = (int)at_least(pace->warm_ns, each_ns * (double)burst.launches, MOST_WARM);
    int repeats = pace->repeats;
    double *time_ns = calloc((size_t)(warm > repeats ? warm : repeats), sizeof *time_ns);
    if (!time_ns)
        return at_fail(error, AT_ERR_MEMORY, "no memory for the times of %d repeats", repeats);
    status = at_gpu_time(gpu, at_gpu_enqueue_burst, &burst, warm, time_ns, error);
    if (!status)
        status = at_gpu_time(gpu, at_gpu_enqueue_burst, &burst, repeats, time_ns, error);
    if (!status)
        status = summarise(time_ns, repeats, burst.launches, ret_time, error);
    free(time_ns);
    return status;
}
