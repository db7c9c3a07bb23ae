/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/search_family.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_SIZE = 64 };

/* The value `text` of parameter `name`, checked by the distribution itself. */
static enum at_status read_value(const struct at_search_ranges *r, const char *name, const char *text, size_t *ret_index, double *ret_value,
                                 struct at_error *error)
{
    char pair[2 * WORD_SIZE + WORD_SIZE];
    struct at_distribution_choice choice;
    snprintf(pair, sizeof pair, "%.63s:%.63s=%.63s", r->distribution->name, name, text);
    enum at_status status = at_distribution_choose(pair, &choice, error);
    if (status)
        return status;
    size_t i = 0;
    while (strcmp(r->distribution->parameters[i].name, name) != 0)
        i++;
    *ret_index = i;
    *ret_value = choice.values[i];
    return AT_OK;
}

/* The index of parameter `name`; an unknown one is refused by the distribution, whatever value it is offered. */
static enum at_status find(const struct at_search_ranges *r, const char *name, size_t *ret_index, struct at_error *error)
{
    for (size_t i = 0; r->distribution->parameters[i].name; i++)
        if (strcmp(r->distribution->parameters[i].name, name) == 0) {
            *ret_index = i;
            return AT_OK;
        }
    double value;
    return read_value(r, name, "0", ret_index, &value, error);
}

/* "LOW..HIGH", "VALUE" or "any" of the parameter `name`. */
static enum at_status read_range(struct at_search_ranges *r, const char *name, char *text, struct at_error *error)
{
    size_t i = 0;
    double low = 0, high = 0;
    char *dots = strstr(text, "..");
    enum at_status status = find(r, name, &i, error);
    if (!status && r->given[i])
        return at_fail(error, AT_ERR_ARGUMENT, "family %s: %s is given twice: keep one", r->distribution->name, name);
    if (!status && strcmp(text, "any") == 0) {
        low = r->distribution->parameters[i].min;
        high = r->distribution->parameters[i].max;
    } else if (!status) {
        if (dots)
            *dots = '\0';
        status = read_value(r, name, text, &i, &low, error);
        if (!status)
            status = read_value(r, name, dots ? dots + 2 : text, &i, &high, error);
    }
    if (status)
        return status;
    if (low > high)
        return at_fail(error, AT_ERR_ARGUMENT, "family %s: %s=%g..%g: the ends are reversed; write %g..%g", r->distribution->name, name,
                       low, high, high, low);
    r->given[i] = true;
    r->low[i] = low;
    r->high[i] = high;
    return AT_OK;
}

static enum at_status read_term(struct at_search_ranges *r, const char *text, size_t length, struct at_error *error)
{
    char term[2 * WORD_SIZE];
    if (length == 3 && strncmp(text, "any", 3) == 0) {
        r->all = true;
        return AT_OK;
    }
    const char *equals = memchr(text, '=', length);
    if (length >= sizeof term || !equals || equals - text >= WORD_SIZE || text + length - equals > WORD_SIZE)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "family %s: '%.64s': write parameter=LOW..HIGH, parameter=VALUE, parameter=any or any, parted by commas",
                       r->distribution->name, text);
    memcpy(term, text, length);
    term[length] = '\0';
    term[equals - text] = '\0';
    return read_range(r, term, term + (equals - text) + 1, error);
}

/* A distribution's name, found through its own parser. */
static enum at_status read_name(const char **text, struct at_search_ranges *ret_reading, struct at_error *error)
{
    char name[WORD_SIZE];
    size_t length = strcspn(*text, ":");
    struct at_distribution_choice choice;
    snprintf(name, sizeof name, "%.*s", (int)(length < WORD_SIZE ? length : WORD_SIZE - 1), *text);
    enum at_status status = at_distribution_choose(name, &choice, error);
    if (status)
        return status;
    *ret_reading = (struct at_search_ranges){.distribution = choice.distribution};
    *text += length;
    return AT_OK;
}

