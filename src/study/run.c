/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/agree.h"
#include "study/attempt.h"
#include "study/machine.h"
#include "study/memory.h"
#include "study/readings.h"

#include <stdio.h>
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
                                              .oracle = plan->oracle.oracle->name};
        at_case_describe_readout(c, &planned[i].readout);
    }
    if (!status)
        status = at_study_print(study, plan->oracle.oracle, &text, error);
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
    char spelling[AT_DISTRIBUTION_TEXT_SIZE];
    struct at_sha256 sha256;
    const struct at_input_fact fact = at_case_identify(c, &bench->inputs, spelling, &sha256);
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

/* Whether the run is stored, as computed by the engine: on any of its GPUs, or by the twin where no kernel does it. */
static enum at_status find_run(const struct executor *x, size_t index, bool *ret_found, struct at_error *error)
{
    const struct at_bench *bench = &x->bench;
    struct at_numerics resolved;
    const struct at_kernel *kernel;
    enum at_status status = at_numerics_resolve(&bench->study->variants[index].numerics, &bench->c->problem, &resolved, error);
    if (!status)
        status = at_engine_choose(&bench->engine, &resolved, &bench->c->problem, &kernel, error);
    if (status)
        return status;
    size_t devices = kernel ? at_gpus_count(bench->engine.gpus) : 1;
    bool found = false;
    for (size_t i = 0; i < devices && !found && !status; i++) {
        int64_t id;
        struct at_run_key key = at_attempt_key(bench, x->variants[index], kernel ? bench->gpu_devices[i] : bench->device_id);
        status = at_readings_find(bench->store, bench->c, &key, &id, error);
        found = status == AT_OK;
        status = status == AT_ERR_NOT_FOUND ? AT_OK : status;
    }
    *ret_found = found;
    return status;
}

static enum at_status find_stored(struct executor *x, struct at_error *error)
{
    struct at_bench *bench = &x->bench;
    size_t count = bench->study->variant_count, found = 0;
    for (size_t i = 0; i < count; i++)
        bench->todo[i] = true;
    size_t all = references_needed(bench);
    for (size_t i = 0; i < count; i++) {
        bool stored;
        enum at_status status = find_run(x, i, &stored, error);
        if (status)
            return status;
        bench->todo[i] = !stored;
        found += stored;
    }
    x->outcome.runs_found += (int64_t)found;
    char seed[40] = "";
    if (!bench->c->input->capture)
        snprintf(seed, sizeof seed, ", seed %llu", (unsigned long long)bench->c->seed);
    if (found)
        at_work_note(bench->progress, "%s%s: %zu of %zu runs are stored already", bench->c->input->label, seed, found, count);
    at_work_drop(bench->progress, bench->c->work * (double)(all - references_needed(bench)));
    return AT_OK;
}

/* Runs of the case that are under way, the oldest first. */
struct under_way {
    struct at_attempt *attempts[AT_GPUS_MOST];
    size_t variants[AT_GPUS_MOST], count;
};

/* One for each GPU, as long as there is memory for the operands of another; the twin's come one by one. */
static bool may_begin(const struct executor *x, const struct under_way *u, size_t variant)
{
    const struct at_bench *bench = &x->bench;
    if (u->count == 0)
        return true;
    return bench->engine.gpus && u->count < at_gpus_count(bench->engine.gpus) &&
           at_memory_of_attend(&bench->c->problem, bench->c->format, &bench->study->variants[variant].numerics) <
               at_machine_free_memory() / 2;
}

static enum at_status fail_run(const struct executor *x, size_t variant, enum at_status status, struct at_error *error)
{
    if (status && status != AT_ERR_INTERRUPTED) {
        at_fail_in(error, status, x->bench.study->variants[variant].name);
        at_case_fail_in(x->bench.c, status, error);
    }
    return status;
}

