/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/sweep_axis.h"

#include "core/elementary.h"
#include "core/name.h"
#include "study/sweep.h"
#include "study/value.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What reading one axis shares. */
struct axis_reading {
    const struct at_reading *reading;
    const char *path, *distribution;
    const struct at_file_axis *file;
    struct at_sweep_axis *axis;
    const char *const *words; /* [word_count] of values that have names */
    size_t word_count;
};

/* Refuses what stands at `key` of the axis (".from"; "" is the axis itself). */
static enum at_status __attribute__((format(printf, 3, 4))) refuse(const struct axis_reading *r, const char *key, const char *format, ...)
{
    char place[128], message[800];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(place, sizeof place, "%s%s", r->path, key);
    return at_document_fail(r->reading->document, r->reading->error, AT_ERR_ARGUMENT, place, "%s", message);
}

static enum at_status read_word(const struct axis_reading *r, const char *key, const char *text, double *ret_value)
{
    char all[128] = "", hint[AT_NAME_HINT_SIZE];
    size_t used = 0;
    for (size_t i = 0; i < r->word_count; i++) {
        if (strcmp(text, r->words[i]) == 0) {
            *ret_value = (double)i;
            return AT_OK;
        }
        if (used < sizeof all)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", r->words[i]);
    }
    return refuse(r, key, "'%.60s' is no value of '%s'%s; it takes %s", text, r->axis->parameter->name,
                  at_name_hint(text, r->words, r->word_count, hint), all);
}

/* `text` at `key` of the axis as a value of its parameter. */
static enum at_status read_value(const struct axis_reading *r, const char *key, const char *text, double *ret_value)
{
    struct at_error inner = {""};
    double value = 0;
    if (r->words)
        return read_word(r, key, text, ret_value);
    if (!at_value_real(text, &value))
        return refuse(r, key, "'%.60s' is not a finite decimal number: %s", text, r->axis->parameter->meaning);
    value += 0.0; /* -0 becomes 0: equal values have one spelling */
    if (at_parameter_check(r->distribution, r->axis->parameter, value, &inner))
        return refuse(r, key, "%s", inner.message);
    *ret_value = value;
    return AT_OK;
}

static enum at_status read_list(const struct axis_reading *r)
{
    const struct at_file_axis *f = r->file;
    struct at_sweep_axis *axis = r->axis;
    char key[32];
    const char *other = f->from ? "from" : f->to ? "to" : f->points ? "points" : f->spacing ? "spacing" : NULL;
    if (other)
        return refuse(r, ".values", "'values' and '%s' are both given; an axis is either a list of values or from, to, points", other);
    if (!(axis->list = calloc(f->values_count, sizeof *axis->list)))
        return at_fail(r->reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(r->reading->document));
    axis->list_count = axis->points = f->values_count;
    for (unsigned i = 0; i < f->values_count; i++) {
        snprintf(key, sizeof key, ".values[%u]", i);
        enum at_status status = read_value(r, key, f->values[i], &axis->list[i]);
        for (unsigned j = 0; j < i && !status; j++)
            if (!(axis->list[j] != axis->list[i]))
                status = refuse(r, key, "%.60s is listed twice; keep one", f->values[i]);
        if (status)
            return status;
    }
    return AT_OK;
}

static enum at_status read_points(const struct axis_reading *r, bool sobol)
{
    const char *text = r->file->points;
    uint64_t points = 0;
    if (sobol && text)
        return refuse(r, ".points", "an axis of a Sobol sequence has no points of its own; remove it: sobol.points counts them");
    if (!sobol && !text)
        return refuse(r, "", "key 'points' is missing: how many values from 'from' to 'to', both among them; or list 'values'");
    if (!sobol && !at_value_integer(text, 2, AT_SWEEP_POINTS_MAX, &points))
        return refuse(r, ".points", "'%.60s' is not a whole number from 2 to %d; one value belongs into 'distribution'", text,
                      AT_SWEEP_POINTS_MAX);
    r->axis->points = (size_t)points;
    return AT_OK;
}

