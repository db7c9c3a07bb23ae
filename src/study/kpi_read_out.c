/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_read_out.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const units[2][2] = {{"sequence", "sequences"}, {"key/value head", "key/value heads"}};

const char *at_kpi_read_unit(const struct at_kpi_read_outcome *read, bool plural)
{
    return units[read->heads][plural];
}

/* Samples of one readout. top_low and top_high: what is left open as another and as the same token. */
struct samples {
    double *kl, *top_low, *top_high; /* [count] */
    size_t *unit;                    /* [count] */
    size_t count, units;
    double max, low, high; /* the largest KL, which lies between */
    double same, decided;  /* top tokens */
    double radius;         /* no mean and no quantile of KL can be farther off */
};

static enum at_status no_memory(struct at_error *error)
{
    return at_fail(error, AT_ERR_MEMORY, "KPI: out of memory for the samples of a readout");
}

static void add_sample(const struct at_kpi_sample *s, const struct at_kpi_run *run, struct samples *x, struct at_kpi_read_outcome *read)
{
    bool undefined = isnan(s->kl);
    double radius = isnan(s->kl_radius) ? INFINITY : s->kl_radius;
    x->kl[x->count] = s->kl;
    x->top_low[x->count] = undefined ? NAN : s->top_unchanged == 1;
    x->top_high[x->count] = undefined ? NAN : s->top_unchanged != 0;
    x->unit[x->count++] = x->units;
    read->undefined += undefined;
    if (undefined)
        return;
    const struct at_kpi_item item = at_kpi_item_make(s->kl, radius, NULL, 0, 0);
    if (!read->samples++ || s->kl > x->max) {
        x->max = s->kl;
        read->place = (struct at_kpi_place){run, s->batch, s->head, s->row};
    }
    x->low = fmax(x->low, item.low);
    x->high = fmax(x->high, item.high);
    x->radius = fmax(x->radius, radius);
    x->same += s->top_unchanged == 1;
    x->decided += s->top_unchanged >= 0;
    read->open += s->top_unchanged < 0;
}

/* The samples of one run by one readout; whether there are any. */
static bool add_run(const struct at_kpi_readings *readings, int64_t readout, const struct at_kpi_run *run, struct samples *x,
                    struct at_kpi_read_outcome *read)
{
    int64_t batch = -1, key_head = -2;
    size_t from, to, before = x->count;
    at_kpi_readings_of(readings, run->id, &from, &to);
    for (size_t i = from; i < to; i++) {
        const struct at_kpi_sample s = at_kpi_sample_at(readings, i);
        if (s.readout != readout || !s.read)
            continue;
        if (s.batch != batch || s.key_head != key_head)
            x->units++;
        batch = s.batch;
        key_head = s.key_head;
        read->readout = s.name;
        read->heads = s.head >= 0;
        add_sample(&s, run, x, read);
    }
    return x->count > before;
}

/* A number over the samples' values, with its interval if one is asked for. */
static enum at_status number_of(const double *values, const struct samples *x, const struct at_kpi_requirement *r,
                                const struct at_kpi_read_outcome *read, struct at_read_number *ret_number)
{
    const struct at_kpi_figure *figure = r->figure;
    struct at_clusters c;
    enum at_status status = at_clusters_init(values, x->unit, x->count, &c);
    if (status)
        return status;
    *ret_number = (struct at_read_number){.value = NAN, .interval = {NAN, NAN}};
    c.p = figure->p;
    bool quantile = figure->kind == AT_KPI_QUANTILE_KL;
    if (!r->by_interval)
        status = at_clusters_value(&c, quantile ? at_clusters_quantile : at_clusters_mean, &ret_number->value);
    else if (quantile)
        status = at_read_quantile(&c, figure->p, r->confidence, units[read->heads], ret_number);
    else
        status = (figure->kind == AT_KPI_TOP_UNCHANGED ? at_read_share : at_read_mean)(&c, r->confidence, units[read->heads], ret_number);
    at_clusters_done(&c);
    return status;
}