/* Ends the oldest. A run that fails on the GPUs, or differs there from the twin, is told, and the others go on. */
static enum at_status finish_oldest(struct executor *x, struct under_way *u, struct at_error *error)
{
    struct at_agreement agreement;
    size_t variant = u->variants[0];
    enum at_status status = fail_run(x, variant, at_attempt_finish(u->attempts[0], &agreement, error), error);
    u->count--;
    memmove(u->attempts, u->attempts + 1, u->count * sizeof *u->attempts);
    memmove(u->variants, u->variants + 1, u->count * sizeof *u->variants);
    if (status == AT_ERR_DEVICE) {
        x->outcome.runs_failed++;
        at_work_note(x->bench.progress, "not stored: %s", error->message);
        return AT_OK;
    }
    if (!status && agreement.differing) {
        x->outcome.runs_differing++;
        at_work_note(x->bench.progress, "%s: %s: the kernel differs from the twin in %lld of %lld outputs: %s", x->bench.c->input->label,
                     x->bench.study->variants[variant].name, (long long)agreement.differing, (long long)agreement.outputs, agreement.first);
    } else {
        x->outcome.runs_done += status == AT_OK;
    }
    return status;
}

static enum at_status run_variants(struct executor *x, struct at_error *error)
{
    struct at_bench *bench = &x->bench;
    struct under_way u = {.count = 0};
    enum at_status status = AT_OK;
    size_t next = 0, count = bench->study->variant_count;
    while (!status) {
        while (next < count && !bench->todo[next])
            next++;
        if (next < count && may_begin(x, &u, next)) {
            u.variants[u.count] = next;
            status = fail_run(x, next, at_attempt_begin(bench, next, x->variants[next], &u.attempts[u.count], error), error);
            u.count += status == AT_OK;
            next++;
        } else if (u.count) {
            status = finish_oldest(x, &u, error);
        } else {
            break;
        }
    }
    for (size_t i = 0; i < u.count; i++)
        at_attempt_abandon(u.attempts[i]);
    return status;
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
    if (!status)
        status = run_variants(x, error);
    for (size_t i = 0; i < bench->study->variant_count; i++)
        at_truths_done(&bench->kept[i]);
    at_truths_done(&bench->original);
    at_qkv_done(&bench->inputs);
    at_readout_done(&bench->readout);
    x->outcome.cases += status == AT_OK;
    return status;
}

static enum at_status put_facts(struct executor *x, const struct at_plan *plan, struct at_error *error)
{
    struct at_bench *bench = &x->bench;
    enum at_status status = at_machine_put_build(bench->store, &bench->build_id, error);
    if (!status)
        status = at_machine_put_device(bench->store, bench->engine.simd, &bench->device_id, error);
    for (size_t i = 0; bench->engine.gpus && i < at_gpus_count(bench->engine.gpus) && !status; i++)
        status = at_machine_put_gpu(bench->store, at_gpus_facts(bench->engine.gpus, i), &bench->gpu_devices[i], error);
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

enum at_status at_study_run(const struct at_study *study, struct at_store *store, const struct at_engine *engine,
                            const struct at_study_events *events, struct at_study_outcome *ret_outcome, struct at_error *error)
{
    static const struct at_engine twin;
    struct at_plan plan;
    engine = engine ? engine : &twin;
    enum at_status status = at_plan_make(study, at_machine_free_memory(), &plan, error);
    if (status) {
        at_oracles_rest(NULL);
        return status;
    }
    struct at_work progress = {.events = events, .total = plan.work};
    struct executor x = {.bench = {.study = study, .store = store, .progress = &progress, .engine = *engine, .oracle = plan.oracle.oracle},
                         .outcome = {.runs_total = (int64_t)(plan.count * study->variant_count), .oracle = plan.oracle}};
    at_oracles_rest(plan.oracle.oracle); /* those that were looked at and not chosen */
    status = at_engine_check(engine, &plan, error);
    if (!status)
        status = execute(&x, &plan, error);
    at_oracles_rest(NULL);
    at_plan_done(&plan);
    if (!status || status == AT_ERR_INTERRUPTED)
        *ret_outcome = x.outcome;
    return status;
}
