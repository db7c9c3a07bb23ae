/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_read.h"

#include "core/format.h"
#include "core/name.h"
#include "study/value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const at_kpi_statistic_names[AT_KPI_STATISTICS] = {
    [AT_KPI_VALUE] = "value",           [AT_KPI_MEAN] = "mean",      [AT_KPI_QUANTILE] = "quantile", [AT_KPI_WORST_ROW] = "worst-row",
    [AT_KPI_WORST_HEAD] = "worst-head", [AT_KPI_MAXIMUM] = "maximum"};

double at_kpi_rounding(int fraction_bits)
{
    return ldexp(1 / sqrt(32 * M_LN2), -fraction_bits);
}

/* One requirement being read. */
struct one {
    const struct at_kpi_reading *reading;
    const char *path;
    const struct at_file_requirement *file;
    struct at_kpi_requirement *made;
    double unit; /* of the bounds */
};

static enum at_status refuse(const struct one *r, const char *key, const char *message)
{
    return at_kpi_refuse(r->reading, AT_ERR_ARGUMENT, r->path, key, "%s", message);
}

static enum at_status read_name(const struct one *r, const char *key, const char *text, const char *const *names, size_t count,
                                size_t *ret_index)
{
    char hint[AT_NAME_HINT_SIZE], known[256] = "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret_index = i;
            return AT_OK;
        }
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "", names[i]);
    }
    return at_kpi_refuse(r->reading, AT_ERR_NOT_FOUND, r->path, key, "'%.60s' is unknown%s; there are %s", text,
                         at_name_hint(text, names, count, hint), known);
}

static enum at_status read_what(struct one *r)
{
    static const char *const references[] = {"original", "dequantised"};
    struct at_error inner = {""};
    size_t reference = 0, statistic = AT_KPI_VALUE;
    enum at_status status = at_kpi_figure_find(r->file->metric, &r->made->metric, &r->made->figure, &inner);
    if (status)
        return at_kpi_refuse(r->reading, status, r->path, "metric", "%s", inner.message);
    if (r->file->against)
        status = read_name(r, "against", r->file->against, references, 2, &reference);
    if (!status && r->file->statistic)
        status = read_name(r, "statistic", r->file->statistic, at_kpi_statistic_names, AT_KPI_STATISTICS, &statistic);
    r->made->against = references[reference];
    r->made->statistic = (enum at_kpi_statistic)statistic;
    if (!status && r->made->figure && statistic != AT_KPI_VALUE)
        return at_kpi_refuse(r->reading, AT_ERR_ARGUMENT, r->path, "statistic",
                             "%s is a figure of all samples of a readout: it has no other statistic than value", r->made->metric->name);
    if (!status && statistic == AT_KPI_WORST_ROW && !r->made->metric->add)
        return at_kpi_refuse(r->reading, AT_ERR_ARGUMENT, r->path, "statistic",
                             "%s has no values of rows: it counts elements of whole heads; take worst-head", r->made->metric->name);
    return status;
}

static enum at_status read_unit(struct one *r)
{
    const char *names[AT_FORMAT_COUNT];
    size_t format = 0;
    r->unit = 1;
    if (r->made->figure && (r->file->relative_to || r->file->in_units_of))
        return refuse(r, r->file->relative_to ? "relative-to" : "in-units-of",
                      "a figure of a readout is bounded by a number, not by multiples");
    if (r->file->relative_to && r->file->in_units_of)
        return refuse(r, "in-units-of", "the bound is already a multiple of a variant's figure (relative-to); keep one");
    if (r->file->relative_to && r->made->metric->better != AT_SMALLER_IS_BETTER)
        return at_kpi_refuse(r->reading, AT_ERR_ARGUMENT, r->path, "relative-to",
                             "a multiple of %s says nothing: only a metric that is smaller when better and never negative has multiples",
                             r->made->metric->name);
    if (r->file->relative_to)
        return at_kpi_read_variant(r->reading, r->path, "relative-to", r->file->relative_to, &r->made->relative_to);
    if (!r->file->in_units_of)
        return AT_OK;
    for (size_t i = 0; i < AT_FORMAT_COUNT; i++)
        names[i] = at_formats[i].name;
    enum at_status status = read_name(r, "in-units-of", r->file->in_units_of, names, AT_FORMAT_COUNT, &format);
    if (!status)
        r->unit = at_kpi_rounding(at_formats[format].mantissa_bits);
    return status;
}

