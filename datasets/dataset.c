/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"

#include "core/name.h"
#include "datasets/fill.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_SIZE = 64 };

/* Copies the bytes before the first of `stops` (or the end) into `ret_word`; false if they are too many. */
static bool take_word(const char **text, const char *stops, char ret_word[WORD_SIZE])
{
    size_t length = strcspn(*text, stops);
    if (length >= WORD_SIZE)
        return false;
    memcpy(ret_word, *text, length);
    ret_word[length] = '\0';
    *text += length;
    return true;
}

static enum at_status find_distribution(const char *name, const struct at_distribution **ret_found, struct at_error *error)
{
    const char *nearest = NULL;
    for (size_t i = 0; i < at_distribution_count; i++) {
        if (strcmp(at_distributions[i]->name, name) == 0) {
            *ret_found = at_distributions[i];
            return AT_OK;
        }
        const char *pair[] = {nearest ? nearest : at_distributions[i]->name, at_distributions[i]->name};
        nearest = at_name_nearest(name, pair, 2);
    }
    return at_fail(error, AT_ERR_NOT_FOUND, "distribution '%s': there is none of that name; %s%s%s", name, nearest ? "did you mean " : "",
                   nearest ? nearest : "see attest list distributions", nearest ? "?" : "");
}

enum at_status at_distribution_parameter(const struct at_distribution *d, const char *name, size_t *ret_index, struct at_error *error)
{
    const char *names[AT_PARAMETERS_MAX];
    char all[256] = "";
    size_t count = 0, used = 0;
    for (; count < AT_PARAMETERS_MAX && d->parameters[count].name; count++) {
        names[count] = d->parameters[count].name;
        if (strcmp(names[count], name) == 0) {
            *ret_index = count;
            return AT_OK;
        }
        int printed = snprintf(all + used, sizeof all - used, "%s%s", count ? ", " : "", names[count]);
        used = printed > 0 && used + (size_t)printed < sizeof all ? used + (size_t)printed : sizeof all - 1;
    }
    const char *nearest = at_name_nearest(name, names, count);
    return at_fail(error, AT_ERR_NOT_FOUND, "distribution %s: no parameter '%s'; %s%s%sit takes %s", d->name, name,
                   nearest ? "did you mean " : "", nearest ? nearest : "", nearest ? "? " : "", all);
}

enum at_status at_parameter_check(const char *distribution, const struct at_parameter *p, double value, struct at_error *error)
{
    if (!(value >= p->min && value <= p->max))
        return at_fail(error, AT_ERR_ARGUMENT, "distribution %s: %s=%g is outside its range, %g to %g: %s", distribution, p->name, value,
                       p->min, p->max, p->meaning);
    if (p->whole && value != floor(value))
        return at_fail(error, AT_ERR_ARGUMENT, "distribution %s: %s=%g: give a whole number from %g to %g: %s", distribution, p->name,
                       value, p->min, p->max, p->meaning);
    return AT_OK;
}

static enum at_status parse_pair(const char **text, struct at_distribution_choice *choice, bool *given, struct at_error *error)
{
    const struct at_distribution *d = choice->distribution;
    const char *start = *text;
    char name[WORD_SIZE], number[WORD_SIZE], *end = NULL;
    if (!take_word(text, "=,", name) || **text != '=' || (++*text, !take_word(text, ",", number)))
        return at_fail(error, AT_ERR_ARGUMENT, "distribution %s: '%.64s': write parameter=value, parted by commas", d->name, start);
    size_t i = 0;
    enum at_status status = at_distribution_parameter(d, name, &i, error);
    if (status)
        return status;
    if (given[i])
        return at_fail(error, AT_ERR_ARGUMENT, "distribution %s: %s is given twice: keep one", d->name, name);
    given[i] = true;
    double value = strtod(number, &end);
    if (end == number || *end != '\0')
        return at_fail(error, AT_ERR_ARGUMENT, "distribution %s: %s=%s is not a number: %s", d->name, name, number,
                       d->parameters[i].meaning);
    choice->values[i] = value + 0.0; /* -0 becomes 0: equal values have one spelling */
    return at_parameter_check(d->name, &d->parameters[i], choice->values[i], error);
}

enum at_status at_distribution_choose(const char *text, struct at_distribution_choice *ret_choice, struct at_error *error)
{
    struct at_distribution_choice choice = {0};
    bool given[AT_PARAMETERS_MAX] = {false};
    char name[WORD_SIZE];
    if (!take_word(&text, ":", name))
        return at_fail(error, AT_ERR_NOT_FOUND, "distribution '%.64s...': the name is too long; see attest list distributions", text);
    enum at_status status = find_distribution(name, &choice.distribution, error);
    if (status)
        return status;
    for (size_t i = 0; i < AT_PARAMETERS_MAX && choice.distribution->parameters[i].name; i++)
        choice.values[i] = choice.distribution->parameters[i].initial;
    while (*text) {
        text++; /* the colon or comma */
        status = parse_pair(&text, &choice, given, error);
        if (status)
            return status;
    }
    *ret_choice = choice;
    return AT_OK;
}

/* N = 17 always reads back. */
void at_parameter_print(double value, char ret_text[AT_PARAMETER_TEXT_SIZE])
{
    char text[AT_PARAMETER_TEXT_SIZE];
    snprintf(ret_text, AT_PARAMETER_TEXT_SIZE, "%.17g", value);
    for (int digits = 16; digits >= 1; digits--) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strlen(text) <= strlen(ret_text) && strtod(text, NULL) == value)
            memcpy(ret_text, text, sizeof text);
    }
}

void at_distribution_print(const struct at_distribution_choice *choice, char ret_text[AT_DISTRIBUTION_TEXT_SIZE])
{
    const struct at_distribution *d = choice->distribution;
    size_t used = (size_t)snprintf(ret_text, AT_DISTRIBUTION_TEXT_SIZE, "%s", d->name);
    for (size_t i = 0; i < AT_PARAMETERS_MAX && d->parameters[i].name && used < AT_DISTRIBUTION_TEXT_SIZE; i++) {
        char number[AT_PARAMETER_TEXT_SIZE];
        at_parameter_print(choice->values[i], number);
        used +=
            (size_t)snprintf(ret_text + used, AT_DISTRIBUTION_TEXT_SIZE - used, "%c%s=%s", i ? ',' : ':', d->parameters[i].name, number);
    }
}

enum at_status at_distribution_generate(const struct at_distribution_choice *choice, const struct at_problem *problem,
                                        enum at_format format, uint64_t seed, struct at_qkv *ret_qkv, struct at_error *error)
{
    enum at_status status = at_problem_check(problem, error);
    if (status)
        return at_fail_in(error, status, choice->distribution->name);
    if (problem->batch >= AT_FILL_HEADS_MAX || problem->heads_q >= AT_FILL_HEADS_MAX)
        return at_fail(error, AT_ERR_ARGUMENT, "%s: batch %" PRId64 ", heads %" PRId64 ": above %d two positions would share a draw",
                       choice->distribution->name, problem->batch, problem->heads_q, AT_FILL_HEADS_MAX - 1);
    for (size_t i = 0; i < AT_PARAMETERS_MAX && choice->distribution->parameters[i].name && !status; i++)
        status = at_parameter_check(choice->distribution->name, &choice->distribution->parameters[i], choice->values[i], error);
    struct at_qkv made;
    if (!status)
        status = at_qkv_init(&made, format, problem, error);
    if (status)
        return status;
    choice->distribution->generate(problem, choice->values, seed, &made);
    *ret_qkv = made;
    return AT_OK;
}
