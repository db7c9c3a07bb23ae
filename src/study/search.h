/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SEARCH_H
#define AT_STUDY_SEARCH_H

#include "study/search_family.h"
#include "study/search_score.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Looks for inputs on which a variant is as bad as can be: first over the free parameters of a family (each alone, then all together by
 * annealing and a simplex, from the worst so far and then from random members), then by small changes of the worst member's elements.
 * What it finds bounds the worst case from below and says nothing of how much worse it may be (docs/search.md).
 */

struct at_search_request {
    struct at_search_family family;
    struct at_search_scorer scorer;
    const struct at_variant_choice *variant; /* whose numerics the scorer has */
    uint64_t seed;                           /* of the inputs' noise and of every choice */
    int64_t evaluations;                     /* at most; 0: as many as there is time for. Without a time limit all else is deterministic. */
    double budget_s;                         /* INFINITY: no limit */
    bool local;                              /* whether elements are changed, with half of the evaluations or of the time */
    double bound; /* no element exceeds it, generated ones are clipped; 0: the format's largest, and for changes of elements the
                              largest of the member that they begin with */
    const struct at_study_events *events; /* may be NULL, as may its members */
};

/* One step up. */
struct at_search_step {
    int64_t evaluation; /* from 1 on */
    double seconds;
    bool local; /* by a changed element */
    double value, radius;
};

struct at_search_found {
    struct at_qkv champion;                /* owned */
    struct at_search_score score;          /* of it */
    struct at_search_score normal;         /* of N(0, 1) inputs of the same seed */
    struct at_search_score start;          /* of the member where the search began */
    struct at_search_score member;         /* of the worst member of the family */
    struct at_distribution_choice choice;  /* that member */
    int64_t evaluations, members, changes; /* altogether; of members; of changed elements */
    int64_t kept;                          /* changes that made it worse */
    double seconds, largest;               /* largest: |x| of the champion */
    struct at_search_step *steps;          /* [step_count] owned */
    size_t step_count;
    const char *ended; /* "time", "evaluations", "stopped" by a signal, "infinite": nothing is worse */
};

/*
 * AT_ERR_UNDEFINED: the metric has no value on any member. A stop is no failure once a champion is there. Free with at_search_found_done.
 */
enum at_status at_search_run(const struct at_search_request *request, struct at_search_found *ret_found, struct at_error *error);
void at_search_found_done(struct at_search_found *found);

#ifdef __cplusplus
}
#endif

#endif
