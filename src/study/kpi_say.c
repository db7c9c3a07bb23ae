/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_say.h"

#include "datasets/dataset.h"
#include "stats/heads.h"
#include "study/kpi_claim.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void __attribute__((format(printf, 2, 3))) say(struct at_kpi_judgement *j, const char *format, ...)
{
    size_t used = strlen(j->reason);
    va_list args;
    va_start(args, format);
    vsnprintf(j->reason + used, sizeof j->reason - used, format, args);
    va_end(args);
}

/* The command that `wanted` asks for; what else is said is a comment to a shell. A store knows a capture's file by its name alone. */
static void say_command(struct at_kpi_judgement *j, const struct at_kpi_wanted *wanted)
{
    char command[AT_KPI_COMMAND_SIZE];
    at_kpi_command(wanted, command);
    say(j, "%s", command);
    if (wanted->run->capture && !wanted->spelling)
        say(j, " # where %.200s lies, or with its folder before its name", wanted->run->spelling);
}

/* The same for the first of `count` runs, and how many it leaves. */
static void say_commands(struct at_kpi_judgement *j, const struct at_kpi_wanted *wanted, size_t count)
{
    say_command(j, wanted);
    if (count > at_kpi_command_runs(wanted))
        say(j, "%s gate again, which names the next", wanted->run->capture ? "; then" : " # then");
}

/* What keeps a requirement from a verdict before any number is looked at; false: nothing. */
static bool say_missing(const struct at_kpi_requirement *r, const struct at_kpi_gathering *g, struct at_kpi_judgement *j)
{
    if (g->runs == 0) {
        say(j, "no run of %.120s is in its scope", j->variant);
    } else if (g->missing_runs && !(r->any_look && g->count)) {
        say(j, "%zu of %zu runs are not there yet: attest run goes on where it stopped", g->missing_runs, g->runs);
    } else if (g->missing_baselines) {
        const struct at_kpi_wanted wanted = {.runs = g->all, .run = g->unpaired, .variant = r->relative_to, .db = g->db};
        say(j, "%zu of %zu runs have none of %.120s beside them: ", g->missing_baselines, g->runs, r->relative_to);
        say_commands(j, &wanted, g->missing_baselines);
    } else if (g->unmeasured) {
        say(j, "%s was not measured there against the %s truth, or its scope holds no head", r->metric->name, r->against);
    } else {
        return false;
    }
    return true;
}

/* A finding that is met and yet no verdict: rows without truth. Nothing is claimed then. */
static bool may_claim(const struct at_kpi_judgement *j)
{
    return j->verdict == j->finding.verdict;
}

static void say_quantile(const struct at_kpi_requirement *r, struct at_kpi_judgement *j)
{
    const struct at_kpi_finding *f = &j->finding;
    char text[AT_SENTENCE_SIZE];
    if (j->run && j->run->capture) {
        say(j, "%zu of these %zu heads miss it; of other heads nothing is said", f->missing, f->units);
        return;
    }
    if (!j->run || !may_claim(j)) {
        say(j, "%zu of %zu heads miss it", f->missing, f->units);
        return;
    }
    at_kpi_claim_share(r, f, j->run->spelling, text);
    say(j, "%s", text);
    if (f->further_not_met > 0)
        say(j, "; %" PRId64 " more that all miss it would decide not met", f->further_not_met);
}

static void say_mean(const struct at_kpi_requirement *r, struct at_kpi_judgement *j)
{
    const struct at_kpi_finding *f = &j->finding;
    char text[AT_SENTENCE_SIZE];
    if (j->run && j->run->capture) {
        say(j, "mean of these %zu heads; of other heads nothing is said", f->units);
    } else if (!isnan(f->interval.low) && j->run && may_claim(j)) {
        at_kpi_claim_mean(r, f, j->run->spelling, text);
        say(j, "%s", text);
    } else if (*f->why && f->units < AT_HEADS_FEWEST && at_sentence_too_few((int64_t)f->units, AT_HEADS_FEWEST, text) == AT_OK) {
        say(j, "%s", text);
    } else if (isinf(f->value)) {
        say(j, "a head gives infinity");
    } else if (*f->why) {
        say(j, "%s", f->why);
    }
    int64_t more = f->further_met + f->further_not_met;
    if (j->verdict == AT_CANNOT_SAY && more > 0)
        say(j, "; about %" PRId64 " more heads would %s, if they are like these", more, *f->why ? "give an interval" : "decide");
}

static const char *comma(const struct at_kpi_judgement *j)
{
    return *j->reason ? ", " : "";
}

static void say_place(const struct at_kpi_requirement *r, struct at_kpi_judgement *j)
{
    const struct at_kpi_place *p = &j->worst;
    if (!p->run)
        return;
    if (!j->run)
        say(j, "%s, %" PRId64 " keys", p->run->name ? p->run->name : p->run->label, p->run->problem.seq_k);
    if (!p->run->capture)
        say(j, "%sseed %" PRIu64, comma(j), p->run->seed);
    if (p->batch >= 0 && p->run->problem.batch > 1)
        say(j, "%sbatch %" PRId64, comma(j), p->batch);
    if (p->head >= 0)
        say(j, "%shead %" PRId64, comma(j), p->head);
    if (p->row >= 0)
        say(j, "%srow %" PRId64, comma(j), p->row);
    if (r->relative_to && *j->reason)
        say(j, "; a multiple of %.120s there", r->relative_to);
}

