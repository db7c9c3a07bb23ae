/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/sweep.h"

#include "core/name.h"
#include "stats/stats.h"
#include "study/sweep_axis.h"
#include "study/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A sweep while it is read. */
struct sweep_reading {
    const struct at_input_reading *input;
    const struct at_distribution *distribution;
    struct at_sweep_axis axis[AT_SWEEP_AXES_MAX];
    struct at_sweep sweep;
};

static enum at_status no_memory(const struct sweep_reading *r)
{
    return at_fail(r->input->reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(r->input->reading->document));
}

/* Whether the spelling "name:parameter=value,..." gives `name` a value. */
static bool is_spelled(const char *spelling, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strpbrk(spelling, ":,"); at; at = strpbrk(at + 1, ":,"))
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '=')
            return true;
    return false;
}

static const struct at_parameter *parameter_of(const struct sweep_reading *r, size_t index)
{
    return index < AT_SWEEP_CASE ? &r->distribution->parameters[index] : &at_case_axes[index - AT_SWEEP_CASE];
}

/* A name that is neither: its nearest among both kinds. */
static enum at_status refuse_name(const struct sweep_reading *r, const char *place, const char *name, const struct at_error *inner)
{
    const char *names[AT_SWEEP_AXES_MAX];
    size_t count = 0;
    for (const struct at_parameter *p = r->distribution->parameters; p->name; p++)
        names[count++] = p->name;
    for (int i = 0; i < AT_CASE_AXES; i++)
        names[count++] = at_case_axes[i].name;
    const char *near = at_name_nearest(name, names, count);
    bool other = near && at_case_axis_find(near) != AT_CASE_AXES;
    return at_document_fail(r->input->reading->document, r->input->reading->error, AT_ERR_NOT_FOUND, place,
                            "%s; beside them " AT_CASE_AXES_TEXT "%s%s%s", inner->message, other ? "; did you mean " : "",
                            other ? near : "", other ? "?" : "");
}

/* What `file` varies; each at most once, and none that has a value elsewhere. */
static enum at_status find_parameter(struct sweep_reading *r, const char *path, const struct at_file_axis *file)
{
    const struct at_file_input *f = r->input->file;
    struct at_sweep *sweep = &r->sweep;
    struct at_error inner = {""};
    char place[96];
    const char *given = NULL;
    const enum at_case_axis other = at_case_axis_find(file->parameter);
    const struct at_reading *reading = r->input->reading;
    size_t index = AT_SWEEP_CASE + other;
    snprintf(place, sizeof place, "%s.parameter", path);
    if (other != AT_CASE_AXES)
        given = at_case_axis_given(other, f);
    else if (at_distribution_parameter(r->distribution, file->parameter, &index, &inner))
        return refuse_name(r, place, file->parameter, &inner);
    else if (is_spelled(f->distribution, file->parameter))
        given = "distribution";
    if (given)
        return at_document_fail(reading->document, reading->error, AT_ERR_ARGUMENT, place,
                                "%s is varied here and has a value in '%s'; keep one", file->parameter, given);
    for (size_t i = 0; i < sweep->axes; i++)
        if (sweep->parameter[i] == index)
            return at_document_fail(reading->document, reading->error, AT_ERR_ARGUMENT, place, "%s is varied twice; keep one axis",
                                    file->parameter);
    sweep->name[sweep->axes] = parameter_of(r, index)->name;
    sweep->parameter[sweep->axes] = index;
    return AT_OK;
}

/* An axis beyond AT_SWEEP_AXES_MAX varies something twice, and is refused for that. */
static enum at_status read_axes(struct sweep_reading *r, const char *key, const struct at_file_axis *files, unsigned count, bool sobol)
{
    enum at_status status = AT_OK;
    for (unsigned i = 0; i < count && !status; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s.%s[%u]", r->input->path, key, i);
        status = find_parameter(r, path, &files[i]);
        if (status)
            return status;
        size_t index = r->sweep.parameter[r->sweep.axes];
        const struct at_parameter *p = parameter_of(r, index);
        struct at_sweep_axis *axis = &r->axis[r->sweep.axes];
        const char *words[AT_CASE_WORDS_MAX];
        size_t named = index < AT_SWEEP_CASE ? 0 : at_case_axis_words((enum at_case_axis)(index - AT_SWEEP_CASE), words);
        if (named)
            status = at_sweep_axis_read_words(r->input->reading, path, &files[i], p, words, named, axis);
        else
            status = at_sweep_axis_read(r->input->reading, path, &files[i], r->distribution->name, p, sobol, axis);
        r->sweep.axes += !status;
    }
    return status;
}

static enum at_status make_room(struct sweep_reading *r, size_t count)
{
    r->sweep.count = count;
    r->sweep.values = calloc(count * r->sweep.axes, sizeof *r->sweep.values);
    return r->sweep.values ? AT_OK : no_memory(r);
}

