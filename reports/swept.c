/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/swept.h"

#include "core/name.h"
#include "reports/buffer.h"
#include "reports/spelling.h"
#include "reports/swept_heads.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A radius above this share of the value leaves it open (oracles/ladder.h). */
#define RADIUS_SHARE 0x1p-10

static int64_t integer(const struct at_table *t, size_t row, const char *column)
{
    return at_table_cell(t, row, column)->integer;
}

static const char *text(const struct at_table *t, size_t row, const char *column)
{
    return at_table_cell(t, row, column)->text;
}

static bool is(const char *over, const char *name)
{
    return strcmp(over, name) == 0;
}

/* Everything of the row's run but x, seed and label. */
static void add_title(struct at_buffer *b, const struct at_table *t, size_t row, const char *over)
{
    const char *spelling = text(t, row, "spelling");
    size_t length = 0;
    const char *value = at_spelling_value(spelling, over, &length);
    int64_t keys = integer(t, row, "seq_k"), queries = integer(t, row, "seq_q"), heads_q = integer(t, row, "heads_q");
    int64_t heads_kv = integer(t, row, "heads_kv"), rows = integer(t, row, "rows");
    if (value)
        at_buffer_printf(b, "%.*s*%s", (int)(value - spelling), spelling, value + length);
    else
        at_buffer_text(b, spelling);
    if (integer(t, row, "batches") > 1)
        at_buffer_printf(b, ", batch %" PRId64, integer(t, row, "batches"));
    at_buffer_printf(b, heads_q == 1 ? ", %" PRId64 " head" : ", %" PRId64 " heads", heads_q);
    if (heads_kv != heads_q)
        at_buffer_printf(b, ":%" PRId64, heads_kv);
    if (queries != keys)
        at_buffer_printf(b, ", %" PRId64 " queries", queries);
    if (!is(over, "keys"))
        at_buffer_printf(b, ", %" PRId64 " keys", keys);
    if (!is(over, "dim"))
        at_buffer_printf(b, ", d %" PRId64, integer(t, row, "dim"));
    at_buffer_printf(b, ", %s%s", text(t, row, "format"), integer(t, row, "causal") ? ", causal" : "");
    if (at_table_cell(t, row, "scale")->real != 0)
        at_buffer_printf(b, ", scale %.17g", at_table_cell(t, row, "scale")->real);
    if (rows == queries)
        at_buffer_text(b, ", all rows");
    else
        at_buffer_printf(b, ", %" PRId64 " rows", rows);
    if (rows != queries && integer(t, row, "rows_seed") != 1)
        at_buffer_printf(b, " of seed %" PRId64, integer(t, row, "rows_seed"));
}

/* Rows [first, end) of the table are one run. */
struct swept_run {
    const struct at_table *table;
    size_t first, end;
    char *title; /* owned */
    double x;
};

static int compare(const void *a, const void *b)
{
    const struct swept_run *p = a, *q = b;
    int titles = strcmp(p->title, q->title);
    int64_t va = integer(p->table, p->first, "variant_id"), vb = integer(q->table, q->first, "variant_id");
    uint64_t sa = (uint64_t)integer(p->table, p->first, "seed"), sb = (uint64_t)integer(q->table, q->first, "seed");
    int64_t ra = integer(p->table, p->first, "run"), rb = integer(q->table, q->first, "run");
    if (titles || va != vb)
        return titles ? titles : va > vb ? 1 : -1;
    if (p->x != q->x || sa != sb)
        return p->x != q->x ? (p->x > q->x ? 1 : -1) : sa > sb ? 1 : -1;
    return (ra < rb) - (ra > rb); /* the newest first */
}

/* The usable value of a head in row i, NaN if it has none. */
static double usable(const struct at_table *t, size_t i)
{
    const struct at_cell *value = at_table_cell(t, i, "value"), *radius = at_table_cell(t, i, "radius");
    if (value->kind == AT_CELL_NULL || !isfinite(value->real) || value->real == 0)
        return NAN;
    return radius->kind != AT_CELL_NULL && !(radius->real <= RADIUS_SHARE * fabs(value->real)) ? NAN : value->real;
}

