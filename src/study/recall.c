/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/recall.h"

#include "datasets/dataset.h"
#include "kernels/variants/variant.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum at_status generate(const struct at_input_fact *fact, struct at_qkv *ret_qkv, struct at_error *error)
{
    struct at_distribution_choice choice;
    enum at_format format = at_format_find(fact->format);
    enum at_status status = at_distribution_choose(fact->spelling, &choice, error);
    if (!status && format == AT_FORMAT_COUNT)
        status = at_fail(error, AT_ERR_UNSUPPORTED, "format '%.40s' of the inputs is unknown here; ask the attest that stored the run",
                         fact->format);
    return status ? status : at_distribution_generate(&choice, &fact->problem, format, fact->seed, ret_qkv, error);
}

/* A capture that is looked for, and what came of it so far. */
struct search {
    const struct at_input_fact *fact;
    const char *name; /* of the file, without a folder */
    const struct at_folders *folders;
    struct at_qkv qkv;
    struct at_sha256 sha256;
    bool found;
    enum at_status status; /* why not: the failure that says most */
    struct at_error reason;
};

static bool same_shape(const struct at_problem *a, const struct at_problem *b)
{
    return a->batch == b->batch && a->heads_q == b->heads_q && a->heads_kv == b->heads_kv && a->seq_q == b->seq_q && a->seq_k == b->seq_k &&
           a->dim == b->dim;
}

/* Reads one file in one way; a file of another shape is not read beyond its header. */
static enum at_status read_file(struct search *s, const char *path, const struct at_capture_options *options, struct at_error *error)
{
    struct at_problem problem;
    enum at_format format;
    struct at_qkv qkv;
    enum at_status status = at_capture_problem(path, options, &problem, &format, error);
    if (!status && (!same_shape(&problem, &s->fact->problem) || format != at_format_find(s->fact->format)))
        status = at_fail(error, AT_ERR_NOT_FOUND,
                         "%s: Q, K and V have another shape or format than those of the run; find the file "
                         "as it was and name its folder with --captures DIR",
                         path);
    if (!status)
        status = at_capture_read(path, options, &problem, &qkv, error);
    if (status)
        return status;
    struct at_sha256 sha256 = at_sha256_of_qkv(&qkv);
    if (strcmp(sha256.hex, s->fact->input_sha256) == 0 && same_shape(&problem, &s->fact->problem)) {
        s->qkv = qkv;
        s->sha256 = sha256;
        s->found = true;
        return AT_OK;
    }
    at_qkv_done(&qkv);
    return at_fail(error, AT_ERR_NOT_FOUND,
                   "%s: another content: its Q, K and V have SHA-256 %.12s..., those of the run %.12s...; find the file "
                   "as it was and name its folder with --captures DIR",
                   path, sha256.hex, s->fact->input_sha256);
}

static void search_folders(struct search *s, const struct at_capture_options *options)
{
    for (size_t i = 0; i < s->folders->count && !s->found; i++) {
        char path[4096];
        struct at_error error = {""};
        int length = snprintf(path, sizeof path, "%s/%s", s->folders->paths[i], s->name);
        bool fits = length >= 0 && (size_t)length < sizeof path, there = fits && access(path, F_OK) == 0;
        int why = fits ? errno : ENAMETOOLONG;
        if (!there && (why == ENOENT || why == ENOTDIR))
            continue;
        enum at_status status =
            there ? read_file(s, path, options, &error)
                  : at_fail(&error, AT_ERR_IO, "%.600s: cannot be looked at: %s; say with --captures DIR where it can be read", path,
                            strerror(why));
        if (status && s->status != AT_ERR_NOT_FOUND) {
            s->status = status;
            s->reason = error;
        }
    }
}