/* The share lies between those that count the open ones as either. */
static enum at_status top_of(const struct samples *x, const struct at_kpi_requirement *r, const struct at_kpi_read_outcome *read,
                             struct at_read_number *ret_number)
{
    struct at_read_number low, high;
    enum at_status status = number_of(x->top_low, x, r, read, &low);
    if (!status)
        status = number_of(x->top_high, x, r, read, &high);
    if (status)
        return status;
    *ret_number = *low.why ? low : high;
    ret_number->value = x->decided > 0 ? x->same / x->decided : NAN;
    ret_number->interval =
        r->by_interval ? (struct at_interval){low.interval.low, high.interval.high} : (struct at_interval){low.value, high.value};
    return AT_OK;
}

/* The item that the figure of these samples is, and its interval. */
static enum at_status judge_samples(struct samples *x, const struct at_kpi_requirement *r, size_t index, struct at_kpi_read_outcome *read,
                                    struct at_kpi_item *ret_item, struct at_interval *ret_interval)
{
    struct at_read_number n;
    read->units = (int64_t)x->units;
    *ret_interval = (struct at_interval){NAN, NAN};
    if (r->figure->kind == AT_KPI_MAX_KL) {
        *ret_item = read->samples ? (struct at_kpi_item){x->max, x->low, x->high, index} : (struct at_kpi_item){NAN, NAN, NAN, index};
        return AT_OK;
    }
    read->place = (struct at_kpi_place){.batch = -1, .head = -1, .row = -1};
    bool top = r->figure->kind == AT_KPI_TOP_UNCHANGED;
    enum at_status status = top ? top_of(x, r, read, &n) : number_of(x->kl, x, r, read, &n);
    if (status)
        return status;
    memcpy(read->why, n.why, sizeof n.why);
    read->by_order = n.by_order;
    if (!r->by_interval && !top)
        n.interval = (struct at_interval){n.value, n.value};
    *ret_item = (struct at_kpi_item){n.value, n.interval.low, n.interval.high, index};
    if (!top && x->radius > 0) {
        ret_item->low = nextafter(n.interval.low - x->radius, -INFINITY);
        ret_item->high = nextafter(n.interval.high + x->radius, INFINITY);
    }
    if (r->by_interval)
        *ret_interval = (struct at_interval){ret_item->low, ret_item->high};
    if (r->by_interval && r->figure->kind == AT_KPI_MEAN_KL && isinf(n.value)) /* infinite samples do not average away */
        ret_item->low = ret_item->high = n.value;
    return AT_OK;
}

/* Ids of the readouts that the runs' samples name, each once; room for as many as there are samples. */
static size_t list_readouts(const struct at_kpi_readings *readings, const struct at_kpi_run *const *runs, size_t count, int64_t *ids)
{
    size_t found = 0;
    for (size_t k = 0; k < count; k++) {
        size_t from, to;
        at_kpi_readings_of(readings, runs[k]->id, &from, &to);
        for (size_t i = from; i < to; i++) {
            int64_t id = at_kpi_sample_at(readings, i).readout;
            size_t j = 0;
            while (j < found && ids[j] != id)
                j++;
            if (j == found)
                ids[found++] = id;
        }
    }
    return found;
}

/* What the readouts of some runs say. */
struct reading_out {
    int64_t *ids;
    struct at_kpi_read_outcome *reads;
    struct at_kpi_item *items;
    struct at_interval *intervals;
    size_t count; /* of readouts */
    struct samples x;
};

static void done(struct reading_out *o)
{
    free(o->ids);
    free(o->reads);
    free(o->items);
    free(o->intervals);
    free(o->x.kl);
    free(o->x.top_low);
    free(o->x.top_high);
    free(o->x.unit);
}

