/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/grid.h"
#include "cli/output.h"
#include "cli/verb.h"

#include "core/name.h"
#include "core/numerics.h"
#include "datasets/dataset.h"
#include "kernels/attention/kernel.h"
#include "kernels/probes/probe.h"
#include "kernels/variants/variant.h"
#include "metrics/metric.h"
#include "oracles/oracle.h"
#include "reports/number.h"
#include "reports/report.h"
#include "study/kpi.h"
#include "study/kpi_ready.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One kind of thing that attest knows by name: its columns, and the texts of the i-th one; false past the last. */
struct kind {
    const char *name, *summary;
    size_t columns;
    const char *headings[5];
    bool (*row)(size_t i, char *numerics, const char **ret_texts);
};

/* The registered ones, then the families. */
static bool variant_row(size_t i, char *numerics, const char **ret_texts)
{
    static char summary[128];
    const struct at_variant *variant = NULL;
    const char *family = NULL;
    if (i < at_variant_count)
        variant = at_variants[i];
    else if (!at_variant_family(i - at_variant_count, &family, &variant))
        return false;
    if (family)
        snprintf(summary, sizeof summary, "family: stands for %s, alone or as the base of %s:KEY=VALUE,...", variant->name, family);
    at_numerics_print(&variant->numerics, numerics);
    ret_texts[0] = family ? family : variant->name;
    ret_texts[1] = family ? summary : variant->summary;
    ret_texts[2] = variant->source;
    ret_texts[3] = numerics;
    return true;
}

static bool distribution_row(size_t i, char *text, const char **ret_texts)
{
    if (i >= at_distribution_count)
        return false;
    const struct at_distribution *d = at_distributions[i];
    size_t used = 0;
    text[0] = '\0';
    for (const struct at_parameter *p = d->parameters; p->name && used < AT_NUMERICS_TEXT_SIZE; p++) {
        int length = snprintf(text + used, AT_NUMERICS_TEXT_SIZE - used, "%s%s=%g (%g to %g: %s)", used ? "; " : "", p->name, p->initial,
                              p->min, p->max, p->meaning);
        used += length > 0 ? (size_t)length : 0;
    }
    ret_texts[0] = d->name;
    ret_texts[1] = d->summary;
    ret_texts[2] = text;
    ret_texts[3] = d->source;
    return true;
}

static bool metric_row(size_t i, char *text, const char **ret_texts)
{
    static const char *const better[] = {
        [AT_SMALLER_IS_BETTER] = "smaller", [AT_LARGER_IS_BETTER] = "larger", [AT_NEARER_ZERO_IS_BETTER] = "nearer 0"};
    (void)text;
    if (i >= at_metric_count)
        return false;
    ret_texts[0] = at_metrics[i]->name;
    ret_texts[1] = at_metrics[i]->label;
    ret_texts[2] = at_metrics[i]->unit;
    ret_texts[3] = better[at_metrics[i]->better];
    ret_texts[4] = at_metrics[i]->formula;
    return true;
}

static bool oracle_row(size_t i, char *text, const char **ret_texts)
{
    (void)text;
    if (i >= at_oracle_count)
        return false;
    ret_texts[0] = at_oracles[i]->name;
    ret_texts[1] = at_oracles[i]->summary;
    ret_texts[2] = at_oracles[i]->bound;
    return true;
}

static bool field_row(size_t i, char *text, const char **ret_texts)
{
    (void)text;
    return at_numerics_key(i, &ret_texts[0], &ret_texts[1], &ret_texts[2]);
}

static bool probe_row(size_t i, char *text, const char **ret_texts)
{
    (void)text;
    if (i >= at_probe_count)
        return false;
    ret_texts[0] = at_probes[i]->name;
    ret_texts[1] = at_probes[i]->summary;
    ret_texts[2] = at_probes[i]->instruction;
    return true;
}

/* The registered variants that the kernel computes for some head dimension, with or without a mask. */
static bool kernel_row(size_t i, char *text, const char **ret_texts)
{
    static const int64_t dims[] = {32, 64, 128, 256};
    enum { SHAPES = 2 * sizeof dims / sizeof dims[0], SEQ = 1024 };
    size_t used = 0;
    if (i >= at_kernel_count)
        return false;
    text[0] = '\0';
    for (size_t v = 0; v < at_variant_count; v++) {
        bool computes = false;
        for (size_t s = 0; s < SHAPES && !computes; s++) {
            const struct at_problem p = {1, 1, 1, SEQ, SEQ, dims[s / 2], s % 2, 0};
            struct at_numerics resolved;
            computes = at_numerics_resolve(&at_variants[v]->numerics, &p, &resolved, NULL) == AT_OK &&
                       at_kernels[i]->check(&resolved, &p, NULL) == AT_OK;
        }
        if (computes && used < AT_NUMERICS_TEXT_SIZE)
            used += (size_t)snprintf(text + used, AT_NUMERICS_TEXT_SIZE - used, "%s%s", used ? ", " : "", at_variants[v]->name);
    }
    ret_texts[0] = at_kernels[i]->name;
    ret_texts[1] = at_kernels[i]->summary;
    ret_texts[2] = text;
    return true;
}