static enum at_status read_interval(const struct axis_reading *r, bool sobol)
{
    const struct at_file_axis *f = r->file;
    struct at_sweep_axis *axis = r->axis;
    if (!f->from || !f->to)
        return refuse(r, "", "key '%s' is missing: give from and to%s, or list 'values'", f->from ? "to" : "from",
                      sobol ? "" : " and points");
    enum at_status status = read_value(r, ".from", f->from, &axis->from);
    if (!status)
        status = read_value(r, ".to", f->to, &axis->to);
    if (!status)
        status = read_points(r, sobol);
    if (status)
        return status;
    if (!(axis->from < axis->to))
        return refuse(r, ".to", "%.60s is not above 'from', %.60s; exchange them%s", f->to, f->from,
                      axis->from > axis->to ? "" : ", or write the one value into 'distribution'");
    if (f->spacing && strcmp(f->spacing, "linear") != 0 && strcmp(f->spacing, "log") != 0)
        return refuse(r, ".spacing", "'%.60s' is neither linear nor log", f->spacing);
    axis->log = f->spacing && strcmp(f->spacing, "log") == 0;
    if (axis->log && !(axis->from > 0))
        return refuse(r, ".from", "%.60s has no logarithm; begin above 0, or leave out spacing: log", f->from);
    return AT_OK;
}

enum at_status at_sweep_axis_read(const struct at_reading *reading, const char *path, const struct at_file_axis *file,
                                  const char *distribution, const struct at_parameter *parameter, bool sobol,
                                  struct at_sweep_axis *ret_axis)
{
    struct at_sweep_axis axis = {.parameter = parameter};
    const struct axis_reading r = {.reading = reading, .path = path, .distribution = distribution, .file = file, .axis = &axis};
    enum at_status status = file->values_count ? read_list(&r) : read_interval(&r, sobol);
    if (status)
        at_sweep_axis_done(&axis);
    else
        *ret_axis = axis;
    return status;
}

enum at_status at_sweep_axis_read_words(const struct at_reading *reading, const char *path, const struct at_file_axis *file,
                                        const struct at_parameter *parameter, const char *const *words, size_t count,
                                        struct at_sweep_axis *ret_axis)
{
    struct at_sweep_axis axis = {.parameter = parameter};
    const struct axis_reading r = {.reading = reading, .path = path, .file = file, .axis = &axis, .words = words, .word_count = count};
    enum at_status status =
        file->values_count ? read_list(&r) : refuse(&r, "", "nothing lies between values of '%s': list 'values'", parameter->name);
    if (status)
        at_sweep_axis_done(&axis);
    else
        *ret_axis = axis;
    return status;
}

void at_sweep_axis_done(struct at_sweep_axis *axis)
{
    free(axis->list);
    *axis = (struct at_sweep_axis){0};
}

/* 6 significant decimal digits: an error of the last places of exp2 or log shows in no case. */
static double shorten(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", value);
    return strtod(text, NULL);
}

/* Between `low` and `high` at 0 <= u <= 1, then to what the parameter takes, within [from, to]. */
static double between(const struct at_sweep_axis *axis, double low, double high, double u)
{
    double value = low + u * (high - low);
    if (axis->log)
        value = at_exp2((at_log(low) + u * (at_log(high) - at_log(low))) / at_log(2));
    value = axis->parameter->whole ? floor(value + 0.5) : shorten(value);
    return fmin(fmax(value, axis->from), axis->to) + 0.0;
}

double at_sweep_axis_step(const struct at_sweep_axis *axis, size_t i)
{
    if (axis->list)
        return axis->list[i];
    if (i == 0)
        return axis->from;
    return i + 1 == axis->points ? axis->to : between(axis, axis->from, axis->to, (double)i / (double)(axis->points - 1));
}

double at_sweep_axis_at(const struct at_sweep_axis *axis, double u)
{
    if (axis->list)
        return axis->list[(size_t)(u * (double)axis->list_count)];
    double half = axis->parameter->whole ? 0.5 : 0; /* whole numbers: from half below the first to half above the last */
    return between(axis, axis->from - half, axis->to + half, u);
}
