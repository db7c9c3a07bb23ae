/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_command.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* A command being spelled. */
struct line {
    char *text;
    size_t size;
    bool fits;
};

static void append(struct line *l, const char *text)
{
    size_t used = strlen(l->text), length = strlen(text);
    l->fits = l->fits && length < l->size - used;
    if (l->fits)
        memcpy(l->text + used, text, length + 1);
}

static void append_word(struct line *l, const char *text)
{
    append(l, "'");
    for (; *text && l->fits; text++)
        append(l, *text == '\'' ? "'\\''" : (char[]){*text, '\0'});
    append(l, "'");
}

bool at_kpi_append_word(char *command, size_t size, const char *text)
{
    struct line l = {command, size, true};
    append_word(&l, text);
    return l.fits;
}

static void append_option(struct line *l, const char *option, const char *value)
{
    if (!value)
        return;
    append(l, option);
    append_word(l, value);
}

/* Whether a command for `run` may run `other` besides: only the seed differs. */
static bool alike(const struct at_kpi_run *run, const struct at_kpi_run *other)
{
    return other->chosen && other->id && other->pool == run->pool && strcmp(other->variant, run->variant) == 0 &&
           strcmp(other->oracle, run->oracle) == 0;
}

static bool takes(const struct at_kpi_wanted *w, size_t i)
{
    return &w->runs->rows[i] == w->run || alike(w->run, &w->runs->rows[i]);
}

size_t at_kpi_command_runs(const struct at_kpi_wanted *w)
{
    size_t count = 0;
    if (w->run->capture || !w->runs)
        return 1;
    for (size_t i = 0; i < w->runs->count; i++)
        count += takes(w, i);
    return count;
}

static void append_seeds(struct line *l, const struct at_kpi_wanted *w)
{
    char seed[24];
    size_t count = w->runs && !w->run->capture ? w->runs->count : 0, listed = 0;
    append(l, " --seeds ");
    for (size_t i = 0; i < count; i++)
        if (takes(w, i)) {
            snprintf(seed, sizeof seed, "%s%" PRIu64, listed++ ? "," : "", w->runs->rows[i].seed);
            append(l, seed);
        }
    if (!listed) {
        snprintf(seed, sizeof seed, "%" PRIu64, w->run->seed);
        append(l, seed);
    }
}

static void append_distribution(struct line *l, const struct at_kpi_wanted *w)
{
    const struct at_kpi_run *run = w->run;
    const struct at_problem *p = &run->problem;
    char shape[200];
    snprintf(shape, sizeof shape, " --shape %" PRId64 "x%" PRId64 ":%" PRId64 "x%" PRId64 ":%" PRId64 "x%" PRId64 "%s", p->batch,
             p->heads_q, p->heads_kv, p->seq_q, p->seq_k, p->dim, p->causal ? " --causal" : "");
    append_option(l, " --distribution ", w->spelling ? w->spelling : run->spelling);
    append(l, shape);
}

/* Which tensors of the file are Q, K and V is in the study's text; mask and scale are those that the run had. */
static void append_capture(struct line *l, const struct at_kpi_run *run)
{
    json_t *input = run->described ? json_loads(run->described, 0, NULL) : NULL;
    append_option(l, " --input ", run->spelling);
    append_option(l, " --q-name ", json_string_value(json_object_get(input, "q")));
    append_option(l, " --k-name ", json_string_value(json_object_get(input, "k")));
    append_option(l, " --v-name ", json_string_value(json_object_get(input, "v")));
    append_option(l, " --layout ", json_string_value(json_object_get(input, "layout")));
    append(l, run->problem.causal ? " --causal" : " --not-causal");
    json_decref(input);
}

void at_kpi_command(const struct at_kpi_wanted *w, char ret_text[AT_KPI_COMMAND_SIZE])
{
    const struct at_kpi_run *run = w->run;
    struct line l = {ret_text, AT_KPI_COMMAND_SIZE, true};
    char text[200];
    bool generated = !run->capture || w->spelling;
    strcpy(ret_text, "attest run");
    if (generated)
        append_distribution(&l, w);
    else
        append_capture(&l, run);
    snprintf(text, sizeof text, " --scale %.17g", run->problem.scale);
    append(&l, run->problem.scale > 0 ? text : "");
    if (generated) {
        append(&l, " --format ");
        append(&l, run->capture ? "fp16" : run->format);
        append_seeds(&l, w);
    }
    snprintf(text, sizeof text, " --rows %" PRId64 " --rows-seed %" PRIu64 " --oracle ", run->rows, run->rows_seed);
    append(&l, text);
    append(&l, run->oracle);
    append_option(&l, " --variants ", w->variant);
    append_option(&l, " --readout ", w->readout);
    append_option(&l, " --db ", w->db);
    if (!l.fits)
        snprintf(ret_text, AT_KPI_COMMAND_SIZE, "attest run, on %.400s (the command is too long to be shown)",
                 w->spelling ? w->spelling : run->spelling);
}