enum at_status at_search_family_settle(const struct at_search_ranges *r, struct at_search_family *ret_family, struct at_error *error)
{
    struct at_search_family f = {.fixed = {.distribution = r->distribution}};
    for (size_t i = 0; r->distribution->parameters[i].name; i++) {
        const struct at_parameter *p = &r->distribution->parameters[i];
        double low = r->given[i] ? r->low[i] : r->all ? p->min : p->initial, high = r->given[i] ? r->high[i] : r->all ? p->max : p->initial;
        f.fixed.values[i] = fmin(fmax(p->initial, low), high);
        if (low < high) {
            f.free[f.count] = i;
            f.low[f.count] = low;
            f.high[f.count++] = high;
        }
    }
    if (f.count == 0)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "family %s: no parameter is free; give one a range, as %s=%g..%g, or free all of them: '%s:any'",
                       r->distribution->name, r->distribution->parameters[0].name, r->distribution->parameters[0].min,
                       r->distribution->parameters[0].max, r->distribution->name);
    *ret_family = f;
    return AT_OK;
}

enum at_status at_search_family_read(const char *text, struct at_search_family *ret_family, struct at_error *error)
{
    struct at_search_ranges r;
    enum at_status status = read_name(&text, &r, error);
    while (!status && *text) {
        text++; /* the colon or comma */
        size_t length = strcspn(text, ",");
        status = read_term(&r, text, length, error);
        text += length;
    }
    return status ? status : at_search_family_settle(&r, ret_family, error);
}

void at_search_family_print(const struct at_search_family *family, char ret_text[AT_SEARCH_FAMILY_TEXT_SIZE])
{
    struct at_distribution_choice ends[2] = {family->fixed, family->fixed};
    char text[2][AT_DISTRIBUTION_TEXT_SIZE];
    for (size_t i = 0; i < family->count; i++) {
        ends[0].values[family->free[i]] = family->low[i];
        ends[1].values[family->free[i]] = family->high[i];
    }
    at_distribution_print(&ends[0], text[0]);
    at_distribution_print(&ends[1], text[1]);
    const char *low = text[0] + strlen(family->fixed.distribution->name), *high = text[1] + (low - text[0]);
    size_t used = (size_t)snprintf(ret_text, AT_SEARCH_FAMILY_TEXT_SIZE, "%s", family->fixed.distribution->name);
    while (*low && *high) {
        size_t a = 1 + strcspn(low + 1, ","), b = 1 + strcspn(high + 1, ",");
        const char *value = memchr(high, '=', b);
        used += (size_t)snprintf(ret_text + used, AT_SEARCH_FAMILY_TEXT_SIZE - used, "%.*s", (int)a, low);
        if (a != b || memcmp(low, high, a) != 0)
            used += (size_t)snprintf(ret_text + used, AT_SEARCH_FAMILY_TEXT_SIZE - used, "..%.*s", (int)(high + b - value - 1), value + 1);
        low += a;
        high += b;
    }
}

static double to_scale(double value, double low, double high)
{
    return low > 0 ? log(value) : high < 0 ? -log(-value) : asinh(value);
}

static double from_scale(double t, double low, double high)
{
    return low > 0 ? exp(t) : high < 0 ? -exp(-t) : sinh(t);
}

/* To six digits: short to write down, and the same where the last bits of the machine's exp and sinh are others. */
static double shortened(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", value);
    return strtod(text, NULL);
}

struct at_distribution_choice at_search_family_at(const struct at_search_family *family, const double *x)
{
    struct at_distribution_choice choice = family->fixed;
    for (size_t i = 0; i < family->count; i++) {
        double low = family->low[i], high = family->high[i], a = to_scale(low, low, high), b = to_scale(high, low, high);
        double value = x[i] <= 0 ? low : x[i] >= 1 ? high : shortened(from_scale(a + x[i] * (b - a), low, high));
        if (family->fixed.distribution->parameters[family->free[i]].whole)
            value = round(value);
        choice.values[family->free[i]] = fmin(fmax(value, low), high) + 0.0;
    }
    return choice;
}

void at_search_family_start(const struct at_search_family *family, double *ret_x)
{
    for (size_t i = 0; i < family->count; i++) {
        double low = family->low[i], high = family->high[i], a = to_scale(low, low, high), b = to_scale(high, low, high);
        ret_x[i] = (to_scale(family->fixed.values[family->free[i]], low, high) - a) / (b - a);
    }
}
