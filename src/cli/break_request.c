/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/break_request.h"

#include "cli/request.h"

#include "core/name.h"
#include "reports/spelling.h"
#include "study/sweep.h"
#include "study/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_DEFAULT = 5 };
static const double tolerance_default = 1.05;

/* Which parameter --over varies; one that --distribution or --shape does not fix. */
static enum at_status find_parameter(const char *name, const struct at_arguments *a, struct at_break_question *q, struct at_error *error)
{
    const struct at_distribution *d = q->study->inputs[0].distribution.distribution;
    const char *names[AT_PARAMETERS_MAX + 1] = {"keys"};
    char hint[AT_NAME_HINT_SIZE];
    size_t length, count = 1;
    q->parameter = AT_SWEEP_KEYS;
    q->axis.parameter = &at_case_axes[AT_CASE_KEYS];
    if (strcmp(name, "keys") == 0)
        return AT_OK;
    if (strcmp(name, "dim") == 0)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "option '--over': dim takes 32, 64, 128 and 256 alone: run a study with 'dims' and judge it with "
                       "attest gate");
    for (size_t i = 0; i < AT_PARAMETERS_MAX && d->parameters[i].name; i++) {
        names[count++] = d->parameters[i].name;
        if (strcmp(d->parameters[i].name, name) == 0) {
            q->parameter = i;
            q->axis.parameter = &d->parameters[i];
        }
    }
    if (q->parameter == AT_SWEEP_KEYS)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "option '--over': %s has no parameter '%s'%s; it has those of attest list distributions, and keys", d->name, name,
                       at_name_hint(name, names, count, hint));
    if (at_spelling_value(at_argument(a, "distribution", 0), name, &length))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--over': %s is varied and has a value in --distribution; keep one", name);
    return AT_OK;
}

static enum at_status read_end(const char *text, const char *whole, const struct at_break_question *q, double *ret_value,
                               struct at_error *error)
{
    const struct at_distribution *d = q->study->inputs[0].distribution.distribution;
    if (!at_value_real(text, ret_value))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--over': '%s': '%.60s' is not a finite decimal number: %s", whole, text,
                       q->axis.parameter->meaning);
    *ret_value += 0.0; /* -0 becomes 0: equal values have one spelling */
    enum at_status status = at_parameter_check(d->name, q->axis.parameter, *ret_value, error);
    return status ? at_fail_in(error, status, "option '--over'") : AT_OK;
}

/* "keys=1024..131072" */
static enum at_status read_over(const struct at_arguments *a, struct at_break_question *q, struct at_error *error)
{
    char copy[160];
    const char *text = at_argument(a, "over", 0);
    if (!text)
        return at_fail(error, AT_ERR_ARGUMENT, "--break along what? --over NAME=FROM..TO, as --over keys=1024..131072");
    snprintf(copy, sizeof copy, "%s", text);
    char *from = strchr(copy, '='), *to = from ? strstr(from, "..") : NULL;
    if (!to || strlen(text) >= sizeof copy)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--over': '%.100s': write NAME=FROM..TO, as keys=1024..131072", text);
    *from++ = '\0';
    *to = '\0';
    to += 2;
    enum at_status status = find_parameter(copy, a, q, error);
    if (!status)
        status = read_end(from, text, q, &q->axis.from, error);
    if (!status)
        status = read_end(to, text, q, &q->axis.to, error);
    if (!status && !(q->axis.from < q->axis.to))
        status = at_fail(error, AT_ERR_ARGUMENT,
                         "option '--over': '%s': the range begins at %s, which is not below its end, %s; exchange them", text, from, to);
    return status;
}

static enum at_status read_spacing(const struct at_arguments *a, struct at_break_question *q, struct at_error *error)
{
    const char *text = at_argument(a, "spacing", 0);
    q->axis.log = text ? strcmp(text, "log") == 0 : q->axis.from > 0;
    if (text && !q->axis.log && strcmp(text, "linear") != 0)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--spacing': '%s' is neither linear nor log", text);
    if (q->axis.log && !(q->axis.from > 0))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--spacing': %g has no logarithm; begin above 0, or take --spacing linear",
                       q->axis.from);
    return AT_OK;
}

static enum at_status read_numbers(const struct at_arguments *a, struct at_break_question *q, struct at_error *error)
{
    const char *text = at_argument(a, "tolerance", 0);
    int64_t points;
    q->tolerance = tolerance_default;
    if (text && (!at_value_real(text, &q->tolerance) || !(q->tolerance > 1 && q->tolerance <= 2)))
        return at_fail(error, AT_ERR_ARGUMENT,
                       "option '--tolerance': '%s' is not a number above 1, at most 2: the last bracket's upper end over its "
                       "lower",
                       text);
    enum at_status status = at_argument_integer(a, "points", 2, AT_SWEEP_POINTS_MAX, POINTS_DEFAULT, &points, error);
    q->axis.points = (size_t)points;
    return status;
}

static enum at_status read_question(const struct at_arguments *a, struct at_break_request *r, struct at_error *error)
{
    struct at_break_question *q = &r->question;
    const struct at_problem *p = &r->study.inputs[0].problem;
    q->study = &r->study;
    enum at_status status = read_over(a, q, error);
    q->queries_follow = q->parameter == AT_SWEEP_KEYS && p->seq_q == p->seq_k;
    if (!status)
        status = read_spacing(a, q, error);
    if (!status)
        status = read_numbers(a, q, error);
    if (!status)
        status = at_requirements_parse(at_argument(a, "break", 0), &r->requirements, &q->requirement_count, error);
    q->requirements = r->requirements;
    return status;
}

static enum at_status check_options(const struct at_arguments *a, struct at_error *error)
{
    static const char *const others[] = {"metric", "against", "law", "from", "to", "at", "study"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (at_argument_given(a, others[i]))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' belongs to fits; --break says itself what is judged, and runs it",
                           others[i]);
    if (!at_argument_given(a, "distribution"))
        return at_fail(error, AT_ERR_ARGUMENT, "--break needs --distribution SPEC, of which one parameter or the length is varied");
    return AT_OK;
}

/* "v-mean over keys": where --name gives none. */
static enum at_status name_study(const struct at_arguments *a, struct at_break_request *r, struct at_error *error)
{
    char *name = NULL;
    if (at_argument_given(a, "name"))
        return AT_OK;
    size_t size = strlen(r->study.inputs[0].label) + strlen(r->question.axis.parameter->name) + 8;
    if (!(name = malloc(size)))
        return at_fail(error, AT_ERR_MEMORY, "sensitivity: out of memory");
    snprintf(name, size, "%s over %s", r->study.inputs[0].label, r->question.axis.parameter->name);
    free(r->study.name);
    r->study.name = name;
    return AT_OK;
}

enum at_status at_break_request_read(const struct at_arguments *arguments, struct at_break_request *ret_request, struct at_error *error)
{
    enum at_status status = check_options(arguments, error);
    *ret_request = (struct at_break_request){.requirements = NULL};
    if (!status)
        status = at_request_read(arguments, false, &ret_request->study, error);
    if (status)
        return status;
    status = read_question(arguments, ret_request, error);
    if (!status)
        status = name_study(arguments, ret_request, error);
    if (status)
        at_break_request_done(ret_request);
    return status;
}

void at_break_request_done(struct at_break_request *request)
{
    at_study_done(&request->study);
    free(request->requirements);
    request->requirements = NULL;
}
