/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/attempt.h"
#include "study/machine.h"

#include <stdlib.h>
#include <string.h>

struct executor {
    struct at_bench bench; /* of the case at hand */
    int64_t *variants;     /* [variant_count] their ids */
    struct at_study_outcome outcome;
};

static enum at_status put_variants(struct executor *x, struct at_error *error)
{
    const struct at_study *study = x->bench.study;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < study->variant_count && !status; i++) {
        char numerics[AT_NUMERICS_TEXT_SIZE];
        at_numerics_print(&study->variants[i].numerics, numerics);
        struct at_variant_fact fact = {.name = study->variants[i].name, .numerics = numerics};
        status = at_store_put_variant(x->bench.store, &fact, &x->variants[i], error);
    }
    return status;
}

/* All that the study asks for, before any of it is computed. */
static enum at_status put_plan(struct executor *x, const struct at_plan *plan, struct at_error *error)
{
    const struct at_study *study = plan->study;
    size_t count = plan->count * study->variant_count;
    char *text = NULL, (*spellings)[AT_DISTRIBUTION_TEXT_SIZE] = calloc(plan->count, sizeof *spellings);
    struct at_planned_fact *planned = calloc(count, sizeof *planned);
    enum at_status status = spellings && planned ? AT_OK : at_fail(error, AT_ERR_MEMORY, "study: out of memory for %zu runs", count);
    for (size_t i = 0; i < count && !status; i++) {
        const struct at_case *c = &plan->cases[i / study->variant_count];
        planned[i] = (struct at_planned_fact){.input = at_case_describe(c, spellings[i / study->variant_count]),
                                              .copy = c->copy,
                                              .variant = x->variants[i % study->variant_count],
                                              .rows = c->rows.count,
                                              .rows_seed = study->rows_seed,
                                              .oracle = study->oracle->name};
    }
    if (!status)
        status = at_study_print(study, &text, error);
    if (!status) {
        struct at_sha256 sha256 = at_sha256_of(text, strlen(text));
        struct at_study_fact fact = {.sha256 = sha256.hex, .name = study->name, .text = text};
        status = at_store_put_plan(x->bench.store, &fact, study->of_file, planned, count, &x->bench.study_id, error);
    }
    free(text);
    free(planned);
    free(spellings);
    return status;
}

static enum at_status put_input(struct at_bench *bench, struct at_error *error)
{
    const struct at_case *c = bench->c;
    const struct at_tensor *tensors[] = {&bench->inputs.q, &bench->inputs.k, &bench->inputs.v};
    char spelling[AT_DISTRIBUTION_TEXT_SIZE];
    struct at_sha256 sha256 = at_sha256_of_qkv(&bench->inputs);
    struct at_input_fact fact = at_case_describe(c, spelling);
    fact.input_sha256 = sha256.hex;
    for (int i = 0; i < 3; i++) {
        int64_t nan, infinite;
        at_tensor_count_nonfinite(tensors[i], &nan, &infinite);
        fact.nan += nan;
        fact.infinite += infinite;
    }
    if (fact.nan + fact.infinite)
        at_work_note(bench->progress, "%s: the inputs hold %lld NaN and %lld infinite elements; rows that see one have no finite truth",
                     fact.label, (long long)fact.nan, (long long)fact.infinite);
    return at_store_put_found(bench->store, bench->study_id, c->copy, &fact, &bench->input_id, error);
}

/* References that the runs still to do need: the inputs' and those of different operands. */
static size_t references_needed(const struct at_bench *bench)
{
    const struct at_study *study = bench->study;
    size_t count = 0, runs = 0;
    for (size_t i = 0; i < study->variant_count; i++) {
        bool shared = false;
        for (size_t j = 0; j < i && bench->todo[i]; j++)
            shared = shared || (bench->todo[j] && at_plan_same_operands(&study->variants[i].numerics, &study->variants[j].numerics));
        runs += bench->todo[i];
        count += bench->todo[i] && !shared;
    }
    return count + (runs > 0);
}