static enum at_status read_term(struct one *r, const char *key, const char *text, enum at_relation relation)
{
    double bound;
    if (!text)
        return AT_OK;
    if (!at_value_real(text, &bound))
        return at_kpi_refuse(r->reading, AT_ERR_ARGUMENT, r->path, key, "'%.60s' is not a finite number", text);
    r->made->terms[r->made->term_count++] =
        (struct at_requirement){.metric = r->made->metric, .against = r->made->against, .relation = relation, .bound = bound * r->unit};
    return AT_OK;
}

static enum at_status check_terms(const struct one *r)
{
    const struct at_file_requirement *f = r->file;
    const struct at_requirement *t = r->made->terms;
    if (f->at_most && f->below)
        return refuse(r, "below", "at-most and below both bound it from above; keep one");
    if (f->at_least && f->above)
        return refuse(r, "above", "at-least and above both bound it from below; keep one");
    if (f->equals && (f->at_most || f->below || f->at_least || f->above))
        return refuse(r, "equals", "equals and a bound contradict or repeat each other; keep one");
    if (!f->equals && !f->at_most && !f->below && !f->at_least && !f->above)
        return refuse(r, "", "no bound; give at-most, below, at-least, above or equals");
    bool strict = f->below || f->above;
    if (r->made->term_count == 2 && (strict ? !(t[0].bound < t[1].bound) : !(t[0].bound <= t[1].bound)))
        return at_kpi_refuse(r->reading, AT_ERR_ARGUMENT, r->path, f->at_most ? "at-most" : "below", "nothing is both %s %s and %s %s",
                             f->at_least ? "at least" : "above", f->at_least ? f->at_least : f->above, f->at_most ? "at most" : "below",
                             f->at_most ? f->at_most : f->below);
    return AT_OK;
}

/* Lower bounds first. */
static enum at_status read_terms(struct one *r)
{
    const struct at_file_requirement *f = r->file;
    const struct {
        const char *key, *text;
        enum at_relation relation;
    } terms[] = {{"at-least", f->at_least, AT_GREATER_EQUAL},
                 {"above", f->above, AT_GREATER},
                 {"at-most", f->at_most, AT_LESS_EQUAL},
                 {"below", f->below, AT_LESS},
                 {"equals", f->equals, AT_EQUAL}};
    struct at_requirement made[AT_KPI_TERMS] = {{0}};
    size_t count = 0;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < sizeof terms / sizeof terms[0] && !status; i++) {
        r->made->term_count = 0;
        status = read_term(r, terms[i].key, terms[i].text, terms[i].relation);
        if (!status && r->made->term_count && count < AT_KPI_TERMS)
            made[count++] = r->made->terms[0];
    }
    memcpy(r->made->terms, made, sizeof made);
    r->made->term_count = count;
    return status ? status : check_terms(r);
}

