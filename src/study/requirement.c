/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/requirement.h"

#include "core/name.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *sign;
    enum at_relation relation;
} signs[] = {{"<=", AT_LESS_EQUAL}, {">=", AT_GREATER_EQUAL}, {"==", AT_EQUAL}, {"<", AT_LESS}, {">", AT_GREATER}};

enum { SIGNS = sizeof signs / sizeof signs[0] };

static const char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (size_t end = strlen(text); end && isspace((unsigned char)text[end - 1]); end--)
        text[end - 1] = '\0';
    return text;
}

static enum at_status parse_reference(const char **name, const char **ret_against, const char *whole, struct at_error *error)
{
    static const char *const references[] = {"original", "dequantised"};
    const char *dot = strchr(*name, '.');
    *ret_against = references[0];
    if (!dot)
        return AT_OK;
    char given[32] = "";
    memcpy(given, *name, (size_t)(dot - *name) < sizeof given ? (size_t)(dot - *name) : sizeof given - 1);
    *name = dot + 1;
    for (size_t i = 0; i < 2; i++)
        if (strcmp(given, references[i]) == 0) {
            *ret_against = references[i];
            return AT_OK;
        }
    const char *nearest = at_name_nearest(given, references, 2);
    return at_fail(error, AT_ERR_NOT_FOUND, "requirement '%s': no reference named '%s'; %s%s%s", whole, given,
                   nearest ? "did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "they are original and dequantised");
}

static enum at_status parse_bound(const char *text, const char *whole, double *ret_bound, struct at_error *error)
{
    char *end;
    double bound = strtod(text, &end);
    if (end == text || *end || !isfinite(bound))
        return at_fail(error, AT_ERR_ARGUMENT, "requirement '%s': '%s' is not a finite number", whole, text);
    *ret_bound = bound;
    return AT_OK;
}

static enum at_status parse_one(const char *text, size_t length, struct at_requirement *ret_requirement, struct at_error *error)
{
    struct at_requirement r = {0};
    char copy[sizeof r.text];
    if (length >= sizeof copy)
        return at_fail(error, AT_ERR_ARGUMENT, "requirement '%.60s...' is too long; write metric<=number, parted by commas", text);
    memcpy(copy, text, length);
    copy[length] = '\0';
    strcpy(r.text, trim(copy));
    if (!r.text[0])
        return at_fail(error, AT_ERR_ARGUMENT, "an empty requirement; write metric<=number, parted by commas");
    memcpy(copy, r.text, sizeof copy);
    char *at = copy + strcspn(copy, "<>=");
    size_t i = 0;
    while (i < SIGNS && strncmp(at, signs[i].sign, strlen(signs[i].sign)) != 0)
        i++;
    if (i == SIGNS)
        return at_fail(error, AT_ERR_ARGUMENT, "requirement '%s': write metric, one of <= < >= > ==, and a number", r.text);
    r.relation = signs[i].relation;
    char *number = at + strlen(signs[i].sign);
    *at = '\0';
    const char *name = trim(copy);
    enum at_status status = parse_reference(&name, &r.against, r.text, error);
    if (!status)
        status = at_metric_find(name, &r.metric, error);
    if (!status)
        status = parse_bound(trim(number), r.text, &r.bound, error);
    if (!status)
        *ret_requirement = r;
    return status;
}

enum at_status at_requirements_parse(const char *text, struct at_requirement **ret_requirements, size_t *ret_count, struct at_error *error)
{
    size_t count = 1;
    for (const char *at = text; *at; at++)
        count += *at == ',';
    struct at_requirement *requirements = calloc(count, sizeof *requirements);
    if (!requirements)
        return at_fail(error, AT_ERR_MEMORY, "requirements: out of memory");
    enum at_status status = AT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        size_t length = strcspn(text, ",");
        status = parse_one(text, length, &requirements[i], error);
        text += length + 1;
    }
    if (status) {
        free(requirements);
        return status;
    }
    *ret_requirements = requirements;
    *ret_count = count;
    return AT_OK;
}

static bool holds(enum at_relation relation, double value, double bound)
{
    switch (relation) {
    case AT_LESS_EQUAL: return value <= bound;
    case AT_LESS: return value < bound;
    case AT_GREATER_EQUAL: return value >= bound;
    case AT_GREATER: return value > bound;
    case AT_EQUAL: return value == bound;
    }
    return false;
}

enum at_verdict at_requirement_judge_between(const struct at_requirement *requirement, double low, double high)
{
    if (isnan(low) || isnan(high))
        return AT_CANNOT_SAY;
    bool at_low = holds(requirement->relation, low, requirement->bound), at_high = holds(requirement->relation, high, requirement->bound);
    if (requirement->relation == AT_EQUAL && low < requirement->bound && requirement->bound < high)
        return AT_CANNOT_SAY;
    if (at_low != at_high)
        return AT_CANNOT_SAY;
    return at_low ? AT_MET : AT_NOT_MET;
}

enum at_verdict at_requirement_judge(const struct at_requirement *requirement, double value, double radius)
{
    if (isnan(value) || !(radius >= 0))
        return AT_CANNOT_SAY;
    /* The true value lies in [low, high]; the subtraction's own rounding widens it. */
    return at_requirement_judge_between(requirement, radius > 0 ? nextafter(value - radius, -INFINITY) : value,
                                        radius > 0 ? nextafter(value + radius, INFINITY) : value);
}

enum at_verdict at_verdict_both(enum at_verdict a, enum at_verdict b)
{
    if (a == AT_NOT_MET || b == AT_NOT_MET)
        return AT_NOT_MET;
    return a == AT_CANNOT_SAY || b == AT_CANNOT_SAY ? AT_CANNOT_SAY : AT_MET;
}

const char *at_verdict_name(enum at_verdict verdict)
{
    switch (verdict) {
    case AT_MET: return "met";
    case AT_NOT_MET: return "not met";
    case AT_CANNOT_SAY: return "cannot say";
    }
    return "cannot say";
}
