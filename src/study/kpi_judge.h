/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_JUDGE_H
#define AT_STUDY_KPI_JUDGE_H

#include "study/kpi_facts.h"
#include "study/kpi_speed.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A KPI against what the store holds (docs/kpi.md). */

enum at_kpi_kind { AT_KPI_REQUIREMENT, AT_KPI_MUST_PASS, AT_KPI_COST };
enum { AT_KPI_REASON_SIZE = 5632 };

/* One term on one variant, of a requirement also on one input (all its seeds). Text is owned by KPI and result. */
struct at_kpi_judgement {
    enum at_kpi_kind kind;
    size_t index; /* into the KPI's requirements, must_pass or costs */
    const char *variant, *text;
    const struct at_kpi_run *run; /* the first of the input's; NULL: of all inputs, or of none */
    size_t runs;                  /* seeds, asked for */
    int64_t heads;                /* key/value heads that were looked at */
    enum at_verdict verdict;
    struct at_kpi_finding finding;   /* of a requirement */
    struct at_kpi_place worst;       /* of the value shown; run NULL: a mean, or none */
    struct at_kpi_speed speed;       /* of a cost */
    char reason[AT_KPI_REASON_SIZE]; /* one sentence: what was found, or why one cannot say and what would decide it */
};

struct at_kpi_variant {
    const char *name;
    enum at_verdict verdict;
};

struct at_kpi_result {
    struct at_kpi_judgement *judgements; /* by variant, then by term, then by input */
    size_t count;
    struct at_kpi_variant *variants;
    size_t variant_count;
    size_t met, not_met, cannot_say;
    enum at_verdict verdict; /* of all variants looked at; cannot say when there is none */
    struct at_kpi_runs runs;
};

/*
 * Judges every variant that the filter chooses by every term. A variant is not judged relative to itself. Runs that were asked for and are
 * missing keep a requirement from being met, and mean and quantile from any verdict: their number of heads is fixed beforehand; not so a
 * quantile that may be looked at any time. Free with at_kpi_result_done.
 */
enum at_status at_kpi_evaluate(struct at_store *store, const struct at_kpi *kpi, const struct at_gate_filter *filter,
                               struct at_kpi_result *ret_result, struct at_error *error);

void at_kpi_result_done(struct at_kpi_result *result);

#ifdef __cplusplus
}
#endif

#endif
