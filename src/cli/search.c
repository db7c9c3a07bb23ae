/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/database.h"
#include "cli/output.h"
#include "cli/request.h"
#include "cli/search_request.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include "study/machine.h"
#include "study/search_keep.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct at_option options[] = {
    {.name = "family",
     .value = "SPEC",
     .help = "NAME:PARAMETER=LOW..HIGH,PARAMETER=VALUE,PARAMETER=any,any (attest list distributions),\n"
             "                                 or a YAML file that says so (docs/search.md)"},
    {.name = "variant", .value = "SPEC", .help = "whose worst case is looked for, NAME or BASE:FIELD=VALUE,..."},
    {.name = "metric", .value = "NAME", .help = "what is made as large as can be (default rel_rmse; attest list metrics)"},
    {.name = "against", .value = "TRUTH", .help = "original (default), or dequantised: the kernel's own part"},
    {.name = "shape", .value = "BxHxSxD", .help = "H may be HQ:HKV, S may be SQ:SK"},
    {.name = "format", .value = "NAME", .help = "of the inputs: e4m3, fp16 (default), bf16, fp32"},
    {.name = "causal", .help = "causal mask, aligned to the last key"},
    {.name = "scale", .value = "X", .help = "softmax scale (default 1/sqrt(dim))"},
    {.name = "rows", .value = "N", .help = "query rows looked at in each head (default 16)"},
    AT_OPTION_ROWS_SEED,
    {.name = "seed", .value = "N", .help = "of the inputs' noise and of all choices (default 1)"},
    {.name = "budget", .value = "TIME", .help = "stops after 90s, 10m or 1h (default 60s, or no limit with --evaluations)"},
    {.name = "evaluations", .value = "N", .help = "stops after so many inputs: the same on every machine"},
    {.name = "bound",
     .value = "X",
     .help = "no element exceeds it (default: the format's largest; then, for changes of elements,\n"
             "                                 the largest that the family's worst member has)"},
    {.name = "no-local", .help = "members of the family alone: no element is changed afterwards"},
    {.name = "output",
     .letter = 'o',
     .value = "FILE",
     .help = "X.safetensors: the case, with X.yaml beside it (default worst.safetensors)"},
    {.name = "force", .help = "replaces files of these names"},
    AT_OPTION_DB,
    AT_OPTION_SIMD,
    AT_OPTION_THREADS,
    {0},
};

/* What was found, and where it is kept. */
struct showing {
    const struct at_search_command *command;
    const struct at_search_found *found;
    const struct at_search_replay *replay;
    const char *db, *study;
};

/* Times that the metric is larger than on normal inputs, for sure; NaN where that cannot be said. */
static double times_normal(const struct showing *s)
{
    const struct at_search_score *normal = &s->found->normal;
    const struct at_metric *metric = s->command->request.scorer.metric;
    double size = metric->better == AT_NEARER_ZERO_IS_BETTER ? fabs(normal->value) : normal->value;
    double most = size + (isnan(normal->radius) ? 0 : normal->radius);
    return most > 0 ? s->replay->score.bound / most : NAN;
}

static json_t *curve_json(const struct at_search_found *f)
{
    json_t *curve = json_array();
    for (size_t i = 0; i < f->step_count; i++) {
        const struct at_search_step *step = &f->steps[i];
        json_array_append_new(curve, json_pack("{s:I, s:f, s:s, s:o, s:o}", "evaluation", (json_int_t)step->evaluation, "seconds",
                                               step->seconds, "by", step->local ? "element" : "structure", "value",
                                               at_number_json(step->value), "radius", at_number_json(step->radius)));
    }
    return curve;
}

static int show_json(const struct showing *s)
{
    const struct at_search_request *r = &s->command->request;
    const struct at_search_found *f = s->found;
    char family[AT_SEARCH_FAMILY_TEXT_SIZE], member[AT_DISTRIBUTION_TEXT_SIZE];
    at_search_family_print(&r->family, family);
    at_distribution_print(&f->choice, member);
    json_t *claim = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "variant", r->variant->name, "metric", r->scorer.metric->name,
                              "against", r->scorer.dequantised ? "dequantised" : "original", "value",
                              at_number_json(s->replay->score.value), "radius", at_number_json(s->replay->score.radius), "lower_bound",
                              at_number_json(s->replay->score.bound), "times_normal", at_number_json(times_normal(s)));
    json_t *way =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:f, s:I, s:I, s:I, s:f, s:s}", "family", family, "parameters", member, "value_of_normal",
                  at_number_json(f->normal.value), "value_of_start", at_number_json(f->start.value), "value_of_parameters",
                  at_number_json(f->member.value), "largest_element", f->largest, "evaluations", (json_int_t)f->evaluations, "members",
                  (json_int_t)f->members, "changes_kept", (json_int_t)f->kept, "seconds", f->seconds, "ended_by", f->ended);
    json_t *kept = json_pack("{s:o, s:o, s:o, s:I}", "capture", at_text_json(s->command->output), "study", at_text_json(s->study), "db",
                             at_text_json(s->db), "study_id", (json_int_t)s->replay->study);
    if (claim && way && kept) {
        json_object_update(claim, way);
        json_object_update(claim, kept);
        json_object_set_new(claim, "curve", curve_json(f));
    }
    json_decref(way);
    json_decref(kept);
    return at_json_print("search", "search", claim);
}

/* Steps that are 1.5 times the one shown before, and the last. */
static void show_curve(const struct showing *s)
{
    const struct at_search_found *f = s->found;
    double shown = 0;
    at_say(stdout, "%10s  %8s  %-10s  %s", "evaluation", "seconds", "by", s->command->request.scorer.metric->name);
    for (size_t i = 0; i < f->step_count; i++) {
        const struct at_search_step *step = &f->steps[i];
        if (i + 1 < f->step_count && !(fabs(step->value) >= 1.5 * shown))
            continue;
        at_say(stdout, "%10" PRId64 "  %8.1f  %-10s  %.4g", step->evaluation, step->seconds, step->local ? "element" : "structure",
               step->value);
        shown = fabs(step->value);
    }
}

