/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_WORK_H
#define AT_STUDY_WORK_H

#include "study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far a study is, in units of work: query rows x keys seen x references; the oracle takes most of the time, so these predict it. */
struct at_work {
    const struct at_study_events *events; /* may be NULL, as may its members */
    double done, total;
    char what[256]; /* case, variant and phase */
};

/* Names what follows and reports it. */
void at_work_phase(struct at_work *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `work` units were done. */
void at_work_step(struct at_work *progress, double work);

/* `work` units turned out not to be needed. */
void at_work_drop(struct at_work *progress, double work);

void at_work_note(const struct at_work *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* AT_ERR_INTERRUPTED when a stop was asked for. */
enum at_status at_work_check(const struct at_work *progress, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