static bool kpi_row(size_t i, char *text, const char **ret_texts)
{
    static char description[512];
    struct at_kpi kpi;
    (void)text;
    if (i >= at_kpi_ready_count || at_kpi_read(at_kpi_readies[i].name, &kpi, NULL))
        return false;
    snprintf(description, sizeof description, "%s", kpi.description);
    at_kpi_done(&kpi);
    ret_texts[0] = at_kpi_readies[i].name;
    ret_texts[1] = description;
    ret_texts[2] = at_kpi_readies[i].text;
    return true;
}

static bool report_row(size_t i, char *text, const char **ret_texts)
{
    (void)text;
    if (i >= at_report_count)
        return false;
    ret_texts[0] = at_reports[i]->name;
    ret_texts[1] = at_reports[i]->summary;
    return true;
}

static const struct kind kinds[] = {
    {"variants", "named numerics of kernels", 4, {"name", "summary", "source", "numerics"}, variant_row},
    {"distributions", "inputs that can be generated", 4, {"name", "summary", "parameters", "source"}, distribution_row},
    {"metrics", "measures of error", 5, {"name", "label", "unit", "better", "formula"}, metric_row},
    {"oracles", "sources of the true answer", 3, {"name", "summary", "bound"}, oracle_row},
    {"fields", "what a spelled variant can set (fp8:KEY=VALUE,...)", 3, {"name", "values", "meaning"}, field_row},
    {"probes", "instructions of a GPU that attest doctor --probe compares with the twin", 3, {"name", "summary", "instruction"}, probe_row},
    {"kernels", "attention on GPUs, for attest run --device cuda", 3, {"name", "summary", "variants"}, kernel_row},
    {"reports", "documents that attest report makes", 2, {"name", "summary"}, report_row},
    {"kpis", "ready-made KPI files, for attest gate --kpi", 3, {"name", "summary", "text"}, kpi_row},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], SHOWN_COLUMNS = 2 };

static json_t *kind_json(const struct kind *kind)
{
    char text[AT_NUMERICS_TEXT_SIZE];
    const char *texts[5];
    json_t *rows = json_array();
    for (size_t i = 0; rows && kind->row(i, text, texts); i++) {
        json_t *row = json_object();
        for (size_t c = 0; c < kind->columns; c++)
            json_object_set_new(row, kind->headings[c], json_string(texts[c]));
        json_array_append_new(rows, row);
    }
    return rows;
}

/* Sources and full numerics are long: the table leaves them to --json. */
static void print_kind(const struct kind *kind)
{
    char text[AT_NUMERICS_TEXT_SIZE];
    const char *texts[5];
    bool brief = kind->row == variant_row || kind->row == distribution_row, few = kind->row == variant_row || kind->row == kpi_row;
    size_t columns = few ? SHOWN_COLUMNS : kind->row == distribution_row ? SHOWN_COLUMNS + 1 : kind->columns;
    struct at_grid grid;
    at_grid_init(&grid, columns, kind->headings);
    for (size_t i = 0; kind->row(i, text, texts); i++)
        for (size_t c = 0; c < columns; c++)
            at_grid_add(&grid, texts[c]);
    at_grid_print(&grid);
    at_grid_done(&grid);
    if (brief)
        puts("\nSources are in --json.");
    if (kind->row == kpi_row)
        puts("\nTheir texts are in --json.");
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    const char *names[KINDS], *wanted = at_word(arguments, 0);
    if (at_words_at_most(arguments, 1, &error))
        return at_misused("list", &error);
    if (!wanted) {
        at_fail(&error, AT_ERR_ARGUMENT, "list what? variants, distributions, metrics, oracles, fields, probes, kernels, reports or kpis");
        return at_misused("list", &error);
    }
    for (size_t i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        if (strcmp(wanted, kinds[i].name) != 0)
            continue;
        if (at_argument_given(arguments, "json"))
            return at_json_print(kinds[i].name, kinds[i].name, kind_json(&kinds[i]));
        print_kind(&kinds[i]);
        return AT_EXIT_OK;
    }
    char hint[AT_NAME_HINT_SIZE];
    at_fail(&error, AT_ERR_ARGUMENT,
            "list '%s' is unknown%s; there are variants, distributions, metrics, oracles, fields, probes, kernels, reports and kpis",
            wanted, at_name_hint(wanted, names, KINDS, hint));
    return at_misused("list", &error);
}

static const struct at_option options[] = {{0}};

const struct at_verb at_verb_list = {
    .name = "list",
    .summary = "names that attest knows: variants, distributions, metrics, oracles, fields, probes, kernels, reports, kpis",
    .usage = "  attest list variants|distributions|metrics|oracles|fields|probes|kernels|reports|kpis [--json]\n",
    .help = "variants       named numerics of kernels, for run --variants\n"
            "distributions  inputs that can be generated, with their parameters, for run --distribution\n"
            "metrics        measures of error with their formulas, for gate --require and show --metric\n"
            "oracles        sources of the true answer and what their radius guarantees\n"
            "fields         what a spelled variant can set: fp8:scale=block128,promote=tile; its base is any variant or a family, fp8,\n"
            "               fp16 or bf16 (fa3-fp8, fa3-fp16, fa3-bf16)\n"
            "probes         instructions of a GPU that attest doctor --probe compares with the twin\n"
            "kernels        attention on GPUs with the variants that they compute, for run --device cuda\n"
            "reports        documents that attest report makes\n"
            "kpis           ready-made KPI files, for gate --kpi\n",
    .examples = "  attest list variants\n"
                "  attest list metrics --json\n"
                "  attest list fields\n",
    .options = options,
    .run = run,
};
