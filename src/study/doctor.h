/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_DOCTOR_H
#define AT_STUDY_DOCTOR_H

#include "kernels/probes/probe.h"
#include "study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What this machine's GPU is, and whether it computes as the twin says. The driver is only ever called in a guarded child process. */

struct at_doctor {
    int gpu;                          /* index */
    double limit_s;                   /* seconds without a sign of life after which the driver or a probe counts as hung */
    const struct at_gpu_image *image; /* of the probes: &at_probe_image */
    struct at_probe_request request;
    const struct at_study_events *events; /* may be NULL, as may its members */
};

/* AT_ERR_NOT_FOUND: no driver or no such GPU; AT_ERR_TIMEOUT, AT_ERR_DEVICE: the driver hangs or fails. */
enum at_status at_doctor_find(const struct at_doctor *doctor, struct at_gpu_facts *ret_facts, struct at_error *error);

/* Whether the probes can run: a Hopper GPU, a driver as new as the image; else why not. */
enum at_status at_doctor_check(const struct at_doctor *doctor, struct at_error *error);

enum at_finding { AT_PROBE_SAME_BITS, AT_PROBE_DIFFERS, AT_PROBE_FAILED };

/* The finding as the store and the tables spell it. */
extern const char *const at_finding_names[];

struct at_diagnosis {
    const struct at_probe *probe;
    enum at_finding finding;
    struct at_probe_outcome outcome; /* all zero when it failed */
    struct at_error detail;          /* the first difference, or why it failed; "" with the same bits */
    int64_t time_ns;
};

/*
 * Runs one probe in a process of its own, so that one that hangs or dies leaves the next ones unharmed. `done` of `total` probes are done,
 * for the progress. A probe that fails is a diagnosis; the only failure is AT_ERR_INTERRUPTED.
 */
enum at_status at_doctor_probe(const struct at_doctor *doctor, const struct at_probe *probe, size_t done, size_t total,
                               struct at_diagnosis *ret_diagnosis, struct at_error *error);

/* Stores the build, the GPU and the diagnosis. */
enum at_status at_doctor_store(const struct at_doctor *doctor, struct at_store *store, const struct at_gpu_facts *gpu,
                               const struct at_diagnosis *diagnosis, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
