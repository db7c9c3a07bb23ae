/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_judge.h"

#include "study/kpi_say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One evaluation under way. */
struct evaluation {
    struct at_store *store;
    const struct at_kpi *kpi;
    struct at_kpi_result *result;
    struct at_kpi_values *values;     /* of each requirement, on outputs */
    struct at_kpi_readings *readings; /* of each requirement, on figures of readouts */
    const struct at_kpi_run **runs;   /* room for all */
    const struct at_gate_filter *filter;
    struct at_kpi_gathering room; /* for the items of any one decision */
    struct at_error *error;
};

static enum at_status no_memory(struct at_error *error)
{
    return at_fail(error, AT_ERR_MEMORY, "KPI: out of memory");
}

static struct at_kpi_judgement *add(const struct evaluation *e, enum at_kpi_kind kind, size_t index, const char *variant, const char *text)
{
    struct at_kpi_judgement *j = &e->result->judgements[e->result->count++];
    *j = (struct at_kpi_judgement){.kind = kind,
                                   .index = index,
                                   .variant = variant,
                                   .text = text,
                                   .verdict = AT_CANNOT_SAY,
                                   .finding = {.verdict = AT_CANNOT_SAY, .value = NAN, .interval = {NAN, NAN}}};
    return j;
}

static bool infers(const struct at_kpi_requirement *r)
{
    return r->statistic == AT_KPI_MEAN || r->statistic == AT_KPI_QUANTILE;
}

/* A fact that is not met stays so; nothing that is incomplete is met, and no number of heads is chosen while looking. */
static enum at_verdict verdict_of(const struct at_kpi_requirement *r, const struct at_kpi_gathering *g, const struct at_kpi_finding *f)
{
    bool stopped = g->missing_runs && !(r->any_look && g->count); /* any look is as good as the last */
    bool incomplete = stopped || g->missing_baselines || g->unmeasured || g->count == 0;
    if (incomplete && (infers(r) || f->verdict == AT_MET))
        return AT_CANNOT_SAY;
    return f->verdict == AT_MET && g->undefined_rows > 0 && r->metric->radius ? AT_CANNOT_SAY : f->verdict;
}

/* One decision about the runs [from, to) that `takes` them: those of one pool and variant, or, for the maximum, all of the variant. */
static enum at_status decide(const struct evaluation *e, size_t index, const char *variant, const struct at_kpi_run *pool)
{
    const struct at_kpi_requirement *r = &e->kpi->requirements[index];
    const struct at_kpi_runs *runs = &e->result->runs;
    struct at_kpi_gathering g = {.items = e->room.items, .places = e->room.places, .all = runs, .db = e->filter->db};
    for (size_t i = 0; i < runs->count; i++) {
        const struct at_kpi_run *run = &runs->rows[i];
        if (run->chosen && strcmp(run->variant, variant) == 0 && (!pool || run->pool == pool->pool) && at_kpi_in_scope(&r->scope, run))
            at_kpi_gather(&e->values[index], runs, run, r, &g);
    }
    struct at_kpi_judgement *j = add(e, AT_KPI_REQUIREMENT, index, variant, r->text);
    enum at_status status = at_kpi_decide(r, g.items, g.count, pool && pool->capture, &j->finding, e->error);
    if (status)
        return status;
    j->run = pool;
    j->runs = g.runs;
    j->heads = g.heads;
    j->verdict = verdict_of(r, &g, &j->finding);
    if (g.count && r->statistic != AT_KPI_MEAN)
        j->worst = g.places[j->finding.worst];
    at_kpi_say_requirement(r, &g, j);
    return AT_OK;
}

/* The same for a figure of a readout. */
static enum at_status decide_figure(const struct evaluation *e, size_t index, const char *variant, const struct at_kpi_run *pool)
{
    const struct at_kpi_requirement *r = &e->kpi->requirements[index];
    const struct at_kpi_runs *runs = &e->result->runs;
    struct at_kpi_gathering g = {.all = runs, .db = e->filter->db};
    struct at_kpi_read_outcome read;
    for (size_t i = 0; i < runs->count && pool; i++) {
        const struct at_kpi_run *run = &runs->rows[i];
        if (!run->chosen || strcmp(run->variant, variant) != 0 || run->pool != pool->pool || !at_kpi_in_scope(&r->scope, run))
            continue;
        g.runs++;
        g.missing_runs += !run->id;
        if (run->id)
            e->runs[g.count++] = run;
    }
    struct at_kpi_judgement *j = add(e, AT_KPI_REQUIREMENT, index, variant, r->text);
    enum at_status status = at_kpi_read_out(&e->readings[index], e->runs, g.count, r, pool && pool->capture, &read, &j->finding, e->error);
    if (status)
        return status;
    j->run = pool;
    j->runs = g.runs;
    j->worst = read.place;
    for (size_t i = 0; i < g.count; i++)
        j->heads += e->runs[i]->problem.batch * e->runs[i]->problem.heads_kv;
    bool stays = j->finding.verdict == AT_NOT_MET && r->figure->kind == AT_KPI_MAX_KL;
    j->verdict = g.missing_runs && !stays ? AT_CANNOT_SAY : j->finding.verdict;
    at_kpi_say_figure(r, &g, &read, j);
    return AT_OK;
}

