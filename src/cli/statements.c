/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/statements.h"

#include "cli/database.h"
#include "cli/output.h"
#include "cli/verb.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const said_names[AT_SAIDS] = {"bound", "median", "mean", "tail"};

/* The number given as `name`, or `otherwise`, within [min, max]. */
static enum at_status read_number(const struct at_arguments *arguments, const char *name, double min, double max, double otherwise,
                                  double *ret_value, struct at_error *error)
{
    const char *text = at_argument(arguments, name, 0);
    char *end;
    double value = text ? strtod(text, &end) : otherwise;
    if (text && (end == text || *end || !(value >= min && value <= max)))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': '%s' is no number from %.10g to %.10g", name, text, min, max);
    *ret_value = value;
    return AT_OK;
}

enum at_status at_statements_ask(const struct at_arguments *arguments, const char *table, struct at_statement_question *ret_question,
                                 struct at_error *error)
{
    static const char *const names[] = {"confidence", "share", "one-in"};
    struct at_statement_question q;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && strcmp(table, "statements") != 0; i++)
        if (at_argument_given(arguments, names[i]))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': it belongs to the table statements, not to %s", names[i], table);
    enum at_status status = read_number(arguments, "confidence", 0.5, AT_STATEMENT_SUREST, at_interval_level, &q.confidence, error);
    if (!status)
        status = read_number(arguments, "share", 1e-6, 1 - 1e-6, 0, &q.share, error);
    if (!status)
        status = read_number(arguments, "one-in", 2, 1e9, 0, &q.period, error);
    if (!status)
        *ret_question = q;
    return status;
}

static void print_row(const struct at_pool *pool, const struct at_stated *row)
{
    const struct at_statement *s = &row->statement;
    at_say(stdout, "  %s, %zu key/value heads", pool->variant, s->heads);
    if (s->unknown)
        at_say(stdout, "    heads of which nothing is known, counted as the worst: %zu", s->unknown);
    if (!s->sample && s->heads)
        at_say(stdout, "    fact    %s", s->fact);
    for (int i = 0; i < AT_SAIDS && (s->sample || !s->heads); i++)
        if (i == AT_SAID_BOUND && s->heads && !s->has_bound)
            at_say(stdout, "    %-8s%s for a bound of %.10g %% of them", said_names[i], s->said[i], 100 * s->share);
        else
            at_say(stdout, "    %-8s%s", said_names[i], s->said[i]);
}

void at_statements_print(const struct at_statements *r, const struct at_statement_question *question)
{
    size_t sentences = 0;
    for (size_t from = 0, to; from < r->pools.count; from = to) {
        char looked_at[AT_POOL_TEXT_SIZE];
        to = at_pools_next(&r->pools, from);
        at_pool_looked_at(at_pools_largest(&r->pools, from, to), looked_at);
        at_say(stdout, "%s: %s", r->pools.rows[from].title, looked_at);
        for (size_t i = from; i < to; i++) {
            print_row(&r->pools.rows[i], &r->rows[i]);
            for (int k = 0; k < AT_SAIDS; k++)
                sentences += r->rows[i].statement.sample && strncmp(r->rows[i].statement.said[k], "cannot say", 10) != 0;
        }
        puts("");
    }
    if (r->pools.count)
        puts("A head is a key/value head of one seed, its error the worst of the query heads that read it, over the query rows looked at.");
    if (sentences)
        printf(
            "Sentences speak of heads drawn from the same source, and of no other source, layer or model. Each is wrong in at most %.10g "
            "%% of\nsamples (approximately, where it says so); that one of the %zu shown is wrong is likelier. They hold for a number of "
            "heads\nset beforehand, not for more measured because of what these say.\n",
            100 * (1 - question->confidence), sentences);
}

static json_t *interval_json(struct at_interval interval)
{
    return isnan(interval.low) ? json_null() : json_pack("[o,o]", at_number_json(interval.low), at_number_json(interval.high));
}

