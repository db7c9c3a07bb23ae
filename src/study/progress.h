/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_PROGRESS_H
#define AT_STUDY_PROGRESS_H

#include "study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far a study is, in units of work: query rows x keys seen x references. The oracle takes nearly all of the time, so these predict it. */
struct at_progress {
    const struct at_study_events *events; /* may be NULL, as may its members */
    double done, total;
    char what[256];                       /* case, variant and phase */
};

/* Names what follows and reports it. */
void at_progress_phase(struct at_progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `work` units were done. */
void at_progress_step(struct at_progress *progress, double work);

/* `work` units turned out not to be needed. */
void at_progress_drop(struct at_progress *progress, double work);

void at_progress_note(const struct at_progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* AT_ERR_INTERRUPTED when a stop was asked for. */
enum at_status at_progress_check(const struct at_progress *progress, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