static enum at_status make_grid(struct sweep_reading *r)
{
    struct at_sweep *sweep = &r->sweep;
    size_t count = 1;
    for (size_t a = 0; a < sweep->axes; a++) {
        count *= r->axis[a].points;
        if (count > AT_CASES_MAX)
            return at_refuse_input(r->input, AT_ERR_ARGUMENT, "sweep",
                                   "%zu combinations or more; a study has up to %d cases: take fewer "
                                   "points, or 'sobol' for a few of them",
                                   count, AT_CASES_MAX);
    }
    enum at_status status = make_room(r, count);
    for (size_t i = 0; i < count && !status; i++) {
        size_t rest = i;
        for (size_t a = sweep->axes; a-- > 0; rest /= r->axis[a].points)
            sweep->values[i * sweep->axes + a] = at_sweep_axis_step(&r->axis[a], rest % r->axis[a].points);
    }
    return status;
}

static enum at_status make_sobol(struct sweep_reading *r)
{
    const struct at_file_sobol *f = r->input->file->sobol;
    char path[80];
    uint64_t count, seed;
    struct at_sweep *sweep = &r->sweep;
    snprintf(path, sizeof path, "%s.sobol.points", r->input->path);
    enum at_status status = at_read_integer(r->input->reading, path, f->points, 1, AT_CASES_MAX, 0, &count);
    snprintf(path, sizeof path, "%s.sobol.seed", r->input->path);
    if (!status)
        status = at_read_integer(r->input->reading, path, f->seed, 0, INT64_MAX, 0, &seed);
    if (!status)
        status = make_room(r, (size_t)count);
    if (status)
        return status;
    if (at_stats_sobol(sweep->axes, sweep->count, seed, sweep->values)) /* at most AT_SWEEP_AXES_MAX axes: nothing else can fail */
        return no_memory(r);
    for (size_t i = 0; i < sweep->count * sweep->axes; i++)
        sweep->values[i] = at_sweep_axis_at(&r->axis[i % sweep->axes], sweep->values[i]);
    return AT_OK;
}

static enum at_status check_distinct(const struct sweep_reading *r, const char *key)
{
    const struct at_sweep *s = &r->sweep;
    for (size_t i = 1; i < s->count; i++)
        for (size_t j = 0; j < i; j++)
            if (memcmp(&s->values[i * s->axes], &s->values[j * s->axes], s->axes * sizeof *s->values) == 0)
                return at_refuse_input(r->input, AT_ERR_ARGUMENT, key,
                                       "points %zu and %zu are equal (%s=%g%s): take fewer points, or "
                                       "another interval",
                                       j + 1, i + 1, s->name[0], s->values[i * s->axes], s->axes > 1 ? ", ..." : "");
    return AT_OK;
}

enum at_status at_sweep_read(const struct at_input_reading *input, const struct at_distribution *distribution, struct at_sweep *ret_sweep)
{
    struct sweep_reading r = {.input = input, .distribution = distribution};
    const struct at_file_input *f = input->file;
    const char *key = f->sobol ? "sobol" : "sweep";
    if (f->sobol && f->sweep_count)
        return at_refuse_input(input, AT_ERR_ARGUMENT, "sobol", "'sweep' and 'sobol' are both given; keep one, or make two inputs");
    enum at_status status = AT_OK;
    if (f->sobol)
        status = read_axes(&r, "sobol.over", f->sobol->over, f->sobol->over_count, true);
    else if (f->sweep_count)
        status = read_axes(&r, "sweep", f->sweep, f->sweep_count, false);
    r.sweep.count = 1;
    if (!status && f->sobol)
        status = make_sobol(&r);
    else if (!status && f->sweep_count)
        status = make_grid(&r);
    if (!status && r.sweep.axes)
        status = check_distinct(&r, key);
    for (size_t a = 0; a < r.sweep.axes; a++)
        at_sweep_axis_done(&r.axis[a]);
    if (status)
        at_sweep_done(&r.sweep);
    else
        *ret_sweep = r.sweep;
    return status;
}

void at_sweep_print(const struct at_sweep *sweep, size_t point, size_t but, size_t size, char *ret_text)
{
    size_t used = 0;
    *ret_text = '\0';
    for (size_t a = 0; a < sweep->axes; a++) {
        char value[AT_PARAMETER_TEXT_SIZE];
        const size_t index = sweep->parameter[a];
        if (index >= AT_SWEEP_CASE)
            at_case_axis_print((enum at_case_axis)(index - AT_SWEEP_CASE), sweep->values[point * sweep->axes + a], value);
        else
            at_parameter_print(sweep->values[point * sweep->axes + a], value);
        if (index != but && used < size)
            used += (size_t)snprintf(ret_text + used, size - used, " %s=%s", sweep->name[a], value);
    }
}

void at_sweep_done(struct at_sweep *sweep)
{
    free(sweep->values);
    *sweep = (struct at_sweep){0};
}