/* Adds the key/value heads of one run; query heads that share one become their geometric mean. */
static size_t add_heads(const struct swept_run *run, struct at_swept_head *cells)
{
    const struct at_table *t = run->table;
    size_t count = 0;
    for (size_t i = run->first, end; i < run->end; i = end) {
        int64_t batch = integer(t, i, "batch"), head = integer(t, i, "key_head");
        double sum = 0, first = usable(t, i);
        for (end = i; end < run->end && integer(t, end, "batch") == batch && integer(t, end, "key_head") == head; end++)
            sum += log(usable(t, end) / first); /* NaN with heads of two signs: the ratio is below 0 */
        cells[count++] = (struct at_swept_head){run->x, (uint64_t)integer(t, i, "seed"), batch, head, first * exp(sum / (double)(end - i))};
    }
    return count;
}

static bool same_sweep(const struct swept_run *a, const struct swept_run *b)
{
    return strcmp(a->title, b->title) == 0 && integer(a->table, a->first, "variant_id") == integer(b->table, b->first, "variant_id");
}

/* Runs [from, to) are one sweep of one variant. */
static enum at_status add_sweep(struct swept_run *runs, size_t from, size_t to, const char *over, bool logarithmic, struct at_swepts *all)
{
    size_t different = 0, rows = 0, count = 0;
    for (size_t i = from; i < to; i++) {
        different += i == from || runs[i].x != runs[i - 1].x;
        rows += runs[i].end - runs[i].first;
    }
    all->most = different > all->most ? different : all->most;
    if (different < 3)
        return AT_OK;
    struct at_swept *more = realloc(all->rows, (all->count + 1) * sizeof *more);
    all->rows = more ? more : all->rows;
    struct at_swept_head *cells = malloc(rows * sizeof *cells);
    if (!more || !cells) {
        free(cells);
        return AT_ERR_MEMORY;
    }
    for (size_t i = from; i < to; i++)
        if (i == from || runs[i].x != runs[i - 1].x ||
            integer(runs[i].table, runs[i].first, "seed") != integer(runs[i].table, runs[i - 1].first, "seed"))
            count += add_heads(&runs[i], cells + count);
    struct at_swept made = {.variant = text(runs[from].table, runs[from].first, "variant"), .over = over};
    enum at_status status = at_swept_matrix(cells, count, logarithmic, &made);
    free(cells);
    if (!status) {
        made.title = runs[from].title;
        runs[from].title = NULL;
        all->rows[all->count++] = made;
    }
    return status;
}

/* x of the run, or false where it has no such parameter. */
static bool x_of(const struct at_table *t, size_t row, const char *over, double *ret_x)
{
    size_t length;
    const char *value = at_spelling_value(text(t, row, "spelling"), over, &length);
    if (is(over, "keys") || is(over, "dim"))
        *ret_x = (double)integer(t, row, is(over, "keys") ? "seq_k" : "dim");
    else if (value)
        *ret_x = strtod(value, NULL);
    return value || is(over, "keys") || is(over, "dim");
}

static enum at_status find_sweeps(const struct at_swept_question *q, const char *over, struct swept_run *runs, struct at_swepts *all)
{
    const struct at_table *t = &all->table;
    size_t count = 0;
    enum at_status status = AT_OK;
    for (size_t i = 0, end; i < t->rows && !status; i = end) {
        struct swept_run run = {.table = t, .first = i};
        struct at_buffer title = {0};
        for (end = i; end < t->rows && integer(t, end, "run") == integer(t, i, "run");)
            end++;
        run.end = end;
        if ((q->distribution && !at_spelling_of(text(t, i, "spelling"), q->distribution)) || !x_of(t, i, over, &run.x) ||
            !(run.x >= q->from && run.x <= q->to))
            continue;
        add_title(&title, t, i, over);
        run.title = title.text;
        status = title.failed ? AT_ERR_MEMORY : AT_OK;
        runs[count++] = run;
    }
    if (!status && count)
        qsort(runs, count, sizeof *runs, compare);
    for (size_t from = 0, to; from < count && !status; from = to) {
        for (to = from + 1; to < count && same_sweep(&runs[from], &runs[to]);)
            to++;
        status = add_sweep(runs, from, to, over, q->logarithmic, all);
    }
    for (size_t i = 0; i < count; i++)
        free(runs[i].title);
    return status;
}