static void show_text(const struct showing *s)
{
    const struct at_search_request *r = &s->command->request;
    const struct at_search_found *f = s->found;
    const struct at_search_score *score = &s->replay->score;
    const char *metric = r->scorer.metric->name;
    char member[AT_DISTRIBUTION_TEXT_SIZE];
    at_distribution_print(&f->choice, member);
    show_curve(s);
    at_say(stdout, "%s of %s on normal inputs: %.4g", metric, r->variant->name, f->normal.value);
    at_say(stdout, "on %s, seed %" PRIu64 ": %.4g, the worst of %" PRId64 " members", member, r->seed, f->member.value, f->members);
    if (f->changes)
        at_say(stdout, "after %" PRId64 " of %" PRId64 " changes of elements: %.4g, no element above %.4g", f->kept, f->changes,
               f->score.value, f->largest);
    at_say(stdout, "Ended by: %s, after %.1f s and %" PRId64 " evaluations.", f->ended, f->seconds, f->evaluations);
    at_say(stdout,
           "The worst %s%s of %s on this shape is at least %.6g (%.6g less a radius of %.2g): %.3g times its error on normal inputs.",
           metric, r->scorer.dequantised ? " against the dequantised operands" : "", r->variant->name, score->bound, score->value,
           isnan(score->radius) ? 0 : score->radius, times_normal(s));
    at_say(stdout, "That is a lower bound: how much worse it can be is not known.");
    at_say(stdout, "The case is kept in %s, and ran again with the same figure. To repeat: attest run %s", s->command->output, s->study);
}

/* Written, run again as any study, shown. A stop of the search is not one of this. */
static int keep(const struct at_arguments *a, const struct at_search_command *c, const struct at_search_found *found,
                struct at_store *store, struct at_terminal *terminal)
{
    struct at_error error;
    struct at_search_replay replay;
    char *study = NULL;
    const struct at_study_events events = {terminal, at_terminal_show, at_terminal_note, NULL};
    enum at_status status = at_search_keep(&c->request, found, c->output, c->replace, &study, &error);
    if (!status)
        status = at_search_replay(study, store, &c->request, found, &events, &replay, &error);
    at_terminal_done(terminal);
    int code = status ? at_could_not(status, &error) : AT_EXIT_OK;
    if (!status) {
        const struct showing showing = {c, found, &replay, at_database_path(a), study};
        if (at_argument_given(a, "json"))
            code = show_json(&showing);
        else
            show_text(&showing);
    }
    free(study);
    return code == AT_EXIT_OK && strcmp(found->ended, "stopped") == 0 ? AT_EXIT_INTERRUPTED : code;
}

static int search(const struct at_arguments *a, struct at_search_command *c)
{
    struct at_error error;
    struct at_terminal terminal;
    struct at_search_found found;
    struct at_store *store = NULL;
    at_terminal_init(&terminal);
    const struct at_study_events events = {&terminal, at_terminal_show, at_terminal_note, at_compute_start(&c->compute)};
    c->request.events = &events;
    enum at_status status = at_search_keep_check(c->output, c->replace, &error);
    if (status == AT_ERR_ARGUMENT)
        return at_misused("search", &error);
    if (!status)
        status = at_search_command_plan(c, at_machine_free_memory(), &error);
    if (!status)
        status = at_store_open(at_database_path(a), AT_STORE_WRITE, &store, &error);
    if (!status)
        status = at_search_run(&c->request, &found, &error);
    at_terminal_done(&terminal);
    if (status) {
        at_store_close(store);
        return at_could_not(status, &error);
    }
    int code = keep(a, c, &found, store, &terminal);
    at_search_found_done(&found);
    at_store_close(store);
    return code;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct at_search_command command;
    int code = at_search_command_read(arguments, &command, &error) ? at_misused("search", &error) : search(arguments, &command);
    at_search_command_done(&command);
    return code;
}

const struct at_verb at_verb_search = {
    .name = "search",
    .summary = "looks for the inputs on which a variant is worst, and keeps them",
    .usage = "  attest search --family SPEC --variant NAME --shape BxHxSxD [--metric NAME] [--budget 10m | --evaluations N] [OPTIONS]\n",
    .help = "Over the free parameters of a family of inputs (simulated annealing, then a simplex, again and again), then by small changes\n"
            "of single elements and rows of the worst member. Each input is computed by the twin and measured against the certified\n"
            "oracle. The worst is written as a capture with a study file beside it, run once more as any study is, and stored.\n"
            "What is found is a lower bound on the worst case, never more (docs/search.md). Ctrl-C keeps what was found so far\n"
            "(code 130). 'structured' is the family of all structures that are known to break kernels; all off it is N(0, 1).\n",
    .examples =
        "  attest search --family structured:any --variant fa3-fp8 --shape 1x1x1024x128 --budget 2m\n"
        "  attest search --family structured:any,cancellation=0 --variant fp8-hadamard --shape 1x1x1024x128 --metric max_rel_sum_abs\n"
        "  attest search --family iid-outlier:sigma=1..1000,probability=1e-4..0.1 --variant fa3-fp8 --shape 1x2x512x64 \\\n"
        "      --evaluations 500 --seed 7 --no-local -o outliers.safetensors\n"
        "  attest search --family families/outliers.yaml --variant fa3-fp8 --shape 1x2x512x64\n",
    .options = options,
    .run = run,
};
