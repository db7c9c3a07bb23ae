/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/search_keep.h"

#include "datasets/safetensors_write.h"
#include "study/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char ending[] = ".safetensors";

/* "dir/worst.safetensors" -> "dir/worst.yaml" */
static enum at_status study_path_of(const char *path, char **ret_path, struct at_error *error)
{
    size_t length = strlen(path), tail = sizeof ending - 1;
    if (length <= tail || strcmp(path + length - tail, ending) != 0 || path[length - tail - 1] == '/')
        return at_fail(error, AT_ERR_ARGUMENT, "'%.300s': the case is kept as NAME%s, and NAME.yaml beside it; give such a name", path,
                       ending);
    if (asprintf(ret_path, "%.*s.yaml", (int)(length - tail), path) < 0)
        return at_fail(error, AT_ERR_MEMORY, "search: out of memory");
    return AT_OK;
}

enum at_status at_search_keep_check(const char *path, bool replace, struct at_error *error)
{
    char *study = NULL;
    enum at_status status = study_path_of(path, &study, error);
    if (!status)
        status = at_capture_writable(path, replace, error);
    if (!status)
        status = at_capture_writable(study, replace, error);
    free(study);
    return status;
}

/* Texts of the metadata, made as they are added. */
struct notes {
    struct at_safetensors_text text[24];
    size_t count;
    bool full; /* no memory for one */
};

static void __attribute__((format(printf, 3, 4))) note(struct notes *notes, char *key, const char *format, ...)
{
    va_list args;
    struct at_safetensors_text *text = &notes->text[notes->count];
    va_start(args, format);
    text->key = key;
    if (vasprintf(&text->value, format, args) < 0)
        notes->full = true;
    else
        notes->count++;
    va_end(args);
}

static void note_all(struct notes *notes, const struct at_search_request *r, const struct at_search_found *f)
{
    char family[AT_SEARCH_FAMILY_TEXT_SIZE], member[AT_DISTRIBUTION_TEXT_SIZE], numerics[AT_NUMERICS_TEXT_SIZE];
    at_search_family_print(&r->family, family);
    at_distribution_print(&f->choice, member);
    at_numerics_print(&r->scorer.numerics, numerics);
    note(notes, "made_by", "attest search");
    note(notes, "family", "%s", family);
    note(notes, "parameters", "%s", member);
    note(notes, "seed", "%" PRIu64, r->seed);
    note(notes, "changes_kept", "%" PRId64, f->kept);
    note(notes, "variant", "%s", r->variant->name);
    note(notes, "numerics", "%s", numerics);
    note(notes, "rows", "%" PRId64, r->scorer.c->rows.count);
    note(notes, "rows_seed", "%" PRIu64, r->scorer.c->rows_seed);
    note(notes, "oracle", "%s", r->scorer.oracle->name);
    note(notes, "metric", "%s", r->scorer.metric->name);
    note(notes, "against", "%s", r->scorer.dequantised ? "dequantised" : "original");
    note(notes, "value", "%.17g", f->score.value);
    note(notes, "radius", "%.17g", f->score.radius);
    note(notes, "value_of_parameters", "%.17g", f->member.value);
    note(notes, "value_of_normal", "%.17g", f->normal.value);
    note(notes, "evaluations", "%" PRId64, f->evaluations);
    note(notes, "claim", "a lower bound on the worst case, no more");
}

/* Text in double quotes, as JSON and YAML both read it; caller frees. */
static char *quoted(const char *text)
{
    json_t *string = json_string(text);
    char *made = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    json_decref(string);
    return made;
}

static enum at_status print_study(FILE *file, const struct at_search_request *r, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *capture = quoted(slash ? slash + 1 : path), *variant = quoted(r->variant->name), *name = NULL;
    if (capture)
        name = strndup(capture, strlen(capture) - sizeof ending); /* the ending and the quote after it */
    bool good = capture && variant && name &&
                fprintf(file,
                        "# Found by attest search: a lower bound on the worst case of the variant by %s. The capture's metadata say more.\n"
                        "name: %s\"\nrows: %" PRId64 "\nrows-seed: %" PRIu64 "\noracle: %s\nvariants: [%s]\ninputs:\n  - capture: %s\n",
                        r->scorer.metric->name, name, r->scorer.c->rows.count, r->scorer.c->rows_seed, r->scorer.oracle->name, variant,
                        capture) > 0;
    free(capture);
    free(variant);
    free(name);
    return good ? AT_OK : AT_ERR_IO;
}