static json_t *count_or_null(bool there, int64_t count)
{
    return there ? json_integer((json_int_t)count) : json_null();
}

static json_t *bound_json(const struct at_statement *s)
{
    const struct at_order_bound *b = &s->bound;
    bool lower = s->has_bound && b->side == AT_SIDE_LOWER;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "bound",
                     at_number_json(!s->has_bound ? NAN
                                    : lower       ? b->bound.low
                                                  : b->bound.high),
                     "bound_side", s->has_bound ? json_string(lower ? "at least" : "at most") : json_null(), "bound_share",
                     at_number_json(s->sample && s->heads ? s->share : NAN), "bound_rank", count_or_null(s->has_bound, b->rank),
                     "bound_attained", at_number_json(s->has_bound ? b->attained : NAN), "bound_needs",
                     count_or_null(s->needed > 0, s->needed));
}

static json_t *tail_json(const struct at_statement *s)
{
    static const struct at_interval none = {NAN, NAN};
    bool has = s->has_tail;
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "tail_one_in", at_number_json(has ? s->level.period : NAN), "tail_level",
                     at_number_json(has && !isnan(s->level.interval.low) ? s->level.value : NAN), "tail_interval",
                     interval_json(has ? s->level.interval : none), "tail_shape_interval", interval_json(has ? s->tail.shape : none),
                     "tail_p", at_number_json(has ? s->tail.p_value : NAN));
}

static json_t *row_json(const struct at_statements *r, size_t i, double confidence)
{
    const struct at_stated *row = &r->rows[i];
    const struct at_statement *s = &row->statement;
    json_t *made =
        json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:b, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "case",
                  at_text_json(r->pools.rows[i].title), "variant", at_text_json(r->pools.rows[i].variant), "metric", r->metric->name,
                  "against", r->against, "what", at_text_json(row->what), "source", at_text_json(row->source), "sample", s->sample, "seeds",
                  (json_int_t)r->pools.rows[i].seeds, "key_heads", (json_int_t)s->heads, "unknown", (json_int_t)s->unknown, "confidence",
                  at_number_json(confidence), "range", interval_json(s->range), "median_interval", interval_json(s->median),
                  "median_attained", at_number_json(s->median_attained), "mean_interval", interval_json(s->mean));
    json_t *bound = bound_json(s), *tail = tail_json(s);
    bool failed = !made || json_object_update(made, bound) != 0 || json_object_update(made, tail) != 0;
    for (int k = 0; k < AT_SAIDS && !failed; k++) {
        char key[32];
        snprintf(key, sizeof key, "%s_text", said_names[k]);
        failed = json_object_set_new(made, key, at_text_json(s->said[k])) != 0;
    }
    failed = failed || json_object_set_new(made, "fact_text", *s->fact ? at_text_json(s->fact) : json_null()) != 0;
    json_decref(bound);
    json_decref(tail);
    if (!failed)
        return made;
    json_decref(made);
    return NULL;
}

json_t *at_statements_json(const struct at_statements *r, const struct at_statement_question *question)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows && i < r->pools.count; i++)
        if (json_array_append_new(rows, row_json(r, i, question->confidence)) != 0) {
            json_decref(rows);
            rows = NULL;
        }
    return rows;
}

int at_statements_show(const struct at_arguments *arguments, struct at_store *store, const struct at_filter *filter)
{
    struct at_error error;
    struct at_statements statements = {.rows = NULL};
    struct at_statement_question question;
    int code = AT_EXIT_OK;
    enum at_status status = at_statements_ask(arguments, "statements", &question, &error);
    if (!status)
        status = at_statements_load(store, filter, &question, &statements, &error);
    if (!status && statements.pools.count == 0)
        status = at_database_explain(store, at_database_path(arguments), filter, &error);
    if (status)
        code = at_could_not(status, &error);
    else if (at_argument_given(arguments, "json"))
        code = at_json_print("statements", "statements", at_statements_json(&statements, &question));
    else
        at_statements_print(&statements, &question);
    at_statements_done(&statements);
    return code;
}
