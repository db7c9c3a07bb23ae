/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/doctor.h"

#include "core/guard.h"
#include "study/machine.h"

#include <stdio.h>

const char *const at_finding_names[] = {[AT_PROBE_SAME_BITS] = "same bits", [AT_PROBE_DIFFERS] = "differs", [AT_PROBE_FAILED] = "failed"};

static const char remedy[] = "look at nvidia-smi and at the driver's messages (dmesg); end what else uses the GPU, or allow more with "
                             "--time-limit";

struct probing {
    const struct at_doctor *doctor;
    const struct at_probe *probe;
    size_t done, total;
};

static enum at_status find(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct at_doctor *doctor = argument;
    (void)pulse;
    return at_gpu_find(doctor->gpu, answer, error);
}

static enum at_status open_image(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct at_doctor *doctor = argument;
    struct at_gpu *gpu;
    (void)pulse;
    (void)answer;
    enum at_status status = at_gpu_open(doctor->gpu, doctor->image, &gpu, error);
    if (!status)
        at_gpu_close(gpu);
    return status;
}

static enum at_status run_probe(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct probing *p = argument;
    struct at_gpu *gpu;
    enum at_status status = at_gpu_open(p->doctor->gpu, p->doctor->image, &gpu, error);
    if (status)
        return status;
    at_pulse_beat(pulse, 0, 1);
    /* The GPU is not closed: the process ends here, and a driver that hangs in that must not keep the answer back. */
    return at_probe_run(p->probe, gpu, &p->doctor->request, pulse, answer, error);
}

static void show(void *context, double done, double total)
{
    const struct probing *p = context;
    const struct at_study_events *events = p->doctor->events;
    double share = total > 0 ? done / total : 0;
    if (events && events->progress)
        events->progress(events->context, (double)p->done + (share < 1 ? share : 1), (double)p->total, p->probe->name);
}

static struct at_guard guard_of(const struct at_doctor *doctor, const char *what)
{
    return (struct at_guard){
        .what = what, .remedy = remedy, .limit_s = doctor->limit_s, .stop = doctor->events ? doctor->events->stop : NULL};
}

enum at_status at_doctor_find(const struct at_doctor *doctor, struct at_gpu_facts *ret_facts, struct at_error *error)
{
    struct at_guard guard = guard_of(doctor, "GPU");
    return at_guard_run(&guard, find, doctor, ret_facts, sizeof *ret_facts, error);
}

enum at_status at_doctor_check(const struct at_doctor *doctor, struct at_error *error)
{
    struct at_guard guard = guard_of(doctor, "GPU");
    char none[1];
    return at_guard_run(&guard, open_image, doctor, none, 0, error);
}

enum at_status at_doctor_probe(const struct at_doctor *doctor, const struct at_probe *probe, size_t done, size_t total,
                               struct at_diagnosis *ret_diagnosis, struct at_error *error)
{
    struct probing p = {doctor, probe, done, total};
    struct at_diagnosis d = {.probe = probe};
    char what[128];
    snprintf(what, sizeof what, "the probe %s", probe->name);
    struct at_guard guard = guard_of(doctor, what);
    guard.progress = show;
    guard.context = &p;
    show(&p, 0, 1);
    int64_t start = at_machine_time_ns();
    enum at_status status = at_guard_run(&guard, run_probe, &p, &d.outcome, sizeof d.outcome, &d.detail);
    d.time_ns = at_machine_time_ns() - start;
    if (status == AT_ERR_INTERRUPTED)
        return at_fail(error, status, "%s", d.detail.message);
    d.finding = status ? AT_PROBE_FAILED : d.outcome.differing ? AT_PROBE_DIFFERS : AT_PROBE_SAME_BITS;
    if (!status)
        at_fail(&d.detail, AT_OK, "%s", d.outcome.first);
    *ret_diagnosis = d;
    return AT_OK;
}

enum at_status at_doctor_store(const struct at_doctor *doctor, struct at_store *store, const struct at_gpu_facts *gpu,
                               const struct at_diagnosis *diagnosis, struct at_error *error)
{
    struct at_probe_fact fact = {.name = diagnosis->probe->name,
                                 .instruction = diagnosis->probe->instruction,
                                 .seed = doctor->request.seed,
                                 .verdict = at_finding_names[diagnosis->finding],
                                 .asked = diagnosis->probe->twin ? doctor->request.floats : doctor->request.outputs,
                                 .outputs = diagnosis->outcome.outputs,
                                 .differing = diagnosis->outcome.differing,
                                 .detail = diagnosis->detail.message,
                                 .time_ns = diagnosis->time_ns};
    int64_t id;
    enum at_status status = at_machine_put_build(store, &fact.build, error);
    if (!status)
        status = at_machine_put_gpu(store, gpu, &fact.device, error);
    return status ? status : at_store_put_probe(store, &fact, &id, error);
}
