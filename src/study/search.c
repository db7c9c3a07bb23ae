/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/search.h"

#include "stats/search.h"
#include "study/machine.h"
#include "study/search_move.h"
#include "study/work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Evaluations for each free parameter: alone, at so many strengths; in one round of annealing; and of the simplex after it. */
enum { ALONE_EACH = 4, ANNEALING_EACH = 40, SIMPLEX_EACH = 20 };

/* Annealing works on the logarithm of the metric: hot is a factor of e, cold one of a per cent; a step is a part of the range. */
static const struct at_annealing annealing = {.hot = 1, .cold = 0.01, .step = 0.15};
static const double simplex_size = 0.05;

/* Changes drawn in a row that change nothing or leave the bound, after which no other is expected. */
enum { IDLE_MOST = 100000 };

enum { SEARCH_STREAM = 's' }; /* the first byte keeps these draws apart from those of other rooms */

struct search {
    const struct at_search_request *request;
    struct at_search_found found;
    struct at_work progress;
    int64_t start_ns;
    double share;                /* of evaluations and time that the stage at hand may use */
    size_t room;                 /* of found.steps */
    double x[AT_PARAMETERS_MAX]; /* of the worst member */
    enum at_status status;
    struct at_error error;
};

static double seconds_of(const struct search *s)
{
    return (double)(at_machine_time_ns() - s->start_ns) * 1e-9;
}

/* What is used up of time or evaluations, whichever is more: 1 is all. */
static double used(const struct search *s)
{
    const struct at_search_request *r = s->request;
    double evaluations = r->evaluations ? (double)s->found.evaluations / (double)r->evaluations : 0;
    return fmax(evaluations, isinf(r->budget_s) ? 0 : seconds_of(s) / r->budget_s);
}

static bool over(struct search *s)
{
    const struct at_search_request *r = s->request;
    if (s->status || s->found.ended)
        return true;
    if (r->events && r->events->stop && *r->events->stop)
        s->found.ended = "stopped";
    else if (isinf(s->found.score.bound) && s->found.step_count)
        s->found.ended = "infinite";
    else if (r->evaluations && s->found.evaluations >= r->evaluations)
        s->found.ended = "evaluations";
    else if (seconds_of(s) >= r->budget_s)
        s->found.ended = "time";
    return s->found.ended || used(s) >= s->share;
}

static void report(struct search *s, bool local)
{
    const struct at_metric *metric = s->request->scorer.metric;
    const struct at_search_found *f = &s->found;
    double done = 1e4 * fmin(used(s), 1);
    s->progress.total = 1e4;
    s->progress.done = done;
    if (f->step_count)
        at_work_phase(&s->progress, "%s, %lld tried: %s %.4g", local ? "elements" : "structure", (long long)f->evaluations, metric->name,
                      f->score.value);
    else
        at_work_phase(&s->progress, "structure, %lld tried", (long long)f->evaluations);
}

/* A step up; false without memory. */
static bool add_step(struct search *s, bool local)
{
    struct at_search_found *f = &s->found;
    if (f->step_count == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        struct at_search_step *more = realloc(f->steps, room * sizeof *more);
        if (!more) {
            s->status = at_fail(&s->error, AT_ERR_MEMORY, "search: out of memory for %zu steps", room);
            return false;
        }
        f->steps = more;
        s->room = room;
    }
    f->steps[f->step_count++] = (struct at_search_step){f->evaluations, seconds_of(s), local, f->score.value, f->score.radius};
    return true;
}

/* Whether `score` is worse than the champion's; one that is undefined is never, and of the first any other is. */
static bool worse(const struct search *s, const struct at_search_score *score)
{
    return !isnan(score->bound) && score->bound > -INFINITY && (s->found.step_count == 0 || score->bound > s->found.score.bound);
}

static void clip(struct at_tensor *t, double bound)
{
    size_t size = at_format_size(t->format);
    for (int64_t i = 0; i < at_tensor_count(t); i++) {
        float x;
        char *code = (char *)t->codes + (size_t)i * size;
        at_decode_array(t->format, code, 1, &x);
        if (fabs((double)x) <= bound)
            continue;
        float edge = (float)bound, inside;
        at_encode_array(t->format, &edge, 1, AT_OVERFLOW_SATURATE, code);
        at_decode_array(t->format, code, 1, &inside);
        inside = copysignf((double)inside > bound ? nextafterf(inside, 0) : inside, x);
        at_encode_array(t->format, &inside, 1, AT_OVERFLOW_SATURATE, code);
    }
}

static enum at_status generate(const struct search *s, const struct at_distribution_choice *choice, struct at_qkv *ret_qkv,
                               struct at_error *error)
{
    const struct at_search_request *r = s->request;
    const struct at_case *c = r->scorer.c;
    enum at_status status = at_distribution_generate(choice, &c->problem, c->format, r->seed, ret_qkv, error);
    if (!status && r->bound > 0) {
        clip(&ret_qkv->q, r->bound);
        clip(&ret_qkv->k, r->bound);
        clip(&ret_qkv->v, r->bound);
    }
    return status;
}

/* Of a member: minus the logarithm of the metric, to be made least. What is undefined, or certainly 0, is NaN: worse than any. */
static double energy_of_member(void *context, const double *x)
{
    struct search *s = context;
    struct at_distribution_choice choice = at_search_family_at(&s->request->family, x);
    struct at_qkv qkv;
    struct at_search_score score;
    if (over(s))
        return NAN;
    if ((s->status = generate(s, &choice, &qkv, &s->error)))
        return NAN;
    s->status = at_search_score(&s->request->scorer, &qkv, &score, &s->error);
    s->found.members++;
    s->found.evaluations++;
    if (!s->status && s->found.members == 1)
        s->found.start = score;
    if (!s->status && worse(s, &score)) {
        struct at_qkv before = s->found.champion;
        s->found.champion = qkv;
        qkv = before;
        s->found.score = s->found.member = score;
        s->found.choice = choice;
        memcpy(s->x, x, s->request->family.count * sizeof *x);
        add_step(s, false);
    }
    at_qkv_done(&qkv);
    report(s, false);
    return s->status || !(score.bound > 0) ? NAN : -log(score.bound);
}