static enum at_status begin(const struct at_kpi_readings *readings, const struct at_kpi_run *const *runs, size_t count,
                            struct reading_out *o)
{
    size_t samples = readings->table.rows + 1;
    o->ids = malloc(samples * sizeof *o->ids);
    if (!o->ids)
        return AT_ERR_MEMORY;
    o->count = list_readouts(readings, runs, count, o->ids);
    o->reads = calloc(o->count + 1, sizeof *o->reads);
    o->items = calloc(o->count + 1, sizeof *o->items);
    o->intervals = calloc(o->count + 1, sizeof *o->intervals);
    o->x.kl = malloc(samples * sizeof *o->x.kl);
    o->x.top_low = malloc(samples * sizeof *o->x.top_low);
    o->x.top_high = malloc(samples * sizeof *o->x.top_high);
    o->x.unit = malloc(samples * sizeof *o->x.unit);
    return o->reads && o->items && o->intervals && o->x.kl && o->x.top_low && o->x.top_high && o->x.unit ? AT_OK : AT_ERR_MEMORY;
}

/* All runs by the i-th readout. */
static enum at_status read_one(const struct at_kpi_readings *readings, const struct at_kpi_run *const *runs, size_t count,
                               const struct at_kpi_requirement *r, size_t i, struct reading_out *o)
{
    struct samples x = {.kl = o->x.kl, .top_low = o->x.top_low, .top_high = o->x.top_high, .unit = o->x.unit};
    struct at_kpi_read_outcome *read = &o->reads[i];
    x.low = x.high = -INFINITY;
    for (size_t k = 0; k < count; k++)
        if (!add_run(readings, o->ids[i], runs[k], &x, read) && !read->unread++)
            read->first_unread = runs[k];
    return judge_samples(&x, r, i, read, &o->items[i], &o->intervals[i]);
}

/* Of incomplete readings only what more samples could not mend stays: a largest KL that misses. */
static enum at_verdict verdict_of(const struct at_kpi_requirement *r, const struct reading_out *o, enum at_verdict verdict)
{
    bool unread = false, undefined = false;
    for (size_t i = 0; i < o->count; i++) {
        unread |= o->reads[i].unread > 0;
        undefined |= o->reads[i].undefined > 0;
    }
    if (unread && !(verdict == AT_NOT_MET && r->figure->kind == AT_KPI_MAX_KL))
        return AT_CANNOT_SAY;
    return verdict == AT_MET && undefined ? AT_CANNOT_SAY : verdict;
}

/* The readout that is told of: the worst; where none may be judged, one that lacks runs. */
static size_t told(const struct reading_out *o, const struct at_kpi_finding *f, enum at_verdict verdict)
{
    for (size_t i = 0; verdict == AT_CANNOT_SAY && i < o->count; i++)
        if (o->reads[i].unread)
            return i;
    return f->worst;
}

enum at_status at_kpi_read_out(const struct at_kpi_readings *readings, const struct at_kpi_run *const *runs, size_t count,
                               const struct at_kpi_requirement *requirement, bool whole, struct at_kpi_read_outcome *ret_read,
                               struct at_kpi_finding *ret_finding, struct at_error *error)
{
    struct at_kpi_requirement r = *requirement;
    struct at_kpi_read_outcome read = {
        .unread = count, .first_unread = count ? runs[0] : NULL, .place = {.batch = -1, .head = -1, .row = -1}};
    struct at_kpi_finding f;
    struct reading_out o = {0};
    r.by_interval = requirement->by_interval && !whole;
    enum at_status status = begin(readings, runs, count, &o);
    for (size_t i = 0; i < o.count && !status; i++)
        status = read_one(readings, runs, count, &r, i, &o);
    if (status)
        no_memory(error);
    else
        status = at_kpi_decide(&r, o.items, o.count, whole, &f, error);
    if (!status && o.count) {
        f.verdict = verdict_of(&r, &o, f.verdict);
        size_t i = told(&o, &f, f.verdict);
        read = o.reads[i];
        f.value = o.items[i].value;
        f.interval = o.intervals[i];
        f.items = (size_t)read.samples;
        f.units = (size_t)read.units;
        f.missing = f.unknown = 0;
    }
    done(&o);
    if (!status) {
        *ret_read = read;
        *ret_finding = f;
    }
    return status;
}
