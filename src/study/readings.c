/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/readings.h"

#include "metrics/row.h"
#include "metrics/sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t samples_of(const struct at_case *c)
{
    return c->problem.batch * c->rows.count * (at_case_reads_heads(c) ? c->problem.heads_q : 1);
}

enum at_status at_readings_init(const struct at_case *c, struct at_readings *ret_readings, struct at_error *error)
{
    struct at_readings made = {.c = c, .width = c->readout.width};
    size_t rows = (size_t)c->rows.count, width = (size_t)made.width;
    bool failed = false;
    if (width) {
        made.got = malloc(rows * width * sizeof *made.got);
        made.facts = malloc(AT_REFERENCES * (size_t)samples_of(c) * sizeof *made.facts);
        failed = !made.got || !made.facts;
        for (int r = 0; r < AT_REFERENCES; r++) {
            made.truth[r] = malloc(rows * width * sizeof *made.truth[r]);
            made.radius[r] = calloc(rows, sizeof *made.radius[r]);
            failed = failed || !made.truth[r] || !made.radius[r];
        }
    }
    if (failed) {
        at_readings_done(&made);
        return at_fail(error, AT_ERR_MEMORY, "readout: out of memory for %zu rows of %zu outputs; look at fewer rows", rows, width);
    }
    *ret_readings = made;
    return AT_OK;
}

void at_readings_done(struct at_readings *readings)
{
    for (int r = 0; r < AT_REFERENCES; r++) {
        free(readings->truth[r]);
        free(readings->radius[r]);
    }
    free(readings->got);
    free(readings->facts);
    *readings = (struct at_readings){.width = 0};
}

void at_readings_add(struct at_readings *readings, int reference, int64_t h, int64_t i, const struct at_row_sample *sample)
{
    int64_t width = readings->width;
    if (!width)
        return;
    int64_t dim = sample->dim, first = width == dim ? 0 : h * dim;
    memcpy(readings->truth[reference] + i * width + first, sample->truth, (size_t)dim * sizeof *sample->truth);
    memcpy(readings->got + i * width + first, sample->got, (size_t)dim * sizeof *readings->got);
    for (int64_t d = 0; d < dim; d++)
        readings->radius[reference][i] += at_square_upper(at_row_radius(sample, d));
}

static enum at_status make_samples(struct at_readings *readings, int reference, const struct at_readout *readout, int64_t b, int64_t h,
                                   struct at_error *error)
{
    const struct at_rows *rows = &readings->c->rows;
    int64_t width = readings->width;
    struct at_output_row *outputs = calloc((size_t)rows->count, sizeof *outputs);
    struct at_token_change *changes = calloc((size_t)rows->count, sizeof *changes);
    enum at_status status = outputs && changes ? AT_OK : at_fail(error, AT_ERR_MEMORY, "readout: out of memory");
    for (int64_t i = 0; i < rows->count && !status; i++)
        outputs[i] = (struct at_output_row){readings->truth[reference] + i * width, readings->got + i * width,
                                            sqrt(at_sum_upper(readings->radius[reference][i], width)) * (1 + 0x1p-50)};
    if (!status)
        status = at_logits_compare(readout, outputs, rows->count, changes, error);
    for (int64_t i = 0; i < rows->count && !status; i++)
        readings->facts[readings->count++] = (struct at_token_fact){.reference = reference,
                                                                    .batch = b,
                                                                    .head = h,
                                                                    .row = rows->index[i],
                                                                    .kl = changes[i].kl,
                                                                    .kl_radius = changes[i].kl_radius,
                                                                    .top_unchanged = changes[i].top_unchanged,
                                                                    .max_logit = changes[i].max_logit,
                                                                    .logit_radius = changes[i].logit_radius};
    memset(readings->radius[reference], 0, (size_t)rows->count * sizeof *readings->radius[reference]);
    free(outputs);
    free(changes);
    return status;
}

enum at_status at_readings_head(struct at_readings *readings, const struct at_readout *readout, int64_t b, int64_t h,
                                struct at_error *error)
{
    bool heads = at_case_reads_heads(readings->c);
    if (!readings->width || (!heads && h + 1 < readings->c->problem.heads_q))
        return AT_OK;
    enum at_status status = AT_OK;
    for (int r = 0; r < AT_REFERENCES && !status; r++)
        status = make_samples(readings, r, readout, b, heads ? h : -1, error);
    return status;
}

double at_readings_bytes(const struct at_case *c, int threads)
{
    const struct at_readout_info *w = &c->readout;
    double rows = (double)c->rows.count, width = (double)w->width, samples = (double)samples_of(c);
    if (!w->width)
        return 0;
    double matrix = (double)w->tokens * width * (double)at_format_size(w->format);
    double kept = rows * (width * (AT_REFERENCES * sizeof(double) + sizeof(float)) + AT_REFERENCES * sizeof(double));
    return matrix + kept + AT_REFERENCES * samples * sizeof(struct at_token_fact) +
           rows * (sizeof(struct at_output_row) + sizeof(struct at_token_change)) + at_logits_bytes(w->tokens, w->width, threads);
}

enum at_status at_readings_find(struct at_store *store, const struct at_case *c, const struct at_run_key *key, int64_t *ret_run,
                                struct at_error *error)
{
    int64_t run, reading;
    struct at_readout_fact fact;
    enum at_status status = at_store_find_run(store, key, &run, error);
    if (!status && at_case_describe_readout(c, &fact))
        status = at_store_find_reading(store, run, &fact, &reading, error);
    if (!status)
        *ret_run = run;
    return status;
}
