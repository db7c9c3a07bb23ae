/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_claim.h"

#include <stdio.h>
#include <string.h>

enum { WHAT_SIZE = 256 };

/* "dequantised.rel_rmse", "rel_rmse over that of fa3-fp16". */
static const char *print_what(const struct at_kpi_requirement *r, char ret_text[static WHAT_SIZE])
{
    snprintf(ret_text, WHAT_SIZE, "%s%s%s%.120s", strcmp(r->against, "original") == 0 ? "" : "dequantised.", r->metric->name,
             r->relative_to ? " over that of " : "", r->relative_to ? r->relative_to : "");
    return ret_text;
}

/* Where a value misses. */
static struct at_beyond beyond_of(const struct at_kpi_requirement *r)
{
    static const enum at_edge_side sides[] = {[AT_LESS_EQUAL] = AT_ABOVE,
                                              [AT_LESS] = AT_AT_OR_ABOVE,
                                              [AT_GREATER_EQUAL] = AT_BELOW,
                                              [AT_GREATER] = AT_AT_OR_BELOW,
                                              [AT_EQUAL] = AT_OTHER_THAN};
    struct at_beyond beyond = {.count = r->term_count};
    for (size_t i = 0; i < r->term_count; i++)
        beyond.edges[i] = (struct at_edge){sides[r->terms[i].relation], r->terms[i].bound};
    return beyond;
}

static enum at_status say_share(const struct at_kpi_requirement *r, const struct at_kpi_finding *f, struct at_subject subject,
                                char ret_text[AT_SENTENCE_SIZE])
{
    const struct at_beyond beyond = beyond_of(r);
    struct at_exceedance e;
    int64_t n = (int64_t)f->units, k = (int64_t)(f->verdict == AT_NOT_MET ? f->missing : f->missing + f->unknown);
    if (r->any_look)
        return at_sentence_anytime_beyond(f->interval, r->confidence, k, n, f->further_met, &beyond, subject, ret_text);
    enum at_status status = at_exceedance_decide(k, n, 1 - r->coverage, r->confidence, &e, NULL);
    return status ? status : at_sentence_beyond(&e, &beyond, subject, ret_text);
}

static enum at_status say_mean(const struct at_kpi_requirement *r, const struct at_kpi_finding *f, struct at_subject subject,
                               char ret_text[AT_SENTENCE_SIZE])
{
    return at_sentence_interval(f->interval, r->confidence, f->units, subject, ret_text);
}

typedef enum at_status sentence(const struct at_kpi_requirement *requirement, const struct at_kpi_finding *finding,
                                struct at_subject subject, char ret_text[AT_SENTENCE_SIZE]);

static void claim(sentence *say, const struct at_kpi_requirement *r, const struct at_kpi_finding *f, const char *source,
                  char ret_text[AT_SENTENCE_SIZE])
{
    char what[WHAT_SIZE];
    ret_text[0] = '\0';
    if (say(r, f, (struct at_subject){print_what(r, what), source}, ret_text) != AT_OK)
        say(r, f, (struct at_subject){r->metric->name, "this distribution"}, ret_text);
}

void at_kpi_claim_share(const struct at_kpi_requirement *r, const struct at_kpi_finding *f, const char *source,
                        char ret_text[AT_SENTENCE_SIZE])
{
    claim(say_share, r, f, source, ret_text);
}

void at_kpi_claim_mean(const struct at_kpi_requirement *r, const struct at_kpi_finding *f, const char *source,
                       char ret_text[AT_SENTENCE_SIZE])
{
    claim(say_mean, r, f, source, ret_text);
}

void at_kpi_claim_figure(const struct at_kpi_requirement *r, const struct at_kpi_finding *f, bool by_order, const char *unit,
                         const char *source, char ret_text[AT_SENTENCE_SIZE])
{
    char what[WHAT_SIZE];
    snprintf(what, sizeof what, "%s%s", r->metric->label, strcmp(r->against, "original") == 0 ? "" : " of the kernel's part");
    ret_text[0] = '\0';
    if (at_sentence_samples(f->interval, r->confidence, by_order, f->units, unit, (struct at_subject){what, source}, ret_text) != AT_OK)
        at_sentence_samples(f->interval, r->confidence, by_order, f->units, unit, (struct at_subject){what, "this distribution"}, ret_text);
}