static enum at_status add_name(struct at_swepts *all, const char *name)
{
    for (size_t n = 0; n < all->name_count; n++)
        if (is(all->names[n], name))
            return AT_OK;
    char(*more)[AT_SPELLING_NAME_SIZE] = realloc(all->names, (all->name_count + 1) * sizeof *more);
    if (!more)
        return AT_ERR_MEMORY;
    all->names = more;
    strcpy(all->names[all->name_count++], name);
    return AT_OK;
}

/* "keys", "dim" and the parameters of the distributions looked at. */
static enum at_status find_names(const struct at_swept_question *q, struct at_swepts *all)
{
    const struct at_table *t = &all->table;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < t->rows && !status; i++) {
        const char *spelling = text(t, i, "spelling"), *at = strchr(spelling, ':');
        char name[AT_SPELLING_NAME_SIZE];
        if ((i && is(spelling, text(t, i - 1, "spelling"))) || (q->distribution && !at_spelling_of(spelling, q->distribution)))
            continue;
        status = add_name(all, "keys");
        if (!status)
            status = add_name(all, "dim");
        while (at && !status) {
            at = at_spelling_next(at, name);
            status = add_name(all, name);
        }
    }
    return status;
}

/* Which name is asked about: *ret_first to *ret_end. */
static enum at_status choose_names(const struct at_swept_question *q, const struct at_swepts *all, size_t *ret_first, size_t *ret_end,
                                   struct at_error *error)
{
    const char *names[64];
    size_t count = all->name_count < 64 ? all->name_count : 64;
    char hint[AT_NAME_HINT_SIZE];
    *ret_first = 0;
    *ret_end = all->name_count;
    for (size_t n = 0; n < count; n++)
        names[n] = all->names[n];
    for (size_t n = 0; n < all->name_count && q->over; n++)
        if (is(all->names[n], q->over)) {
            *ret_first = n;
            *ret_end = n + 1;
            return AT_OK;
        }
    if (!q->over || !all->name_count)
        return AT_OK;
    return at_fail(error, AT_ERR_NOT_FOUND, "no run%s%s has a parameter '%s'%s; keys and dim can be asked about too",
                   q->distribution ? " of " : "", q->distribution ? q->distribution : "", q->over,
                   at_name_hint(q->over, names, count, hint));
}

enum at_status at_swept_load(struct at_store *store, const struct at_filter *filter, const struct at_swept_question *question,
                             struct at_swepts *ret_swepts, struct at_error *error)
{
    struct at_swepts made = {0};
    size_t first = 0, end = 0;
    enum at_status status = at_query_run(store, "sensitivity", filter, &made.table, error);
    if (status)
        return status;
    struct swept_run *runs = malloc((made.table.rows + 1) * sizeof *runs);
    status = runs ? find_names(question, &made) : AT_ERR_MEMORY;
    if (!status)
        status = choose_names(question, &made, &first, &end, error);
    for (size_t n = first; n < end && !status; n++)
        status = find_sweeps(question, made.names[n], runs, &made);
    free(runs);
    if (status == AT_ERR_MEMORY)
        at_fail(error, status, "sweeps: no memory for %zu heads", made.table.rows);
    if (status)
        at_swept_done(&made);
    else
        *ret_swepts = made;
    return status;
}

void at_swept_done(struct at_swepts *swepts)
{
    for (size_t i = 0; i < swepts->count; i++) {
        free(swepts->rows[i].title);
        free(swepts->rows[i].x);
        free(swepts->rows[i].y);
    }
    free(swepts->rows);
    free(swepts->names);
    at_table_done(&swepts->table);
    *swepts = (struct at_swepts){0};
}
