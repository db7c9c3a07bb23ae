/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SEARCH_KEEP_H
#define AT_STUDY_SEARCH_KEEP_H

#include "study/search.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a search found as a case that anyone can run again: X.safetensors with Q, K, V and where they are from (metadata), and X.yaml, a
 * study file that asks for the variant on it, on the rows of the search, with its oracle.
 */

/* Whether "X.safetensors" and "X.yaml" could be written; before a search begins. */
enum at_status at_search_keep_check(const char *path, bool replace, struct at_error *error);

/* Writes both; *ret_study is the path of the study file, for the caller to free. */
enum at_status at_search_keep(const struct at_search_request *request, const struct at_search_found *found, const char *path, bool replace,
                              char **ret_study, struct at_error *error);

/* A case that was run again. */
struct at_search_replay {
    struct at_search_score score; /* as stored */
    int64_t study;                /* id in the store */
};

/*
 * Runs the study file as attest run does, into `store`: its truth is spot-checked by a sharper oracle, which the search's were not.
 * AT_ERR_UNDEFINED where the stored figure and `found`'s are not the same: equal, or both within their radii where a sharper oracle took
 * part. `events` may be NULL.
 */
enum at_status at_search_replay(const char *study_path, struct at_store *store, const struct at_search_request *request,
                                const struct at_search_found *found, const struct at_study_events *events,
                                struct at_search_replay *ret_replay, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