static enum at_status judge_requirement(const struct evaluation *e, size_t index, const char *variant)
{
    const struct at_kpi_requirement *r = &e->kpi->requirements[index];
    const struct at_kpi_runs *runs = &e->result->runs;
    enum at_status status = AT_OK;
    bool any = false;
    enum at_status (*judge)(const struct evaluation *, size_t, const char *, const struct at_kpi_run *) =
        r->figure ? decide_figure : decide;
    if (r->relative_to && strcmp(r->relative_to, variant) == 0)
        return AT_OK;
    for (size_t i = 0; i < runs->count && !status && r->statistic != AT_KPI_MAXIMUM; i = at_kpi_runs_next(runs, i)) {
        const struct at_kpi_run *first = NULL; /* the filter may choose some seeds only */
        for (size_t k = i; k < at_kpi_runs_next(runs, i) && !first; k++)
            if (runs->rows[k].chosen && strcmp(runs->rows[k].variant, variant) == 0 && at_kpi_in_scope(&r->scope, &runs->rows[k]))
                first = &runs->rows[k];
        any |= first != NULL;
        if (first)
            status = judge(e, index, variant, first);
    }
    return status || any ? status : judge(e, index, variant, NULL);
}

static bool is_input(const struct at_kpi_input *input, const struct at_kpi_run *run)
{
    size_t length = strcspn(run->spelling, ":");
    if (strcmp(run->label, input->name) == 0)
        return true;
    if (run->capture)
        return false;
    return input->spelling ? strcmp(run->spelling, input->spelling) == 0
                           : strlen(input->name) == length && strncmp(run->spelling, input->name, length) == 0;
}

/* The verdict of what the requirements, from the judgement `first` on, said about the input. */
static void judge_must_pass(const struct evaluation *e, size_t index, const char *variant, size_t first)
{
    const struct at_kpi_input *input = &e->kpi->must_pass[index];
    const struct at_kpi_runs *runs = &e->result->runs;
    const struct at_kpi_run *like = NULL;
    size_t judged = 0, end = e->result->count;
    struct at_kpi_judgement *j = add(e, AT_KPI_MUST_PASS, index, variant, input->name);
    for (size_t i = 0; i < runs->count; i++) {
        const struct at_kpi_run *run = &runs->rows[i];
        if (!run->chosen || strcmp(run->variant, variant) != 0)
            continue;
        like = like ? like : run;
        if (is_input(input, run)) {
            j->run = j->run ? j->run : run;
            j->runs++;
        }
    }
    for (size_t i = first; i < end; i++) {
        const struct at_kpi_judgement *other = &e->result->judgements[i];
        if (other->kind != AT_KPI_REQUIREMENT || !other->run || !is_input(input, other->run))
            continue;
        j->verdict = judged++ ? at_verdict_both(j->verdict, other->verdict) : other->verdict;
    }
    const struct at_kpi_wanted wanted = {.runs = runs, .run = like, .variant = variant, .db = e->filter->db};
    at_kpi_say_must_pass(input, &wanted, judged, j);
}

static enum at_status judge_cost(const struct evaluation *e, size_t index, const char *variant)
{
    const struct at_kpi_cost *cost = &e->kpi->costs[index];
    if (strcmp(cost->relative_to, variant) == 0)
        return AT_OK;
    struct at_kpi_judgement *j = add(e, AT_KPI_COST, index, variant, cost->text);
    enum at_status status = at_kpi_speed_judge(e->store, cost, variant, &j->speed, e->error);
    if (status)
        return status;
    j->verdict = j->speed.verdict;
    at_kpi_say_cost(cost, e->filter->db, j);
    return AT_OK;
}

