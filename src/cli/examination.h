/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_EXAMINATION_H
#define AT_CLI_EXAMINATION_H

#include "study/doctor.h"
#include "study/machine.h"

#include <jansson.h>
#include <stdbool.h>

/* What attest doctor found out about this machine. */
struct at_examination {
    struct at_processor_facts processor;
    bool has_gpu, can_probe;
    struct at_gpu_facts gpu;
    struct at_error gpu_reason;   /* why there is none */
    struct at_error probe_reason; /* why the probes cannot run */
    bool probed;
    struct at_diagnosis *diagnoses; /* [count]; owned */
    size_t count, stored;           /* found; of them in the database */
    struct at_error not_stored;     /* why the first that is not stored could not be; "" when all are */
    uint64_t seed;                  /* of the probes */
    int64_t outputs;                /* asked of each wgmma */
};

void at_examination_done(struct at_examination *e);

/* The machine and what attest can do on it, as text on standard output. */
void at_examination_print(const struct at_examination *e);

/* The probes' findings as a table, the first differences with the command that repeats them, and a line that sums up. */
void at_diagnoses_print(const struct at_examination *e, const char *database);

/* All of it; new reference, NULL without memory. */
json_t *at_examination_json(const struct at_examination *e);

/* How many diagnoses are of that finding. */
size_t at_examination_count(const struct at_examination *e, enum at_finding finding);

#endif
