/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/kpi.h"

#include "cli/grid.h"
#include "cli/output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct at_kpi_requirement *requirement_of(const struct at_kpi *kpi, const struct at_kpi_judgement *j)
{
    return j->kind == AT_KPI_REQUIREMENT ? &kpi->requirements[j->index] : NULL;
}

static void print_value(const struct at_kpi *kpi, const struct at_kpi_judgement *j, char ret_text[AT_NUMBER_SIZE])
{
    const struct at_kpi_requirement *r = requirement_of(kpi, j);
    if (r && !r->relative_to)
        at_value_print(r->metric->name, j->finding.value, ret_text);
    else
        at_number_print(r ? j->finding.value : j->kind == AT_KPI_COST ? j->speed.ratio : NAN, ret_text);
}

static void add_input(struct at_grid *grid, const struct at_kpi_judgement *j)
{
    char text[64];
    at_grid_add(grid, j->run ? j->run->name : j->kind == AT_KPI_REQUIREMENT ? "all inputs" : "");
    snprintf(text, sizeof text, "%" PRId64, j->run ? j->run->problem.seq_k : 0);
    at_grid_add(grid, j->run ? text : "");
    snprintf(text, sizeof text, "%" PRId64, j->heads);
    at_grid_add(grid, j->heads ? text : "");
}

static void print_variant(const struct at_kpi *kpi, const struct at_kpi_result *result, const struct at_kpi_variant *variant)
{
    static const char *const headings[] = {"requirement", "case", ">keys", ">heads", ">value", "verdict", "what was found"};
    struct at_grid grid;
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = 0; i < result->count; i++) {
        const struct at_kpi_judgement *j = &result->judgements[i];
        char value[AT_NUMBER_SIZE], text[320];
        if (strcmp(j->variant, variant->name) != 0)
            continue;
        snprintf(text, sizeof text, "%s%s", j->kind == AT_KPI_MUST_PASS ? "must pass: " : "", j->text);
        print_value(kpi, j, value);
        at_grid_add(&grid, text);
        add_input(&grid, j);
        at_grid_add(&grid, j->kind == AT_KPI_MUST_PASS ? "" : value);
        at_grid_add(&grid, at_verdict_name(j->verdict));
        at_grid_add(&grid, j->reason);
    }
    at_say(stdout, "%s: %s", variant->name, at_verdict_name(variant->verdict));
    at_grid_print(&grid);
    at_grid_done(&grid);
    puts("");
}

void at_kpi_print(const struct at_kpi *kpi, const struct at_kpi_result *result)
{
    bool infers = false, captured = false, any_look = false, figures = false;
    for (size_t v = 0; v < result->variant_count; v++)
        print_variant(kpi, result, &result->variants[v]);
    for (size_t i = 0; i < result->count; i++) {
        const struct at_kpi_requirement *r = requirement_of(kpi, &result->judgements[i]);
        infers |= r && (r->statistic == AT_KPI_MEAN || (r->statistic == AT_KPI_QUANTILE && !r->any_look));
        any_look |= r && r->any_look;
        figures |= r && r->figure;
        captured |= r && result->judgements[i].run && result->judgements[i].run->capture;
    }
    at_say(stdout, "KPI %s: %s. %zu met, %zu not met, %zu cannot say.", kpi->name, at_verdict_name(result->verdict), result->met,
           result->not_met, result->cannot_say);
    puts("Heads are key/value heads of one input. Values are of the query rows looked at: of other rows nothing is said.");
    if (infers)
        puts("Mean and quantile speak of heads that the same distribution would give, for a number of heads fixed beforehand.");
    if (any_look)
        puts("'At any look' stays valid when heads are added until it is decided.");
    if (figures)
        puts("Figures of a readout are of the samples read out; their intervals speak of other sequences of the same distribution.");
    if (captured)
        puts("Captured heads are all there are: what is said of them holds for no other head.");
}

static json_t *place_json(const struct at_kpi_place *place)
{
    const struct at_kpi_run *run = place->run;
    if (!run)
        return json_null();
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "run", (json_int_t)run->id, "seed",
                     run->capture ? json_null() : json_integer((json_int_t)run->seed), "batch",
                     place->batch < 0 ? json_null() : json_integer((json_int_t)place->batch), "head",
                     place->head < 0 ? json_null() : json_integer((json_int_t)place->head), "row",
                     place->row < 0 ? json_null() : json_integer((json_int_t)place->row));
}

static json_t *interval_json(const struct at_interval *interval)
{
    return isnan(interval->low) ? json_null() : json_pack("[o, o]", at_number_json(interval->low), at_number_json(interval->high));
}

static json_t *judgement_json(const struct at_kpi *kpi, const struct at_kpi_judgement *j)
{
    static const char *const kinds[] = {[AT_KPI_REQUIREMENT] = "requirement", [AT_KPI_MUST_PASS] = "must-pass", [AT_KPI_COST] = "cost"};
    const struct at_kpi_requirement *r = requirement_of(kpi, j);
    const struct at_kpi_finding *f = &j->finding;
    const struct at_interval quartiles = {j->speed.low, j->speed.high}, none = {NAN, NAN};
    bool cost = j->kind == AT_KPI_COST && j->speed.shapes;
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, "
                     "s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:s, s:o, s:o}", "kind",
                     kinds[j->kind], "index", (json_int_t)j->index, "variant", at_text_json(j->variant), "term", at_text_json(j->text),
                     "metric", r ? json_string(r->metric->name) : json_null(), "statistic",
                     r ? json_string(at_kpi_statistic_names[r->statistic]) : json_null(), "case",
                     j->run ? at_text_json(j->run->name) : json_null(), "label",
                     j->run ? at_text_json(j->run->label) : json_null(), "seq_k",
                     j->run ? json_integer((json_int_t)j->run->problem.seq_k) : json_null(), "runs", (json_int_t)j->runs, "value",
                     at_number_json(cost ? j->speed.ratio : f->value), "interval",
                     interval_json(cost                            ? &quartiles
                                   : j->kind == AT_KPI_REQUIREMENT ? &f->interval
                                                                   : &none),
                     "confidence",
                     r && (r->statistic == AT_KPI_MEAN || r->statistic == AT_KPI_QUANTILE || r->by_interval) && !(j->run && j->run->capture)
                         ? json_real(r->confidence)
                         : json_null(),
                     "heads", (json_int_t)j->heads, "missing", (json_int_t)f->missing, "unknown", (json_int_t)f->unknown, "further_met",
                     (json_int_t)f->further_met, "further_not_met", (json_int_t)f->further_not_met, "worst_at", place_json(&j->worst),
                     "verdict", at_verdict_name(j->verdict), "reason", at_text_json(j->reason), "looks",
                     r && r->statistic == AT_KPI_QUANTILE ? json_string(r->any_look ? "any" : "once") : json_null());
}

json_t *at_kpi_json(const struct at_kpi *kpi, const struct at_kpi_result *result)
{
    json_t *variants = json_array(), *judgements = json_array();
    for (size_t i = 0; i < result->variant_count; i++)
        json_array_append_new(variants, json_pack("{s:o, s:s}", "variant", at_text_json(result->variants[i].name), "verdict",
                                                  at_verdict_name(result->variants[i].verdict)));
    for (size_t i = 0; i < result->count; i++)
        json_array_append_new(judgements, judgement_json(kpi, &result->judgements[i]));
    return json_pack("{s:o, s:o, s:s, s:o, s:o}", "name", at_text_json(kpi->name), "description", at_text_json(kpi->description), "verdict",
                     at_verdict_name(result->verdict), "variants", variants, "judgements", judgements);
}
