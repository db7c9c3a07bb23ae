/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/fits.h"

#include "cli/database.h"
#include "cli/fits_table.h"
#include "cli/output.h"
#include "cli/verb.h"

#include "core/name.h"
#include "datasets/dataset.h"
#include "metrics/metric.h"
#include "study/value.h"

#include <math.h>
#include <string.h>

/* The command line, understood. */
struct fits_request {
    struct at_filter filter;
    struct at_swept_question question;
    enum at_law law;
};

/* A finite number, or `otherwise` where the option is not given. */
static enum at_status read_number(const struct at_arguments *a, const char *option, double otherwise, double *ret_value,
                                  struct at_error *error)
{
    const char *text = at_argument(a, option, 0);
    *ret_value = otherwise;
    if (text && !at_value_real(text, ret_value))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': '%s' is not a finite decimal number", option, text);
    return AT_OK;
}

static enum at_status read_law(const struct at_arguments *a, enum at_law *ret_law, struct at_error *error)
{
    static const char *const names[] = {"power", "exponential"};
    const char *text = at_argument(a, "law", 0);
    char hint[AT_NAME_HINT_SIZE];
    *ret_law = text && strcmp(text, names[1]) == 0 ? AT_LAW_EXPONENTIAL : AT_LAW_POWER;
    if (text && strcmp(text, names[*ret_law]) != 0)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--law': '%s' is neither power nor exponential%s", text,
                       at_name_hint(text, names, 2, hint));
    return AT_OK;
}

static enum at_status check_names(const struct at_arguments *a, const struct at_filter *filter, struct at_error *error)
{
    const struct at_metric *metric;
    struct at_distribution_choice choice;
    const char *over = at_argument(a, "over", 0), *distribution = at_argument(a, "distribution", 0);
    enum at_status status = at_metric_find(filter->metric, &metric, error);
    if (!status && strcmp(filter->against, "original") != 0 && strcmp(filter->against, "dequantised") != 0)
        status = at_fail(error, AT_ERR_ARGUMENT, "option '--against': '%s' is neither original nor dequantised", filter->against);
    if (!status && over && strchr(over, '='))
        status = at_fail(error, AT_ERR_ARGUMENT,
                         "option '--over': '%s' is a range, which belongs to --break; here give a name, and --from "
                         "and --to",
                         over);
    if (!status && distribution && strchr(distribution, ':'))
        status = at_fail(error, AT_ERR_ARGUMENT, "option '--distribution': '%s': give the name alone; every sweep over it is fitted",
                         distribution);
    if (!status && distribution)
        status = at_distribution_choose(distribution, &choice, error);
    return status;
}

static enum at_status read_request(const struct at_arguments *a, struct fits_request *ret_request, struct at_error *error)
{
    static const char *const others[] = {"variants", "shape", "rows",   "rows-seed", "seeds",   "format", "causal", "scale",
                                         "oracle",   "name",  "points", "tolerance", "spacing", "simd",   "threads"};
    struct fits_request made = {.filter = at_database_filter(a),
                                .question = {.over = at_argument(a, "over", 0), .distribution = at_argument(a, "distribution", 0)}};
    const char *metric = at_argument(a, "metric", 0), *against = at_argument(a, "against", 0), *text;
    made.filter.metric = metric ? metric : "rel_rmse";
    made.filter.against = against ? against : "original";
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (at_argument_given(a, others[i]))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' belongs to --break; without it, what the database holds is fitted",
                           others[i]);
    if (at_argument(a, "variant", 1))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--variant' is given twice; without --break leave it out for all, or give one");
    enum at_status status = check_names(a, &made.filter, error);
    if (!status)
        status = read_law(a, &made.law, error);
    if (!status)
        status = read_number(a, "from", -INFINITY, &made.question.from, error);
    if (!status)
        status = read_number(a, "to", INFINITY, &made.question.to, error);
    if (!status && !(made.question.from < made.question.to))
        status =
            at_fail(error, AT_ERR_ARGUMENT, "options --from %g and --to %g: no range; exchange them", made.question.from, made.question.to);
    for (size_t i = 0; !status && (text = at_argument(a, "at", i)); i++) {
        double at;
        if (!at_value_real(text, &at))
            status = at_fail(error, AT_ERR_ARGUMENT, "option '--at': '%s' is not a finite decimal number", text);
        else if (!made.question.over)
            status = at_fail(error, AT_ERR_ARGUMENT, "option '--at': say of what %s is a value, with --over NAME", text);
    }
    if (!status)
        *ret_request = made;
    return status;
}

enum at_status at_fits_check(const struct at_arguments *arguments, struct at_error *error)
{
    struct fits_request request;
    return read_request(arguments, &request, error);
}

/* Why there is no fit. */
static enum at_status explain(const struct at_arguments *a, struct at_store *store, const struct fits_request *r,
                              const struct at_sensitivities *all, struct at_error *error)
{
    const char *path = at_database_path(a);
    if (!all->swepts.table.rows && at_database_explain(store, path, &r->filter, error) == AT_ERR_NOT_FOUND)
        return AT_ERR_NOT_FOUND;
    if (!all->swepts.table.rows && !r->filter.study && !r->filter.label && !r->filter.variant && !at_argument_given(a, "metric") &&
        !at_argument_given(a, "against"))
        return at_fail(error, AT_ERR_UNDEFINED, "%s: holds no run on generated inputs; attest run makes some", path);
    if (!all->swepts.table.rows)
        return at_fail(error, AT_ERR_UNDEFINED,
                       "%s: no run on generated inputs has %s of its heads against the %s truth among what was asked "
                       "for",
                       path, r->filter.metric, r->filter.against);
    if (!all->swepts.name_count)
        return at_fail(error, AT_ERR_UNDEFINED, "%s: no run on %s; attest show cases lists the inputs", path, r->question.distribution);
    return at_fail(
        error, AT_ERR_UNDEFINED,
        "%s: no sweep over %s: a fit takes 3 values or more with all else equal, and %zu %s there; attest run a study with 'sweep' or "
        "'lengths' (docs/sensitivity.md)",
        path, r->question.over ? r->question.over : "anything", all->swepts.most, all->swepts.most == 1 ? "is" : "are");
}

static int print(const struct at_arguments *a, const struct fits_request *r, const struct at_sensitivities *all)
{
    bool refused = false;
    double at[AT_ARGUMENTS_MAX];
    size_t count = 0;
    const char *text;
    while ((text = at_argument(a, "at", count)))
        at_value_real(text, &at[count++]);
    if (!at_argument_given(a, "json")) {
        at_fits_print(all, &r->filter, at, count, &refused);
    } else {
        json_t *made = at_fits_json(all, &r->filter, at, count, &refused);
        int code = at_json_print("sensitivity", "sensitivity", made);
        if (code != AT_EXIT_OK)
            return code;
    }
    return refused ? AT_EXIT_CANNOT : AT_EXIT_OK;
}

int at_fits_show(const struct at_arguments *arguments, struct at_store *store)
{
    struct at_error error;
    struct fits_request request;
    struct at_sensitivities all;
    enum at_status status = read_request(arguments, &request, &error);
    if (status)
        return at_could_not(status, &error);
    status = at_sensitivities_load(store, &request.filter, &request.question, request.law, &all, &error);
    if (status)
        return at_could_not(status, &error);
    int code = AT_EXIT_OK;
    if (!all.swepts.count)
        code = at_could_not(explain(arguments, store, &request, &all, &error), &error);
    else
        code = print(arguments, &request, &all);
    at_sensitivities_done(&all);
    return code;
}
