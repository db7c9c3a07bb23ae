/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/verification.h"

#include "cli/grid.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "core/build.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { AGAIN_SIZE = 2048 };

static size_t differing(const struct at_verification *v)
{
    return v->of[AT_INPUT_DIFFERS] + v->of[AT_OPERANDS_DIFFER] + v->of[AT_OUTPUT_DIFFERS];
}

int at_verification_exit(const struct at_shown_verification *shown)
{
    const struct at_verification *v = shown->verification;
    if (shown->stopped)
        return AT_EXIT_INTERRUPTED;
    if (differing(v))
        return AT_EXIT_NOT_MET;
    return v->count && v->of[AT_SAME_BITS] == v->count ? AT_EXIT_OK : AT_EXIT_CANNOT;
}

static void print_runs(const struct at_verification *v)
{
    static const char *const headings[] = {">run", "study", "case", ">seed", ">keys", "variant", ">rows", "verdict"};
    struct at_grid grid;
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = 0; i < v->count; i++) {
        const struct at_verify_row *row = &v->rows[i];
        char run[24], seed[24], keys[24], rows[64];
        snprintf(run, sizeof run, "%" PRId64, row->run);
        snprintf(seed, sizeof seed, "%" PRIu64, row->seed);
        snprintf(keys, sizeof keys, "%" PRId64, row->seq_k);
        snprintf(rows, sizeof rows, "%" PRId64 " of %" PRId64, row->rows, row->seq_q);
        at_grid_add(&grid, run);
        at_grid_add(&grid, row->study);
        at_grid_add(&grid, row->name);
        at_grid_add(&grid, row->capture ? AT_NO_VALUE : seed);
        at_grid_add(&grid, keys);
        at_grid_add(&grid, row->variant);
        at_grid_add(&grid, rows);
        at_grid_add(&grid, at_verified_name(row->verified));
    }
    at_grid_print(&grid);
    at_grid_done(&grid);
    puts("");
}

/* False where there is no room: a command that is cut is of no use. */
static bool append(char command[AGAIN_SIZE], const char *text)
{
    size_t used = strlen(command), length = strlen(text);
    if (length >= AGAIN_SIZE - used)
        return false;
    memcpy(command + used, text, length + 1);
    return true;
}

/* Appends `text` as one word of a shell. */
static bool append_word(char command[AGAIN_SIZE], const char *text)
{
    bool fits = append(command, "'");
    for (; *text && fits; text++)
        fits = append(command, *text == '\'' ? "'\\''" : (char[]){*text, '\0'});
    return fits && append(command, "'");
}

/* The command that looks at one run again, the same way; false if it is too long. */
static bool spell_again(const struct at_shown_verification *shown, const struct at_verify_row *row, char ret_text[AGAIN_SIZE])
{
    const struct at_verify_question *q = shown->question;
    char run[32];
    snprintf(run, sizeof run, " --run %" PRId64, row->run);
    ret_text[0] = '\0';
    bool fits = append(ret_text, "attest verify --db ") && append_word(ret_text, shown->db) && append(ret_text, run);
    for (size_t i = 0; row->capture && i < shown->captures.count && fits; i++)
        fits = append(ret_text, " --captures ") && append_word(ret_text, shown->captures.paths[i]);
    for (size_t i = 0; q->engine.gpus && i < at_gpus_count(q->engine.gpus) && fits; i++) {
        char gpu[32];
        snprintf(gpu, sizeof gpu, "%s%d",
                 i                        ? ","
                 : q->engine.rest_on_twin ? " --device auto --gpu "
                                          : " --device cuda --gpu ",
                 at_gpus_facts(q->engine.gpus, i)->index);
        fits = append(ret_text, gpu);
    }
    if (q->engine.simd != AT_SIMD_AUTO)
        fits = fits && append(ret_text, " --simd ") && append(ret_text, at_simd_names[q->engine.simd]);
    return fits;
}

static void print_differences(const struct at_shown_verification *shown)
{
    const struct at_verification *v = shown->verification;
    for (size_t i = 0; i < v->count; i++) {
        const struct at_verify_row *row = &v->rows[i];
        if (row->verified == AT_SAME_BITS || row->verified == AT_NOT_VERIFIED)
            continue;
        char again[AGAIN_SIZE];
        size_t which = row->verified == AT_INPUT_DIFFERS ? 0 : row->verified == AT_OPERANDS_DIFFER ? 1 : 2;
        if (!spell_again(shown, row, again))
            snprintf(again, sizeof again,
                     "--run %" PRId64 " with the same --db, --captures, --device and --simd (the command is too long to be shown)",
                     row->run);
        at_say(stdout, "run %" PRId64 ": %s: stored %.12s, here %.12s; again: %s", row->run, at_verified_name(row->verified),
               row->stored[which], row->again[which].hex, again);
    }
}