/* Once the capture is there; a study that could not be written whole is taken away again. */
static enum at_status write_study(const struct at_search_request *r, const char *path, const char *study, struct at_error *error)
{
    FILE *file = fopen(study, "w");
    enum at_status status = file ? print_study(file, r, path) : AT_ERR_IO;
    int number = errno;
    if (file && fclose(file) != 0) {
        number = errno;
        status = AT_ERR_IO;
    }
    if (!status)
        return AT_OK;
    if (file)
        unlink(study);
    return at_fail(error, number == ENOSPC || number == EDQUOT || number == EFBIG ? AT_ERR_FULL : AT_ERR_IO,
                   "%.400s: cannot be written: %s; the case itself is in %.400s", study, strerror(number), path);
}

enum at_status at_search_keep(const struct at_search_request *request, const struct at_search_found *found, const char *path, bool replace,
                              char **ret_study, struct at_error *error)
{
    struct notes notes = {.count = 0};
    char *study = NULL;
    enum at_status status = study_path_of(path, &study, error);
    if (!status)
        status = at_capture_writable(study, replace, error);
    if (!status) {
        note_all(&notes, request, found);
        status = notes.full
                     ? at_fail(error, AT_ERR_MEMORY, "search: out of memory for the metadata")
                     : at_capture_write(path, replace, &request->scorer.c->problem, &found->champion, notes.text, notes.count, error);
    }
    for (size_t i = 0; i < notes.count; i++)
        free(notes.text[i].value);
    if (!status)
        status = write_study(request, path, study, error);
    if (status)
        free(study);
    else
        *ret_study = study;
    return status;
}

static const char query[] = "SELECT measure.value AS value, measure.radius AS radius, ladder.raised_rows AS raised"
                            " FROM plan JOIN reference ON reference.run = plan.run JOIN measure ON measure.reference = reference.id"
                            " LEFT JOIN ladder ON ladder.reference = reference.id"
                            " WHERE plan.study = :study AND reference.against = :against AND measure.scope = 'case'"
                            " AND measure.metric = :metric";

static double real_of(const struct at_table *table, const char *column)
{
    const struct at_cell *cell = &table->cells[at_table_column(table, column)];
    return cell->kind == AT_CELL_NULL ? NAN : cell->real;
}

static enum at_status read_back(struct at_store *store, const struct at_search_request *r, int64_t study, struct at_search_score *ret_score,
                                bool *ret_raised, struct at_error *error)
{
    struct at_table table;
    const char *against = r->scorer.dequantised ? "dequantised" : "original";
    const struct at_bind binds[] = {{":study", {.kind = AT_CELL_INTEGER, .integer = study, .real = (double)study}},
                                    {":against", {.kind = AT_CELL_TEXT, .text = against}},
                                    {":metric", {.kind = AT_CELL_TEXT, .text = r->scorer.metric->name}}};
    enum at_status status = at_store_query(store, query, binds, sizeof binds / sizeof binds[0], &table, error);
    if (status)
        return status;
    if (table.rows == 1) {
        *ret_score = at_search_score_of(r->scorer.metric, real_of(&table, "value"), real_of(&table, "radius"));
        *ret_raised = real_of(&table, "raised") > 0;
    } else {
        status = at_fail(error, AT_ERR_NOT_FOUND, "search: the store holds %zu figures of the case that was run again", table.rows);
    }
    at_table_done(&table);
    return status;
}

/* One figure: to the bit, or, where rows were solved again by a sharper oracle, to the radii. */
static bool same(const struct at_search_score *a, const struct at_search_score *b, bool raised)
{
    return a->value == b->value || (raised && fabs(a->value - b->value) <= a->radius + b->radius);
}

enum at_status at_search_replay(const char *study_path, struct at_store *store, const struct at_search_request *request,
                                const struct at_search_found *found, const struct at_study_events *events,
                                struct at_search_replay *ret_replay, struct at_error *error)
{
    struct at_study study;
    struct at_study_outcome outcome;
    struct at_search_replay replay = {.study = 0};
    const struct at_engine engine = {.simd = request->scorer.simd};
    bool raised = false;
    enum at_status status = at_study_read(study_path, &study, error);
    if (status)
        return status;
    status = at_study_run(&study, store, &engine, events, &outcome, error);
    at_study_done(&study);
    if (!status)
        status = read_back(store, request, outcome.study, &replay.score, &raised, error);
    if (!status && !same(&replay.score, &found->score, raised))
        status = at_fail(error, AT_ERR_UNDEFINED, "%.300s: run again it gives %s = %.17g, the search had %.17g: that is a defect of attest",
                         study_path, request->scorer.metric->name, replay.score.value, found->score.value);
    if (!status) {
        replay.study = outcome.study;
        *ret_replay = replay;
    }
    return status;
}
