/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "metrics/metric.h"
#include "reports/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum shape { PLAIN, NUMBER, DURATION, DIGEST, LONG, YES_NO, POWER, SCALE };

struct column {
    const char *name, *heading; /* of the query; above the column */
    enum shape shape;
};

/* The text of a cell as its column shows it; points into the cell or into `buffer`. */
static const char *shaped(const struct at_cell *cell, enum shape shape, char buffer[AT_NUMBER_SIZE])
{
    if (cell->kind == AT_CELL_NULL)
        return at_cell_print(cell, buffer);
    double number = at_cell_number(cell);
    switch (shape) {
    case DURATION: at_duration_print(number * 1e-9, buffer); return buffer;
    case YES_NO: return number != 0 ? "yes" : "no";
    case POWER: snprintf(buffer, AT_NUMBER_SIZE, "2^%.1f", number); return buffer;
    case SCALE:
        if (number == 0)
            return "1/\u221adim";
        at_number_print(number, buffer);
        return buffer;
    case PLAIN:
    case NUMBER:
    case DIGEST:
    case LONG: break;
    }
    return at_cell_print(cell, buffer);
}

/* Lists of fields may break after their commas. */
static void add_long(struct at_buffer *b, const char *text)
{
    char piece[256];
    at_buffer_text(b, "<td class=\"long\"><code>");
    while (*text) {
        size_t length = strcspn(text, ",");
        length += text[length] == ',';
        length = length < sizeof piece ? length : sizeof piece - 1;
        memcpy(piece, text, length);
        piece[length] = '\0';
        at_buffer_markup(b, "%s<wbr>", piece);
        text += length;
    }
    at_buffer_text(b, "</code></td>");
}

static void add_cell(struct at_buffer *b, const struct at_cell *cell, enum shape shape)
{
    char buffer[AT_NUMBER_SIZE];
    const char *text = shaped(cell, shape, buffer);
    if (shape == DIGEST)
        at_buffer_markup(b, "<td class=\"digest\"><code>%s</code></td>", text);
    else if (shape == LONG)
        add_long(b, text);
    else
        at_buffer_markup(b, shape == PLAIN ? "<td>%s</td>" : "<td class=\"n\">%s</td>", text);
}

/* A query as a table. */
static enum at_status add_table(struct at_page *page, const char *query, const char *caption, const struct column *columns, size_t count,
                                struct at_error *error)
{
    struct at_table t;
    enum at_status status = at_query_run(page->store, query, page->filter, &t, error);
    if (status)
        return status;
    at_buffer_markup(page->text, "<h3>%s</h3>\n<div class=\"wide\"><table class=\"small\">\n<thead><tr>", caption);
    for (size_t c = 0; c < count; c++)
        at_buffer_markup(page->text,
                         columns[c].shape == PLAIN || columns[c].shape == DIGEST || columns[c].shape == LONG
                             ? "<th scope=\"col\">%s</th>"
                             : "<th scope=\"col\" class=\"n\">%s</th>",
                         columns[c].heading);
    at_buffer_text(page->text, "</tr></thead>\n<tbody>\n");
    for (size_t r = 0; r < t.rows; r++) {
        at_buffer_text(page->text, "<tr>");
        for (size_t c = 0; c < count; c++)
            add_cell(page->text, at_table_cell(&t, r, columns[c].name), columns[c].shape);
        at_buffer_text(page->text, "</tr>\n");
    }
    at_buffer_text(page->text, "</tbody></table></div>\n");
    at_table_done(&t);
    return AT_OK;
}

static const struct column case_columns[] = {
    {"case", "Case", PLAIN},   {"spelling", "Inputs", PLAIN},    {"format", "Format", PLAIN},
    {"seed", "Seed", NUMBER},  {"shape", "Shape", PLAIN},        {"causal", "Causal", YES_NO},
    {"scale", "Scale", SCALE}, {"rows", "Rows", NUMBER},         {"rows_seed", "Rows' seed", NUMBER},
    {"nan", "NaN", NUMBER},    {"infinite", "Infinite", NUMBER}, {"sha256", "SHA-256 of Q, K, V", DIGEST}};
static const struct column variant_columns[] = {{"variant", "Variant", PLAIN}, {"numerics", "Every rounding decision", LONG}};
static const struct column run_columns[] = {{"case", "Case", PLAIN},
                                            {"variant", "Variant", PLAIN},
                                            {"elements", "Q, K, V elements", NUMBER},
                                            {"saturated", "saturated", NUMBER},
                                            {"underflowed", "underflowed", NUMBER},
                                            {"p_elements", "P elements", NUMBER},
                                            {"p_saturated", "saturated", NUMBER},
                                            {"p_underflowed", "underflowed", NUMBER},
                                            {"computed_by", "Computed by", PLAIN},
                                            {"device", "On", PLAIN},
                                            {"gpu", "GPU", NUMBER},
                                            {"time_ns", "Time", DURATION},
                                            {"created", "When (UTC)", PLAIN},
                                            {"operands_sha256", "SHA-256 of operands", DIGEST},
                                            {"output_sha256", "SHA-256 of output", DIGEST}};
static const struct column reference_columns[] = {{"case", "Case", PLAIN},
                                                  {"variant", "Variant", PLAIN},
                                                  {"against", "Truth of", PLAIN},
                                                  {"oracle", "Oracle", PLAIN},
                                                  {"precision_bits", "Bits", NUMBER},
                                                  {"radius_log2", "Largest radius / \u03a3 p\u00b7|v|", POWER},
                                                  {"smallest_log2", "Smallest error / \u03a3 p\u00b7|v|", POWER},
                                                  {"raised_rows", "Rows solved again", NUMBER},
                                                  {"raised_by", "by", PLAIN},
                                                  {"open_rows", "Rows left open", NUMBER},
                                                  {"checked_rows", "Rows compared", NUMBER},
                                                  {"checked_by", "with", PLAIN},
                                                  {"disagreement_log2", "Largest difference / \u03a3 p\u00b7|v|", POWER},
                                                  {"disagreement_share", "of both radii", NUMBER},
                                                  {"undefined_rows", "Rows without truth", NUMBER},
                                                  {"time_ns", "Time", DURATION},
                                                  {"truth_sha256", "SHA-256 of truth", DIGEST}};
