/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_BREAK_POINT_H
#define AT_STUDY_BREAK_POINT_H

#include "study/requirement.h"
#include "study/study.h"
#include "study/sweep_axis.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where along one axis a variant first stops meeting requirements, by bisection. Every x looked at is a run in the store, as if attest
 * run had been asked for it: nothing is computed twice, and a search that was stopped goes on. Between the x looked at, one change at
 * most is assumed; several points are looked at before the bisection, so that some of the others show.
 */
struct at_break_question {
    const struct at_study *study; /* of one input, generated, with every variant; its input is varied */
    size_t parameter;             /* its index in the distribution, or AT_SWEEP_KEYS */
    bool queries_follow;          /* AT_SWEEP_KEYS: as many queries as keys */
    struct at_sweep_axis axis;    /* from < to; points >= 2, looked at first */
    double tolerance; /* > 1: logarithmic, ends when high <= tolerance * low; else when high - low <= (tolerance - 1)(to - from) */
    const struct at_requirement *requirements;
    size_t requirement_count;
};

/* One x: all requirements on all seeds. */
struct at_break_look {
    double x;
    enum at_verdict verdict;
    int64_t run;             /* the one that decided it: the first that is not met, else cannot be told, else the first */
    const char *requirement; /* that it decided by; of the question */
    double value, radius;    /* of its metric; NaN: undefined */
    int64_t undefined_rows;
};

enum at_break_kind {
    AT_BREAK_NONE,   /* met wherever looked */
    AT_BREAK_ALWAYS, /* not met wherever looked */
    AT_BREAK_LOST,   /* met at low, not met at high */
    AT_BREAK_GAINED, /* not met at low, met at high */
    AT_BREAK_OPEN    /* at `high` one cannot say, and what is below does not answer */
};

struct at_break {
    const char *variant; /* of the study */
    enum at_break_kind kind;
    double low, high;
    bool once;                   /* met and not met change at most once over all x looked at */
    struct at_break_look *looks; /* ascending; owned */
    size_t count;
};

struct at_breaks {
    struct at_break *rows; /* [study->variant_count] */
    size_t count;
    int64_t runs_done, runs_found;
};

/* Refuses what could not be run at either end of the range, as at_plan_make does, before anything is computed. */
enum at_status at_breaks_check(const struct at_break_question *question, struct at_error *error);

/* Free with at_breaks_done. AT_ERR_INTERRUPTED and other failures keep in the store what was done. */
enum at_status at_breaks_find(const struct at_break_question *question, struct at_store *store, const struct at_engine *engine,
                              const struct at_study_events *events, struct at_breaks *ret_breaks, struct at_error *error);

void at_breaks_done(struct at_breaks *breaks);

#ifdef __cplusplus
}
#endif

#endif
