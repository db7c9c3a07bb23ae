/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/break_point.h"

#include "study/gate.h"
#include "study/machine.h"
#include "study/plan.h"
#include "study/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct at_break_question *question;
    struct at_store *store;
    const struct at_engine *engine;
    const struct at_study_events *outer;
    struct at_breaks found;
    double looked, expected; /* looks, of which each is a study of its own */
    char what[192];
};

/* A look's progress as a part of the search's. */
static void progress(void *context, double done, double total, const char *what)
{
    struct search *s = context;
    char line[512];
    snprintf(line, sizeof line, "%s; %s", s->what, what);
    if (s->outer && s->outer->progress)
        s->outer->progress(s->outer->context, s->looked + (total > 0 ? done / total : 0), s->expected, line);
}

static enum at_status no_memory(struct at_error *error)
{
    return at_fail(error, AT_ERR_MEMORY, "break point: out of memory");
}

static double middle_of(const struct at_sweep_axis *axis, double low, double high)
{
    struct at_sweep_axis part = {.parameter = axis->parameter, .from = low, .to = high, .log = axis->log, .points = 3};
    return at_sweep_axis_step(&part, 1);
}

static bool is_narrow(const struct at_break_question *q, double low, double high)
{
    double middle = middle_of(&q->axis, low, high);
    bool end = !(low < middle && middle < high); /* no x between them */
    return end || (q->axis.log ? high <= q->tolerance * low : high - low <= (q->tolerance - 1) * (q->axis.to - q->axis.from));
}

/* The study at x of variants [first, first + count); ret_input->label is owned by the caller, all else by the question. */
static enum at_status study_at(const struct at_break_question *q, double x, size_t first, size_t count, struct at_study *ret_study,
                               struct at_study_input *ret_input, struct at_error *error)
{
    char number[AT_PARAMETER_TEXT_SIZE];
    *ret_study = *q->study;
    *ret_input = q->study->inputs[0];
    at_parameter_print(x, number);
    if (q->parameter == AT_SWEEP_KEYS) {
        ret_input->problem.seq_k = (int64_t)x;
        ret_input->problem.seq_q = q->queries_follow ? (int64_t)x : ret_input->problem.seq_q;
    } else {
        ret_input->distribution.values[q->parameter] = x;
    }
    size_t size = strlen(ret_input->label) + strlen(q->axis.parameter->name) + sizeof number + 3;
    char *label = malloc(size);
    if (!label)
        return no_memory(error);
    if (q->parameter == AT_SWEEP_KEYS)
        strcpy(label, ret_input->label);
    else
        snprintf(label, size, "%s %s=%s", ret_input->label, q->axis.parameter->name, number);
    ret_input->label = label;
    ret_study->inputs = ret_input;
    ret_study->variants = q->study->variants + first;
    ret_study->variant_count = count;
    return AT_OK;
}

/* Keeps the looks ascending. */
static enum at_status insert(struct at_break *b, const struct at_break_look *look, struct at_error *error)
{
    struct at_break_look *more = realloc(b->looks, (b->count + 1) * sizeof *more);
    size_t at = b->count;
    if (!more)
        return no_memory(error);
    b->looks = more;
    for (; at > 0 && more[at - 1].x > look->x; at--)
        more[at] = more[at - 1];
    more[at] = *look;
    b->count++;
    return AT_OK;
}

/* The row that decides: not met before cannot say before met, the first of equals. */
static const struct at_gate_row *deciding(const struct at_gate_result *result)
{
    static const int weight[] = {[AT_MET] = 0, [AT_CANNOT_SAY] = 1, [AT_NOT_MET] = 2};
    const struct at_gate_row *found = &result->rows[0];
    for (size_t i = 1; i < result->count; i++)
        if (weight[result->rows[i].verdict] > weight[found->verdict])
            found = &result->rows[i];
    return found;
}

static enum at_status judge(struct search *s, int64_t study, double x, struct at_break *b, struct at_error *error)
{
    const struct at_break_question *q = s->question;
    const struct at_gate_filter filter = {.study_id = study, .variant = b->variant};
    const struct at_gate_rule rule = {0};
    struct at_gate_result result;
    enum at_status status = at_gate_evaluate(s->store, &filter, &rule, q->requirements, q->requirement_count, &result, error);
    if (status)
        return status;
    struct at_break_look look = {.x = x, .verdict = AT_CANNOT_SAY, .requirement = q->requirements[0].text, .value = NAN, .radius = NAN};
    if (result.count) {
        const struct at_gate_row *row = deciding(&result);
        look = (struct at_break_look){.x = x,
                                      .verdict = result.verdict,
                                      .run = row->run,
                                      .requirement = q->requirements[row->requirement].text,
                                      .value = row->value,
                                      .radius = row->radius,
                                      .undefined_rows = row->undefined_rows};
    }
    at_gate_done(&result);
    return insert(b, &look, error);
}