static bool same_reason(const struct at_verify_row *a, const struct at_verify_row *b)
{
    return a->verified == b->verified && strcmp(a->reason.message, b->reason.message) == 0;
}

/* Each reason once, with the number of its runs. */
static void print_reasons(const struct at_verification *v)
{
    for (size_t i = 0; i < v->count; i++) {
        size_t before = 0, runs = 0;
        if (v->rows[i].verified != AT_NOT_VERIFIED)
            continue;
        while (before < i && !same_reason(&v->rows[before], &v->rows[i]))
            before++;
        for (size_t j = i; j < v->count; j++)
            runs += same_reason(&v->rows[j], &v->rows[i]);
        if (before == i)
            at_say(stdout, "cannot be verified, %zu run%s from run %" PRId64 " on: %s", runs, runs == 1 ? "" : "s", v->rows[i].run,
                   v->rows[i].reason.message);
    }
}

/* Each variant once whose name means something else here. */
static void print_renamed(const struct at_verification *v)
{
    for (size_t i = 0; i < v->count; i++) {
        size_t before = 0;
        while (before < i && !(v->rows[before].renamed && strcmp(v->rows[before].variant, v->rows[i].variant) == 0))
            before++;
        if (v->rows[i].renamed && before == i)
            at_say(stdout,
                   "note: %s of this database (run %" PRId64 ") is not what this attest calls %s: attest show variants, attest list "
                   "variants --json",
                   v->rows[i].variant, v->rows[i].run, v->rows[i].variant);
    }
}

/* The twin's path that the device's details name, or "". */
static void find_path(const char *details, char ret_path[32])
{
    json_t *json = json_loads(details, 0, NULL);
    const char *path = json_string_value(json_object_get(json, "simd"));
    snprintf(ret_path, 32, "%s%.24s", path ? ", " : "", path ? path : "");
    json_decref(json);
}

static bool same_origin(const struct at_verify_row *a, const struct at_verify_row *b)
{
    return strcmp(a->kernel, b->kernel) == 0 && strcmp(a->device_kind, b->device_kind) == 0 && strcmp(a->device, b->device) == 0 &&
           strcmp(a->device_details, b->device_details) == 0 && strcmp(a->build_sha256, b->build_sha256) == 0;
}

/* Each kernel that computed here, with the number of its runs. */
static void print_kernels(const struct at_verification *v, const struct at_verify_question *q)
{
    for (size_t k = 0; q->engine.gpus && k < at_kernel_count; k++) {
        size_t runs = 0;
        for (size_t i = 0; i < v->count; i++)
            runs += v->rows[i].kernel_again && strcmp(v->rows[i].kernel_again, at_kernels[k]->name) == 0;
        if (runs)
            at_say(stdout, "here   %zu of the runs by kernel %s on %s", runs, at_kernels[k]->name, at_gpus_facts(q->engine.gpus, 0)->name);
    }
}

/* Who computed first, and who again. */
static void print_machines(const struct at_shown_verification *shown)
{
    const struct at_verification *v = shown->verification;
    const struct at_verify_question *q = shown->question;
    for (size_t i = 0; i < v->count; i++) {
        const struct at_verify_row *row = &v->rows[i];
        size_t before = 0, runs = 0;
        char path[32], revision[32];
        while (before < i && !same_origin(&v->rows[before], row))
            before++;
        for (size_t j = i; j < v->count; j++)
            runs += same_origin(&v->rows[j], row);
        find_path(row->device_details, path);
        at_revision_shorten(row->revision, revision);
        if (before == i)
            at_say(stdout, "first  %zu run%s%s%s on %s (%s%s) by attest %s, revision %s, %s", runs, runs == 1 ? "" : "s",
                   *row->kernel ? " of kernel " : "", row->kernel, row->device, row->device_kind, path, row->version, revision,
                   strcmp(row->build_sha256, shown->executable.hex) == 0 ? "this executable" : "another executable");
    }
    char revision[32];
    at_revision_shorten(at_build_revision, revision);
    at_say(stdout, "here   twin path %s on %s by attest %s, revision %s",
           at_simd_names[q->engine.simd == AT_SIMD_AUTO ? at_simd_best() : q->engine.simd], shown->machine, at_build_version, revision);
    print_kernels(v, q);
}

static void print_sum(const struct at_shown_verification *shown)
{
    const struct at_verification *v = shown->verification;
    const struct at_verify_question *q = shown->question;
    size_t asked = q->sample && (uint64_t)q->sample < v->matching ? (size_t)q->sample : v->matching;
    char others[128] = "";
    if (differing(v) || v->of[AT_NOT_VERIFIED])
        snprintf(others, sizeof others, ", %zu differ, %zu cannot be verified", differing(v), v->of[AT_NOT_VERIFIED]);
    if (shown->stopped)
        at_say(stdout, "stopped after %zu of %zu runs.", v->count, asked);
    if (v->count || !shown->stopped)
        at_say(stdout, "%zu of %zu runs: the same bits%s.", v->of[AT_SAME_BITS], v->count, others);
    if (q->sample)
        at_say(stdout, "Looked at: %zu of %zu runs, drawn with --sample %" PRId64 " --sample-seed %" PRIu64 "; %s holds %zu.", v->count,
               v->matching, q->sample, q->sample_seed, shown->db, v->stored);
    else if (v->count == v->stored)
        at_say(stdout, "Looked at: every run in %s.", shown->db);
    else
        at_say(stdout, "Looked at: %zu of the %zu runs in %s.", v->count, v->stored, shown->db);
}