/* Every way in which the study reads a capture of this name and label: two of its inputs may take different tensors of one file. */
static void search_as_studied(struct search *s, const char *study)
{
    /* Mask and scale are the store's: any will do here. */
    const struct at_capture_options plain = {.causal = s->fact->problem.causal, .scale = 1};
    json_t *text = json_loads(study, 0, NULL), *inputs = json_object_get(text, "inputs");
    bool said = false;
    for (size_t i = 0; i < json_array_size(inputs) && !s->found; i++) {
        json_t *input = json_array_get(inputs, i);
        const char *capture = json_string_value(json_object_get(input, "capture"));
        const char *label = json_string_value(json_object_get(input, "label"));
        if (!capture || !label || strcmp(capture, s->fact->spelling) != 0 || strcmp(label, s->fact->label) != 0)
            continue;
        struct at_capture_options options = plain;
        options.q_name = json_string_value(json_object_get(input, "q"));
        options.k_name = json_string_value(json_object_get(input, "k"));
        options.v_name = json_string_value(json_object_get(input, "v"));
        options.layout = json_string_value(json_object_get(input, "layout"));
        said = true;
        search_folders(s, &options);
    }
    if (!said)
        search_folders(s, &plain);
    json_decref(text);
}

/* Names the places looked in; a list that does not fit ends with ", ...". */
static enum at_status fail_nowhere(const struct search *s, struct at_error *error)
{
    static const char more[] = ", ...";
    char places[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < s->folders->count; i++) {
        size_t room = sizeof places - used, kept = i + 1 < s->folders->count ? sizeof more : 1;
        int length = snprintf(places + used, room, "%s%s", i ? ", " : "", s->folders->paths[i]);
        if (length < 0 || (size_t)length + kept > room) {
            snprintf(places + used, sizeof places - used, "%s", i ? more : more + 2);
            break;
        }
        used += (size_t)length;
    }
    return at_fail(error, AT_ERR_NOT_FOUND, "%.200s: not in the folders looked in (%s); say with --captures DIR where it lies now", s->name,
                   places);
}

enum at_status at_recall_inputs(const struct at_input_fact *fact, const char *study, const struct at_folders *folders,
                                struct at_qkv *ret_qkv, struct at_sha256 *ret_sha256, struct at_error *error)
{
    if (strcmp(fact->source, "distribution") == 0) {
        enum at_status status = generate(fact, ret_qkv, error);
        if (!status)
            *ret_sha256 = at_sha256_of_qkv(ret_qkv);
        return status;
    }
    if (strcmp(fact->source, "capture") != 0)
        return at_fail(error, AT_ERR_UNSUPPORTED, "inputs of the kind '%.40s' are unknown here; ask the attest that stored the run",
                       fact->source);
    const char *slash = strrchr(fact->spelling, '/');
    struct search s = {.fact = fact, .name = slash ? slash + 1 : fact->spelling, .folders = folders};
    search_as_studied(&s, study);
    if (s.found) {
        *ret_qkv = s.qkv;
        *ret_sha256 = s.sha256;
        return AT_OK;
    }
    return s.status ? at_fail(error, s.status, "%s", s.reason.message) : fail_nowhere(&s, error);
}

enum at_status at_recall_numerics(const char *text, struct at_numerics *ret_numerics, struct at_error *error)
{
    struct at_numerics numerics = {0};
    char again[AT_NUMERICS_TEXT_SIZE];
    enum at_status status = at_numerics_apply(&numerics, text, error);
    if (status)
        return status;
    at_numerics_print(&numerics, again);
    if (strcmp(again, text) != 0)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "numerics '%.60s...': not the full spelling of this attest; ask the attest that stored "
                       "the run",
                       text);
    *ret_numerics = numerics;
    return AT_OK;
}

bool at_recall_renames(const char *name, const struct at_numerics *stored)
{
    struct at_variant_choice here;
    char here_text[AT_NUMERICS_TEXT_SIZE], stored_text[AT_NUMERICS_TEXT_SIZE];
    if (at_variant_choose(name, &here, NULL))
        return false;
    at_numerics_print(&here.numerics, here_text);
    at_numerics_print(stored, stored_text);
    return strcmp(here_text, stored_text) != 0;
}