void at_kpi_say_requirement(const struct at_kpi_requirement *r, const struct at_kpi_gathering *g, struct at_kpi_judgement *j)
{
    const struct at_kpi_finding *f = &j->finding;
    if (j->verdict == AT_CANNOT_SAY && say_missing(r, g, j))
        return;
    if (r->statistic == AT_KPI_QUANTILE)
        say_quantile(r, j);
    else if (r->statistic == AT_KPI_MEAN)
        say_mean(r, j);
    else
        say_place(r, j);
    if (g->missing_runs && r->any_look && g->count)
        say(j, "; %zu of %zu runs are not there yet and need not be", g->missing_runs, g->runs);
    if (f->unknown && (j->verdict == AT_CANNOT_SAY || r->statistic == AT_KPI_QUANTILE))
        say(j, "%s%zu heads cannot be judged: undefined, or the truth's own radius could turn them", *j->reason ? "; " : "", f->unknown);
    if (g->undefined_rows && j->verdict == AT_CANNOT_SAY)
        say(j, "%s%" PRId64 " rows have no finite truth", *j->reason ? "; " : "", g->undefined_rows);
    if (j->run && j->run->nan + j->run->infinite > 0)
        say(j, "%sthe input holds %.0f NaN and %.0f infinite elements", *j->reason ? "; " : "", j->run->nan, j->run->infinite);
}

/* "256 samples of 4 sequences, W.safetensors:lm_head.weight", behind where the largest is. */
static void say_samples(const struct at_kpi_requirement *r, const struct at_kpi_read_outcome *read, struct at_kpi_judgement *j)
{
    bool capture = j->run && j->run->capture;
    say_place(r, j);
    say(j, "%s%" PRId64 " samples of %s%" PRId64 " %s, %.200s%s", comma(j), read->samples, capture ? "these " : "", read->units,
        at_kpi_read_unit(read, read->units != 1), read->readout, capture ? "; of others nothing is said" : "");
}

void at_kpi_say_figure(const struct at_kpi_requirement *r, const struct at_kpi_gathering *g, const struct at_kpi_read_outcome *read,
                       struct at_kpi_judgement *j)
{
    const struct at_kpi_finding *f = &j->finding;
    bool open = j->verdict == AT_CANNOT_SAY, inferred = r->by_interval && j->run && !j->run->capture;
    char text[AT_SENTENCE_SIZE];
    if (open && say_missing(r, g, j))
        return;
    if (open && read->unread) {
        const struct at_kpi_wanted wanted = {.runs = g->all,
                                             .run = read->first_unread,
                                             .variant = j->variant,
                                             .readout = read->readout ? read->readout : "FILE",
                                             .db = g->db};
        say(j, "%zu of %zu runs were not read out: ", read->unread, g->runs);
        say_commands(j, &wanted, read->unread);
        return;
    }
    if (inferred && !isnan(f->interval.low) && may_claim(j)) {
        at_kpi_claim_figure(r, f, read->by_order, at_kpi_read_unit(read, true), j->run->spelling, text);
        say(j, "%s, %.200s", text, read->readout);
    } else if (inferred && *read->why && open) {
        say(j, "no interval: %s", read->why);
    } else {
        say_samples(r, read, j);
        if (open && !read->undefined)
            say(j, "; the truth's own radius could turn it");
    }
    if (read->undefined)
        say(j, "; %" PRId64 " samples have no finite truth", read->undefined);
    if (read->open && r->figure->kind == AT_KPI_TOP_UNCHANGED)
        say(j, "; the truth's radius leaves the top token of %" PRId64 " open", read->open);
}

void at_kpi_say_cost(const struct at_kpi_cost *cost, const char *db, struct at_kpi_judgement *j)
{
    const struct at_kpi_speed *s = &j->speed;
    char word[AT_KPI_COMMAND_SIZE] = "";
    if (s->shapes == 0) {
        say(j, "no process timed it beside %.120s in this scope: attest bench --variants '%.120s,%.120s'", cost->relative_to, j->variant,
            cost->relative_to);
        if (db && at_kpi_append_word(word, sizeof word, db))
            say(j, " --db %s", word);
        return;
    }
    say(j, "slowest of %zu shapes: %" PRId64 "x%" PRId64 "x%" PRId64 "x%" PRId64 "%s, bench %" PRId64, s->shapes, s->problem.batch,
        s->problem.heads_q, s->problem.seq_k, s->problem.dim, s->problem.causal ? " causal" : "", s->bench);
    if (j->verdict == AT_CANNOT_SAY)
        say(j, "; the quartiles of the repeats, %.3g to %.3g, lie on both sides", s->low, s->high);
}

void at_kpi_say_must_pass(const struct at_kpi_input *input, const struct at_kpi_wanted *like, size_t judged, struct at_kpi_judgement *j)
{
    struct at_distribution_choice choice;
    struct at_kpi_wanted wanted = *like;
    if (j->run && judged) {
        say(j, "judged by %zu requirements", judged);
    } else if (j->run) {
        say(j, "no requirement's scope holds it");
    } else if (at_distribution_choose(input->name, &choice, NULL) == AT_OK) {
        wanted.spelling = input->spelling ? input->spelling : input->name;
        say(j, "no run on it: ");
        say_command(j, &wanted);
    } else {
        say(j, "no case is called that, and no distribution; attest show cases lists them");
    }
}