void at_verification_print(const struct at_shown_verification *shown)
{
    if (shown->verification->count)
        print_runs(shown->verification);
    print_differences(shown);
    print_reasons(shown->verification);
    print_renamed(shown->verification);
    print_machines(shown);
    puts("");
    print_sum(shown);
}

static json_t *digest_json(const char *hex)
{
    return *hex ? json_string(hex) : json_null();
}

static json_t *row_json(const struct at_verify_row *row)
{
    json_t *device = json_pack("{s:o, s:o, s:o}", "kind", at_text_json(row->device_kind), "name", at_text_json(row->device), "details",
                               at_text_json(row->device_details));
    json_t *build = json_pack("{s:o, s:o, s:o}", "version", at_text_json(row->version), "revision", at_text_json(row->revision), "sha256",
                              at_text_json(row->build_sha256));
    json_t *stored = json_pack("{s:o, s:o, s:o}", "input_sha256", at_text_json(row->stored[0]), "operands_sha256",
                               at_text_json(row->stored[1]), "output_sha256", at_text_json(row->stored[2]));
    json_t *again = json_pack("{s:o, s:o, s:o}", "input_sha256", digest_json(row->again[0].hex), "operands_sha256",
                              digest_json(row->again[1].hex), "output_sha256", digest_json(row->again[2].hex));
    return json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "run",
                     (json_int_t)row->run, "verdict", at_verified_name(row->verified), "reason", at_text_json(row->reason.message), "study",
                     at_text_json(row->study), "case", at_text_json(row->name), "label", at_text_json(row->label), "variant",
                     at_text_json(row->variant), "renamed",
                     row->renamed, "seed", row->capture ? json_null() : json_integer((json_int_t)row->seed), "seq_q",
                     (json_int_t)row->seq_q, "seq_k", (json_int_t)row->seq_k, "rows", (json_int_t)row->rows, "rows_seed",
                     (json_int_t)row->rows_seed, "created", at_text_json(row->created), "device", device, "kernel",
                     *row->kernel ? at_text_json(row->kernel) : json_null(), "build", build, "stored", stored, "here", again, "kernel_here",
                     row->kernel_again ? json_string(row->kernel_again) : json_null());
}

/* Names of the GPUs by their numbers. */
static json_t *gpus_json(const struct at_verify_question *q)
{
    json_t *gpus = json_array();
    for (size_t i = 0; q->engine.gpus && i < at_gpus_count(q->engine.gpus); i++) {
        const struct at_gpu_facts *facts = at_gpus_facts(q->engine.gpus, i);
        json_array_append_new(gpus, json_pack("{s:i, s:o}", "index", facts->index, "name", at_text_json(facts->name)));
    }
    return gpus;
}

json_t *at_verification_json(const struct at_shown_verification *shown)
{
    static const char *const verdicts[] = {"same bits", "differ", "cannot be verified", "stopped"};
    const struct at_verification *v = shown->verification;
    const struct at_verify_question *q = shown->question;
    int code = at_verification_exit(shown);
    json_t *rows = json_array();
    for (size_t i = 0; i < v->count; i++)
        json_array_append_new(rows, row_json(&v->rows[i]));
    json_t *sample = q->sample ? json_pack("{s:I, s:I}", "runs", (json_int_t)q->sample, "seed", (json_int_t)q->sample_seed) : json_null();
    json_t *here = json_pack("{s:o, s:o, s:s, s:s, s:s, s:s}", "device", at_text_json(shown->machine), "gpus", gpus_json(q), "simd",
                             at_simd_names[q->engine.simd == AT_SIMD_AUTO ? at_simd_best() : q->engine.simd], "version", at_build_version,
                             "revision", at_build_revision, "sha256", shown->executable.hex);
    return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "verdict", verdicts[code == AT_EXIT_INTERRUPTED ? 3 : code],
                     "db", at_text_json(shown->db), "stored", (json_int_t)v->stored, "matching", (json_int_t)v->matching, "looked_at",
                     (json_int_t)v->count, "same_bits", (json_int_t)v->of[AT_SAME_BITS], "differ", (json_int_t)differing(v), "not_verified",
                     (json_int_t)v->of[AT_NOT_VERIFIED], "sample", sample, "here", here, "runs", rows);
}