static enum at_status read_confidence(struct one *r)
{
    const struct at_file_requirement *f = r->file;
    struct at_kpi_requirement *m = r->made;
    bool infers = m->statistic == AT_KPI_MEAN || m->statistic == AT_KPI_QUANTILE;
    if (f->coverage && m->statistic != AT_KPI_QUANTILE)
        return refuse(r, "coverage", "coverage is the share of heads of 'statistic: quantile'; of another statistic it says nothing");
    if (!f->coverage && m->statistic == AT_KPI_QUANTILE)
        return refuse(r, "statistic", "a quantile needs 'coverage', the share of heads that must meet the bound");
    if (f->confidence && m->figure && m->figure->kind == AT_KPI_MAX_KL)
        return refuse(r, "confidence", "no interval covers a maximum: it is a fact and has no confidence");
    if (f->confidence && !infers && !m->figure)
        return refuse(r, "confidence",
                      "only 'mean', 'quantile' and figures of readouts speak of other heads; the others are facts and have no confidence");
    m->by_interval = m->figure && f->confidence;
    m->confidence = r->reading->confidence;
    enum at_status status = at_kpi_read_number(r->reading, r->path, "confidence", f->confidence, 0.75, 1, true, &m->confidence);
    return status ? status : at_kpi_read_number(r->reading, r->path, "coverage", f->coverage, 0, 1, true, &m->coverage);
}

static enum at_status read_looks(struct one *r)
{
    static const char *const looks[] = {"once", "any"};
    size_t look = 0;
    if (!r->file->looks)
        return AT_OK;
    if (r->made->statistic != AT_KPI_QUANTILE)
        return refuse(r, "looks",
                      "only 'quantile' has a form that may be looked at again (any); a mean has none, and the others are facts, which "
                      "looking does not change");
    enum at_status status = read_name(r, "looks", r->file->looks, looks, 2, &look);
    r->made->any_look = look == 1;
    return status;
}

static enum at_status write_text(struct one *r)
{
    static const char *const signs[] = {
        [AT_LESS_EQUAL] = "<=", [AT_LESS] = "<", [AT_GREATER_EQUAL] = ">=", [AT_GREATER] = ">", [AT_EQUAL] = "=="};
    const struct at_kpi_requirement *m = r->made;
    char text[256], *at = text, *end = text + sizeof text;
    if (m->statistic != AT_KPI_VALUE && m->statistic != AT_KPI_QUANTILE)
        at += snprintf(at, (size_t)(end - at), "%s ", at_kpi_statistic_names[m->statistic]);
    at += snprintf(at, (size_t)(end - at), "%s%s", strcmp(m->against, "original") == 0 ? "" : "dequantised.", m->metric->name);
    if (m->statistic == AT_KPI_QUANTILE)
        at += snprintf(at, (size_t)(end - at), " of %g %% of heads", 100 * m->coverage);
    for (size_t i = 0; i < m->term_count; i++) {
        at += snprintf(at, (size_t)(end - at), "%s %s ", i ? "," : "", signs[m->terms[i].relation]);
        if (m->relative_to)
            at += snprintf(at, (size_t)(end - at), "%g x ", m->terms[i].bound);
        else
            at += snprintf(at, (size_t)(end - at), r->file->in_units_of ? "%.3g" : "%g", m->terms[i].bound);
    }
    if (m->relative_to)
        at += snprintf(at, (size_t)(end - at), "%.96s", m->relative_to);
    if (m->by_interval)
        snprintf(at, (size_t)(end - at), ", %g %% interval", 100 * m->confidence);
    if (m->any_look)
        snprintf(at, (size_t)(end - at), ", at any look");
    r->made->text = strdup(text);
    return r->made->text ? AT_OK : at_fail(r->reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(r->reading->document));
}

enum at_status at_kpi_read_requirement(const struct at_kpi_reading *reading, const char *path, const struct at_file_requirement *file,
                                       struct at_kpi_requirement *ret_requirement)
{
    struct one r = {reading, path, file, ret_requirement, 1};
    enum at_status status = read_what(&r);
    if (!status)
        status = read_unit(&r);
    if (!status)
        status = read_terms(&r);
    if (!status)
        status = read_confidence(&r);
    if (!status)
        status = read_looks(&r);
    if (!status)
        status = at_kpi_read_scope(reading, path, file->scope, &ret_requirement->scope);
    if (!status && ret_requirement->scope.head_count && ret_requirement->statistic == AT_KPI_VALUE)
        status = at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, "scope.heads",
                               "'statistic: value' is of all heads together; with 'heads' take worst-head, worst-row, mean or quantile");
    return status ? status : write_text(&r);
}