/* The beginning, then each free parameter by itself at a few places of its range: many structures need no other to break a kernel. */
static void search_alone(struct search *s)
{
    const struct at_search_family *family = &s->request->family;
    double start[AT_PARAMETERS_MAX] = {0}, x[AT_PARAMETERS_MAX];
    at_search_family_start(family, start);
    energy_of_member(s, start);
    for (size_t i = 0; i < family->count * ALONE_EACH; i++) {
        memcpy(x, start, sizeof x);
        x[i / ALONE_EACH] = (double)(1 + i % ALONE_EACH) / ALONE_EACH;
        energy_of_member(s, x);
    }
}

/* Annealing and simplex from the worst so far, then again and again from random members. */
static void search_together(struct search *s)
{
    size_t dims = s->request->family.count;
    double x[AT_PARAMETERS_MAX], least;
    memcpy(x, s->x, sizeof x);
    for (uint64_t round = 0; !over(s); round++) {
        const struct at_random key = {s->request->seed, (uint64_t)SEARCH_STREAM << 56};
        struct at_annealing cooled = annealing;
        cooled.seed = at_random_bits(key, round);
        for (size_t i = 0; i < dims && round; i++)
            x[i] = at_random_uniform(key, (round << 16) + 1 + i);
        enum at_status status = at_stats_anneal(energy_of_member, s, dims, x, ANNEALING_EACH * dims, &cooled, &least);
        if (!status)
            status = at_stats_simplex(energy_of_member, s, dims, x, SIMPLEX_EACH * dims, simplex_size, &least);
        if (status == AT_ERR_MEMORY && !s->status)
            s->status = at_fail(&s->error, status, "search: out of memory");
    }
}

static double largest_of(const struct at_qkv *qkv)
{
    const struct at_tensor *tensors[] = {&qkv->q, &qkv->k, &qkv->v};
    double largest = 0;
    for (int t = 0; t < 3; t++)
        for (int64_t i = 0; i < at_tensor_count(tensors[t]); i++) {
            float x;
            at_decode_array(tensors[t]->format, (const char *)tensors[t]->codes + (size_t)i * at_format_size(tensors[t]->format), 1, &x);
            largest = fmax(largest, fabs((double)x));
        }
    return largest;
}

/* Change after change of the champion itself; what does not make it worse is taken back. */
static void search_elements(struct search *s)
{
    const struct at_search_request *r = s->request;
    const struct at_random key = {r->seed, (uint64_t)SEARCH_STREAM << 56 | 1};
    double bound = r->bound > 0 ? r->bound : largest_of(&s->found.champion);
    for (uint64_t number = 0, idle = 0; !over(s) && idle < IDLE_MOST; number++, idle++) {
        struct at_search_move move;
        struct at_search_score score;
        at_search_move_make(&s->found.champion, &r->scorer.c->rows, bound, key, number, &move);
        if (move.count == 0)
            continue;
        s->status = at_search_score(&r->scorer, &s->found.champion, &score, &s->error);
        s->found.evaluations++;
        s->found.changes++;
        idle = 0;
        bool better = !s->status && worse(s, &score);
        if (better) {
            s->found.score = score;
            s->found.kept++;
            add_step(s, true);
        } else {
            at_search_move_undo(&move);
        }
        report(s, true);
    }
}

/* The same rows of N(0, 1) inputs: what the finding is compared with. */
static enum at_status score_normal(struct search *s, struct at_error *error)
{
    struct at_distribution_choice choice;
    struct at_qkv qkv;
    enum at_status status = at_distribution_choose("normal", &choice, error);
    if (!status)
        status = generate(s, &choice, &qkv, error);
    if (status)
        return status;
    status = at_search_score(&s->request->scorer, &qkv, &s->found.normal, error);
    at_qkv_done(&qkv);
    return status;
}

enum at_status at_search_run(const struct at_search_request *request, struct at_search_found *ret_found, struct at_error *error)
{
    struct search s = {.request = request, .progress = {.events = request->events}, .start_ns = at_machine_time_ns()};
    enum at_status status = score_normal(&s, error);
    s.share = request->local ? 0.5 : 1;
    if (!status) {
        search_alone(&s);
        search_together(&s);
    }
    s.share = 1;
    if (!status && request->local && s.found.step_count)
        search_elements(&s);
    if (!status && s.status)
        status = at_fail(error, s.status, "%s", s.error.message);
    bool stopped = s.found.ended && strcmp(s.found.ended, "stopped") == 0;
    if (!status && !s.found.step_count)
        status = stopped
                     ? at_fail(error, AT_ERR_INTERRUPTED, "search: stopped before anything was found")
                     : at_fail(error, AT_ERR_UNDEFINED, "search: %s has no value on any of %lld members of the family; give other ranges",
                               request->scorer.metric->name, (long long)s.found.members);
    if (status) {
        at_search_found_done(&s.found);
        return status;
    }
    s.found.ended = s.found.ended ? s.found.ended : "nothing left to change";
    s.found.seconds = seconds_of(&s);
    s.found.largest = largest_of(&s.found.champion);
    *ret_found = s.found;
    return AT_OK;
}

void at_search_found_done(struct at_search_found *found)
{
    at_qkv_done(&found->champion);
    free(found->steps);
    *found = (struct at_search_found){.steps = NULL};
}