/* Runs variants [first, first + count) at x and judges each. */
static enum at_status look(struct search *s, double x, size_t first, size_t count, struct at_error *error)
{
    const struct at_break_question *q = s->question;
    struct at_study study;
    struct at_study_input input;
    struct at_study_outcome outcome;
    struct at_study_events events = {.context = s, .progress = progress, .stop = s->outer ? s->outer->stop : NULL};
    enum at_status status = study_at(q, x, first, count, &study, &input, error);
    if (status)
        return status;
    snprintf(s->what, sizeof s->what, "%s = %g%s%.128s", q->axis.parameter->name, x, count == 1 ? ", " : "",
             count == 1 ? study.variants[0].name : "");
    status = at_study_run(&study, s->store, s->engine, &events, &outcome, error);
    free(input.label);
    for (size_t i = 0; i < count && !status; i++)
        status = judge(s, outcome.study, x, &s->found.rows[first + i], error);
    if (!status) {
        s->looked++;
        s->found.runs_done += outcome.runs_done;
        s->found.runs_found += outcome.runs_found;
    }
    return status;
}

/* What the looks say so far. */
static void conclude(struct at_break *b)
{
    const struct at_break_look *first = &b->looks[0];
    size_t changes = 0, i = 0;
    enum at_verdict last = AT_CANNOT_SAY;
    for (size_t l = 0; l < b->count; l++) {
        changes += last != AT_CANNOT_SAY && b->looks[l].verdict != AT_CANNOT_SAY && b->looks[l].verdict != last;
        last = b->looks[l].verdict != AT_CANNOT_SAY ? b->looks[l].verdict : last;
    }
    b->once = changes <= 1;
    while (i < b->count && b->looks[i].verdict == first->verdict && first->verdict != AT_CANNOT_SAY)
        i++;
    b->low = i ? b->looks[i - 1].x : NAN;
    b->high = i < b->count ? b->looks[i].x : NAN;
    if (i == b->count)
        b->kind = first->verdict == AT_MET ? AT_BREAK_NONE : AT_BREAK_ALWAYS;
    else if (b->looks[i].verdict == AT_CANNOT_SAY)
        b->kind = AT_BREAK_OPEN;
    else
        b->kind = first->verdict == AT_MET ? AT_BREAK_LOST : AT_BREAK_GAINED;
}

static enum at_status bisect(struct search *s, size_t variant, struct at_error *error)
{
    struct at_break *b = &s->found.rows[variant];
    enum at_status status = AT_OK;
    conclude(b);
    while (!status && (b->kind == AT_BREAK_LOST || b->kind == AT_BREAK_GAINED) && !is_narrow(s->question, b->low, b->high)) {
        status = look(s, middle_of(&s->question->axis, b->low, b->high), variant, 1, error);
        if (!status)
            conclude(b);
    }
    return status;
}

enum at_status at_breaks_check(const struct at_break_question *question, struct at_error *error)
{
    const double ends[] = {question->axis.from, question->axis.to};
    enum at_status status = AT_OK;
    for (size_t i = 0; i < 2 && !status; i++) {
        struct at_study study;
        struct at_study_input input;
        struct at_plan plan;
        status = study_at(question, ends[i], 0, question->study->variant_count, &study, &input, error);
        if (status)
            return status;
        status = at_plan_make(&study, at_machine_free_memory(), &plan, error);
        if (!status)
            at_plan_done(&plan);
        free(input.label);
    }
    return status;
}

/* Looks that bisecting one of the first intervals takes. */
static double steps_of(const struct at_break_question *q)
{
    double parts = (double)q->axis.points - 1;
    double width = q->axis.log ? log(q->axis.to / q->axis.from) / log(q->tolerance) : 1 / (q->tolerance - 1);
    return fmax(0, ceil(log2(width / parts)));
}

enum at_status at_breaks_find(const struct at_break_question *question, struct at_store *store, const struct at_engine *engine,
                              const struct at_study_events *events, struct at_breaks *ret_breaks, struct at_error *error)
{
    size_t count = question->study->variant_count;
    struct search s = {.question = question, .store = store, .engine = engine, .outer = events, .found.count = count};
    s.expected = (double)question->axis.points + (double)count * steps_of(question);
    s.found.rows = calloc(count + 1, sizeof *s.found.rows);
    enum at_status status = s.found.rows ? AT_OK : no_memory(error);
    for (size_t v = 0; v < count && !status; v++)
        s.found.rows[v].variant = question->study->variants[v].name;
    double last = NAN;
    for (size_t i = 0; i < question->axis.points && !status; i++) {
        double x = at_sweep_axis_step(&question->axis, i);
        if (x != last) /* fewer whole numbers than points */
            status = look(&s, x, 0, count, error);
        last = x;
    }
    for (size_t v = 0; v < count && !status; v++)
        status = bisect(&s, v, error);
    if (status)
        at_breaks_done(&s.found);
    else
        *ret_breaks = s.found;
    return status;
}

void at_breaks_done(struct at_breaks *breaks)
{
    for (size_t v = 0; v < breaks->count && breaks->rows; v++)
        free(breaks->rows[v].looks);
    free(breaks->rows);
    *breaks = (struct at_breaks){0};
}