static const struct column build_columns[] = {{"version", "Version", PLAIN},
                                              {"revision", "Revision", PLAIN},
                                              {"compiler", "Compiler", PLAIN},
                                              {"runs", "Runs", NUMBER},
                                              {"options", "Options and libraries", LONG},
                                              {"sha256", "SHA-256 of the program", DIGEST}};
static const struct column device_columns[] = {
    {"kind", "Kind", PLAIN}, {"name", "Device", PLAIN}, {"runs", "Runs", NUMBER}, {"details", "Details", LONG}};

#define COLUMNS(c) c, sizeof(c) / sizeof(c)[0]

static const struct column difference_columns[] = {
    {"created", "When (UTC)", PLAIN}, {"case", "Case", PLAIN}, {"variant", "Variant", PLAIN},  {"kernel", "Kernel", PLAIN},
    {"device", "On", PLAIN},          {"gpu", "GPU", NUMBER},  {"outputs", "Outputs", NUMBER}, {"differing", "differing", NUMBER},
    {"detail", "The first", LONG}};

/* Kernels that gave other bits than the twin: where there is one, the reader must know. */
static enum at_status add_differences(struct at_page *page, struct at_error *error)
{
    struct at_table t;
    enum at_status status = at_query_run(page->store, "differences", page->filter, &t, error);
    if (status)
        return status;
    bool any = t.rows > 0;
    at_table_done(&t);
    return any ? add_table(page, "differences", "Kernels that differed from the twin; of these no run is stored",
                           COLUMNS(difference_columns), error)
               : AT_OK;
}

static enum at_status add_studies(struct at_page *page, struct at_error *error)
{
    struct at_table t;
    enum at_status status = at_query_run(page->store, "studies", page->filter, &t, error);
    if (status)
        return status;
    at_buffer_text(page->text, "<h3>What was asked</h3>\n");
    for (size_t i = 0; i < t.rows; i++)
        at_buffer_markup(page->text, "<details><summary>%s <code>%s</code></summary>\n<pre>%s</pre></details>\n",
                         at_table_cell(&t, i, "study")->text, at_table_cell(&t, i, "sha256")->text, at_table_cell(&t, i, "text")->text);
    at_table_done(&t);
    return AT_OK;
}

enum at_status at_page_provenance(struct at_page *page, struct at_error *error)
{
    at_buffer_text(page->text,
                   "<section id=\"provenance\">\n<h2>Provenance</h2>\n<p>Equal digests mean equal bits. The digest of an output is that "
                   "of O, row maximum, row sum and log-sum-exp of the rows looked at.</p>\n");
    enum at_status status = add_table(page, "cases", "Cases", COLUMNS(case_columns), error);
    if (!status)
        status = add_table(page, "variants", "Variants", COLUMNS(variant_columns), error);
    if (!status)
        status = add_table(page, "runs", "Runs", COLUMNS(run_columns), error);
    if (!status)
        status = add_table(page, "references", "Truths", COLUMNS(reference_columns), error);
    if (!status)
        status = add_table(page, "builds", "Programs", COLUMNS(build_columns), error);
    if (!status)
        status = add_table(page, "devices", "Machines", COLUMNS(device_columns), error);
    if (!status)
        status = add_differences(page, error);
    if (!status)
        status = add_studies(page, error);
    at_buffer_text(page->text, "</section>\n");
    return status;
}

void at_page_glossary(struct at_page *page)
{
    static const char *const better[] = {[AT_SMALLER_IS_BETTER] = "smaller is better",
                                         [AT_LARGER_IS_BETTER] = "larger is better",
                                         [AT_NEARER_ZERO_IS_BETTER] = "nearer 0 is better"};
    at_buffer_text(
        page->text,
        "<section id=\"glossary\">\n<h2>Glossary</h2>\n<dl>\n"
        "<dt>whole error</dt><dd>of a variant's outputs against the truth of the inputs as they were given.</dd>\n"
        "<dt>the kernel's part</dt><dd>of the same outputs against the truth of the inputs as the variant rounded them: what rounding the "
        "inputs did is no part of it.</dd>\n"
        "<dt>&Sigma;&#8202;p&middot;|v|</dt><dd>the sum over keys of the softmax weight times the size of the value: what an output would "
        "be if "
        "nothing cancelled. Errors as a fraction of it stay meaningful where the output itself is near 0.</dd>\n"
        "<dt>radius</dt><dd>how far the truth may be from the value the oracle gave; shown after a value where it reaches its "
        "digits.</dd>\n"
        "<dt>saturated, underflowed</dt><dd>share of the rounded elements of Q, K, V and P that were clipped to the largest value of their "
        "format, or were not 0 and became 0.</dd>\n");
    for (size_t m = 0; m < at_metric_count; m++)
        at_buffer_markup(page->text, "<dt>%s <code>%s</code></dt><dd><code class=\"formula\">%s</code>%s%s; %s.</dd>\n",
                         at_metrics[m]->label, at_metrics[m]->name, at_metrics[m]->formula, *at_metrics[m]->unit ? ", in " : "",
                         at_metrics[m]->unit, better[at_metrics[m]->better]);
    at_buffer_text(page->text, "</dl>\n</section>\n");
}