static enum at_status find_stored(struct executor *x, struct at_error *error)
{
    struct at_bench *bench = &x->bench;
    size_t count = bench->study->variant_count, found = 0;
    for (size_t i = 0; i < count; i++)
        bench->todo[i] = true;
    size_t all = references_needed(bench);
    for (size_t i = 0; i < count; i++) {
        int64_t id;
        struct at_run_key key = at_attempt_key(bench, x->variants[i]);
        enum at_status status = at_store_find_run(bench->store, &key, &id, error);
        if (status && status != AT_ERR_NOT_FOUND)
            return status;
        bench->todo[i] = status == AT_ERR_NOT_FOUND;
        found += !bench->todo[i];
    }
    x->outcome.runs_found += (int64_t)found;
    if (found)
        at_work_note(bench->progress, "%s, seed %llu: %zu of %zu runs are stored already", bench->c->input->label,
                     (unsigned long long)bench->c->seed, found, count);
    at_work_drop(bench->progress, bench->c->work * (double)(all - references_needed(bench)));
    return AT_OK;
}

static enum at_status run_case(struct executor *x, const struct at_case *c, struct at_error *error)
{
    struct at_bench *bench = &x->bench;
    bench->c = c;
    at_work_phase(bench->progress, "%s: inputs", c->input->label);
    enum at_status status = at_work_check(bench->progress, error);
    if (!status)
        status = at_case_inputs(c, &bench->inputs, error);
    if (status)
        return status == AT_ERR_INTERRUPTED ? status : at_case_fail_in(c, status, error);
    status = put_input(bench, error);
    if (!status)
        status = find_stored(x, error);
    for (size_t i = 0; i < bench->study->variant_count && !status; i++) {
        if (!bench->todo[i])
            continue;
        status = at_attempt(bench, i, x->variants[i], error);
        if (status && status != AT_ERR_INTERRUPTED) {
            at_fail_in(error, status, bench->study->variants[i].name);
            at_case_fail_in(c, status, error);
        }
        x->outcome.runs_done += status == AT_OK;
    }
    for (size_t i = 0; i < bench->study->variant_count; i++)
        at_truths_done(&bench->kept[i]);
    at_truths_done(&bench->original);
    at_qkv_done(&bench->inputs);
    x->outcome.cases += status == AT_OK;
    return status;
}

static enum at_status put_facts(struct executor *x, const struct at_plan *plan, struct at_error *error)
{
    struct at_bench *bench = &x->bench;
    enum at_status status = at_machine_put_build(bench->store, &bench->build_id, error);
    if (!status)
        status = at_machine_put_device(bench->store, bench->simd, &bench->device_id, error);
    if (!status)
        status = put_variants(x, error);
    if (!status)
        status = put_plan(x, plan, error);
    x->outcome.study = bench->study_id;
    return status;
}

static enum at_status execute(struct executor *x, const struct at_plan *plan, struct at_error *error)
{
    struct at_bench *bench = &x->bench;
    size_t count = plan->study->variant_count;
    bench->kept = calloc(count, sizeof *bench->kept);
    bench->todo = calloc(count, sizeof *bench->todo);
    x->variants = calloc(count, sizeof *x->variants);
    enum at_status status = bench->kept && bench->todo && x->variants ? AT_OK : at_fail(error, AT_ERR_MEMORY, "study: out of memory");
    if (!status)
        status = put_facts(x, plan, error);
    for (size_t i = 0; i < plan->count && !status; i++)
        status = run_case(x, &plan->cases[i], error);
    free(bench->kept);
    free(bench->todo);
    free(x->variants);
    return status;
}

enum at_status at_study_run(const struct at_study *study, struct at_store *store, enum at_simd simd, const struct at_study_events *events,
                            struct at_study_outcome *ret_outcome, struct at_error *error)
{
    struct at_plan plan;
    enum at_status status = at_plan_make(study, at_machine_free_memory(), &plan, error);
    if (status)
        return status;
    struct at_work progress = {.events = events, .total = plan.work};
    struct executor x = {.bench = {.study = study, .store = store, .progress = &progress, .simd = simd},
                         .outcome = {.runs_total = (int64_t)(plan.count * study->variant_count)}};
    status = execute(&x, &plan, error);
    at_plan_done(&plan);
    if (!status || status == AT_ERR_INTERRUPTED)
        *ret_outcome = x.outcome;
    return status;
}