static enum at_status judge_variant(const struct evaluation *e, struct at_kpi_variant *variant)
{
    enum at_status status = AT_OK;
    size_t first = e->result->count;
    for (size_t i = 0; i < e->kpi->requirement_count && !status; i++)
        status = judge_requirement(e, i, variant->name);
    for (size_t i = 0; i < e->kpi->must_pass_count && !status; i++)
        judge_must_pass(e, i, variant->name, first);
    for (size_t i = 0; i < e->kpi->cost_count && !status; i++)
        status = judge_cost(e, i, variant->name);
    for (size_t i = first; i < e->result->count && !status; i++) {
        enum at_verdict verdict = e->result->judgements[i].verdict;
        variant->verdict = i > first ? at_verdict_both(variant->verdict, verdict) : verdict;
        e->result->met += verdict == AT_MET;
        e->result->not_met += verdict == AT_NOT_MET;
        e->result->cannot_say += verdict == AT_CANNOT_SAY;
    }
    return status;
}

/* Those of chosen runs, in their order. */
static void list_variants(struct at_kpi_result *result)
{
    for (size_t i = 0; i < result->runs.count; i++) {
        size_t v = 0;
        if (!result->runs.rows[i].chosen)
            continue;
        while (v < result->variant_count && strcmp(result->variants[v].name, result->runs.rows[i].variant) != 0)
            v++;
        if (v == result->variant_count)
            result->variants[result->variant_count++] = (struct at_kpi_variant){result->runs.rows[i].variant, AT_CANNOT_SAY};
    }
}

static enum at_status load(struct evaluation *e)
{
    size_t most = 0, count = e->kpi->requirement_count;
    e->values = calloc(count + 1, sizeof *e->values);
    e->readings = calloc(count + 1, sizeof *e->readings);
    e->runs = calloc(e->result->runs.count + 1, sizeof *e->runs);
    enum at_status status = e->values && e->readings && e->runs ? AT_OK : no_memory(e->error);
    for (size_t i = 0; i < count && !status; i++) {
        const struct at_kpi_requirement *r = &e->kpi->requirements[i];
        status = r->figure ? at_kpi_readings_load(e->store, &e->result->runs, e->filter, r->against, &e->readings[i], e->error)
                           : at_kpi_values_load(e->store, &e->result->runs, r, &e->values[i], e->error);
        most = !status && e->values[i].table.rows > most ? e->values[i].table.rows : most;
    }
    if (status)
        return status;
    e->room.items = calloc(most + 1, sizeof *e->room.items);
    e->room.places = calloc(most + 1, sizeof *e->room.places);
    e->result->variants = calloc(e->result->runs.count + 1, sizeof *e->result->variants);
    if (e->result->variants)
        list_variants(e->result);
    size_t runs = e->result->runs.count, variants = e->result->variant_count; /* a variant that has no input is judged once */
    size_t terms = count * (runs + variants) + (e->kpi->must_pass_count + e->kpi->cost_count) * variants;
    e->result->judgements = calloc(terms + 1, sizeof *e->result->judgements);
    return e->room.items && e->room.places && e->result->variants && e->result->judgements ? AT_OK : no_memory(e->error);
}

static void unload(struct evaluation *e)
{
    for (size_t i = 0; e->values && e->readings && i < e->kpi->requirement_count; i++) {
        at_kpi_values_done(&e->values[i]);
        at_kpi_readings_done(&e->readings[i]);
    }
    free(e->values);
    free(e->readings);
    free(e->runs);
    free(e->room.items);
    free(e->room.places);
}

enum at_status at_kpi_evaluate(struct at_store *store, const struct at_kpi *kpi, const struct at_gate_filter *filter,
                               struct at_kpi_result *ret_result, struct at_error *error)
{
    struct at_kpi_result result = {.verdict = AT_CANNOT_SAY};
    struct evaluation e = {.store = store, .kpi = kpi, .result = &result, .filter = filter, .error = error};
    enum at_status status = at_kpi_runs_load(store, filter, &result.runs, error);
    if (!status)
        status = load(&e);
    size_t judged = 0, before;
    for (size_t v = 0; v < result.variant_count && !status; v++) {
        struct at_kpi_variant variant = result.variants[v];
        before = result.count;
        status = judge_variant(&e, &variant);
        if (result.count == before) /* a baseline, and nothing else is asked of it */
            continue;
        result.verdict = judged ? at_verdict_both(result.verdict, variant.verdict) : variant.verdict;
        result.variants[judged++] = variant;
    }
    result.variant_count = judged;
    unload(&e);
    if (status)
        at_kpi_result_done(&result);
    else
        *ret_result = result;
    return status;
}

void at_kpi_result_done(struct at_kpi_result *result)
{
    free(result->judgements);
    free(result->variants);
    at_kpi_runs_done(&result->runs);
    *result = (struct at_kpi_result){0};
}
