/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/verify.h"

#include "study/attend.h"
#include "study/case_name.h"
#include "study/choose.h"
#include "study/machine.h"
#include "study/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS, OPERANDS, OUTPUT };

const char *at_verified_name(enum at_verified verified)
{
    static const char *const names[AT_VERIFIED_COUNT] = {[AT_SAME_BITS] = "same bits",
                                                         [AT_INPUT_DIFFERS] = "input differs",
                                                         [AT_OPERANDS_DIFFER] = "operands differ",
                                                         [AT_OUTPUT_DIFFERS] = "output differs",
                                                         [AT_NOT_VERIFIED] = "cannot be verified"};
    return names[verified];
}

/* A run that a GPU computes meanwhile. */
struct under_way {
    struct at_verify_row *row;
    const struct at_chosen_run *run;
    struct at_rows rows;
    struct at_attend attend;
    const struct at_kernel *kernel;
    struct at_gpu_job *job;
};

/* The inputs at hand serve all runs on them. */
struct verifier {
    const struct at_verify_question *question;
    struct at_work work;
    const struct at_chosen_run *run; /* at hand */
    int64_t input;                   /* its number in the store; 0: none is at hand */
    const char *study;               /* text that said how they are read */
    bool held;                       /* qkv holds them; else missing and the reason say why not */
    enum at_status missing;
    struct at_qkv qkv;
    struct at_sha256 sha256;
    struct at_error reason;
    double part_work;                          /* of one query row of one head of the run at hand */
    struct under_way *under_way[AT_GPUS_MOST]; /* [count], the oldest first */
    size_t count;
};

static void drop_inputs(struct verifier *v)
{
    if (v->held)
        at_qkv_done(&v->qkv);
    v->held = false;
    v->input = 0;
}

/*
 * Makes the inputs of the run at hand unless they are the last run's. What failed under one study's text is tried again under another's,
 * which may read the same capture in another way.
 */
static enum at_status hold_inputs(struct verifier *v, struct at_error *error)
{
    const struct at_chosen_run *run = v->run;
    if (v->input != run->input_id || (!v->held && strcmp(v->study, run->study_text) != 0)) {
        drop_inputs(v);
        at_work_phase(&v->work, "%s: inputs", run->input.label);
        enum at_status status = at_work_check(&v->work, error);
        if (status)
            return status;
        v->reason = (struct at_error){""};
        v->missing = at_recall_inputs(&run->input, run->study_text, &v->question->captures, &v->qkv, &v->sha256, &v->reason);
        v->held = v->missing == AT_OK;
        v->input = run->input_id;
        v->study = run->study_text;
        at_work_step(&v->work, run->input_work);
    }
    return v->held ? AT_OK : at_fail(error, v->missing, "%s", v->reason.message);
}

/* What can be known before anything large is made. */
static enum at_status plan_run(const struct verifier *v, struct at_verify_row *row, struct at_numerics *ret_resolved,
                               struct at_rows *ret_rows, const struct at_kernel **ret_kernel)
{
    const struct at_chosen_run *run = v->run;
    const struct at_problem *p = &run->input.problem;
    struct at_error *error = &row->reason;
    enum at_format format = at_format_find(run->input.format);
    struct at_numerics numerics, resolved;
    if (!*run->input.source || !*run->numerics)
        return at_fail(error, AT_ERR_FORMAT, "its %s is not in the database, which was changed; restore a copy",
                       *run->numerics ? "input" : "variant's numerics");
    enum at_status status = at_problem_check_twin(p, error);
    if (!status && format == AT_FORMAT_COUNT)
        status = at_fail(error, AT_ERR_UNSUPPORTED, "the format '%.40s' of the inputs is unknown here; ask the attest that stored the run",
                         run->input.format);
    if (!status && (row->rows < 1 || row->rows > p->seq_q))
        status = at_fail(error, AT_ERR_FORMAT, "%" PRId64 " of %" PRId64 " query rows: no attest stores that; the database was changed",
                         row->rows, p->seq_q);
    if (!status)
        status = at_recall_numerics(run->numerics, &numerics, error);
    row->renamed = !status && at_recall_renames(row->variant, &numerics);
    if (!status)
        status = at_numerics_resolve(&numerics, p, &resolved, error);
    if (!status)
        status = at_engine_choose(&v->question->engine, &resolved, p, ret_kernel, error);
    if (status)
        return status;
    double needed = at_memory_of_attend(p, format, &resolved);
    if (!(needed <= v->question->memory))
        return at_fail(error, AT_ERR_MEMORY, "needs about %.3g GiB, %.3g GiB are free; verify it where there is more memory",
                       needed / 0x1p30, v->question->memory / 0x1p30);
    status = at_rows_choose(ret_rows, p->seq_q, row->rows, row->rows_seed, error);
    if (!status)
        *ret_resolved = resolved;
    return status;
}

static void count_part(void *context, const struct at_attended *part)
{
    struct verifier *v = context;
    at_work_step(&v->work, v->part_work * (double)part->count);
}

/* Whether digest `which` came out as stored. */
static bool same(const struct at_verify_row *row, int which)
{
    return strcmp(row->stored[which], row->again[which].hex) == 0;
}

static void conclude(struct at_verify_row *row)
{
    row->verified = !same(row, OPERANDS) ? AT_OPERANDS_DIFFER : same(row, OUTPUT) ? AT_SAME_BITS : AT_OUTPUT_DIFFERS;
}

static void under_way_done(struct verifier *v, struct under_way *u)
{
    at_gpus_end(v->question->engine.gpus, u->job);
    at_attend_done(&u->attend);
    at_rows_done(&u->rows);
    free(u);
}

/* Prepares the run and attends, or gives it to a GPU: then u->job says so. */
static enum at_status attend(struct verifier *v, const struct at_numerics *resolved, struct under_way *u, struct at_error *error)
{
    const struct at_problem *p = &v->run->input.problem;
    struct at_verify_row *row = u->row;
    at_work_phase(&v->work, "%s: %s", row->label, row->variant);
    enum at_status status = at_work_check(&v->work, error);
    if (!status)
        status = at_attend_prepare(p, resolved, &v->qkv, &u->rows, v->question->engine.simd, &u->attend, error);
    if (status)
        return status;
    row->again[OPERANDS] = at_operands_sha256(&u->attend.operands);
    v->part_work = v->run->attend_work / (double)(u->rows.count * p->batch * p->heads_q);
    if (same(row, OPERANDS) && u->kernel)
        return at_gpus_start(v->question->engine.gpus, u->kernel, &u->attend.operands, &u->rows, &u->job, error);
    if (same(row, OPERANDS))
        status = at_attend_heads(&u->attend, false, count_part, v, &v->work, &row->again[OUTPUT], error);
    if (!status)
        conclude(row);
    return status;
}

/* AT_ERR_INTERRUPTED or AT_OK: whatever else prevents a run is its row's reason. */
static enum at_status prevent(struct at_verify_row *row, enum at_status status, struct at_error *error)
{
    if (status == AT_ERR_INTERRUPTED)
        return at_fail(error, status, "%s", row->reason.message);
    if (status)
        row->verified = AT_NOT_VERIFIED;
    return AT_OK;
}

/* Takes what the GPU gave for the oldest run under way. */
static enum at_status settle_oldest(struct verifier *v, struct at_error *error)
{
    struct under_way *u = v->under_way[0];
    struct at_verify_row *row = u->row;
    struct at_gpu_result result;
    at_work_phase(&v->work, "%s: %s: GPU", row->label, row->variant);
    enum at_status status = at_gpus_finish(v->question->engine.gpus, u->job, &result, &row->reason);
    if (!status) {
        row->again[OUTPUT] = at_gpu_rows_sha256(result.rows);
        row->kernel_again = u->kernel->name;
        conclude(row);
    }
    status = prevent(row, status, error);
    if (status)
        return status;
    at_work_step(&v->work, u->run->attend_work);
    under_way_done(v, u);
    memmove(v->under_way, v->under_way + 1, --v->count * sizeof *v->under_way);
    return AT_OK;
}

static enum at_status verify_run(struct verifier *v, struct at_verify_row *row, struct at_error *error)
{
    struct at_numerics resolved;
    struct under_way *u = calloc(1, sizeof *u);
    double before = v->work.done;
    if (!u)
        return at_fail(error, AT_ERR_MEMORY, "verify: out of memory");
    *u = (struct under_way){.row = row, .run = v->run};
    row->verified = AT_NOT_VERIFIED;
    enum at_status status = plan_run(v, row, &resolved, &u->rows, &u->kernel);
    if (!status)
        status = hold_inputs(v, &row->reason);
    if (!status) {
        row->again[INPUTS] = v->sha256;
        row->verified = AT_INPUT_DIFFERS;
    }
    if (!status && same(row, INPUTS))
        status = attend(v, &resolved, u, &row->reason);
    if (!status && u->job) {
        v->under_way[v->count++] = u;
        at_work_drop(&v->work, v->run->input_work - (v->work.done - before));
        return AT_OK;
    }
    under_way_done(v, u);
    status = prevent(row, status, error);
    if (!status)
        at_work_drop(&v->work, v->run->input_work + v->run->attend_work - (v->work.done - before)); /* what was not needed */
    return status;
}

/* Whether another run may begin beside those under way: a GPU for each, and memory for all; its numerics are not read yet. */
static bool has_room(const struct verifier *v, const struct at_chosen_run *next)
{
    static const struct at_numerics widest = {.q = {.format = AT_FP32}};
    return v->count == 0 || (v->count < at_gpus_count(v->question->engine.gpus) &&
                             at_memory_of_attend(&next->input.problem, AT_FP32, &widest) < at_machine_free_memory() / 2);
}

/* *ret_done: runs from the first on that were come to. */
static enum at_status verify_all(struct verifier *v, const struct at_chosen *chosen, struct at_verify_row *rows, size_t *ret_done,
                                 struct at_error *error)
{
    enum at_status status = AT_OK;
    size_t begun = 0;
    while (!status && (begun < chosen->count || v->count)) {
        if (begun == chosen->count || !has_room(v, &chosen->runs[begun])) {
            status = settle_oldest(v, error);
            continue;
        }
        v->run = &chosen->runs[begun];
        rows[begun] = v->run->row;
        status = verify_run(v, &rows[begun], error);
        begun += status == AT_OK;
    }
    *ret_done = v->count ? (size_t)(v->under_way[0]->row - rows) : begun;
    while (v->count)
        under_way_done(v, v->under_way[--v->count]);
    return status;
}

enum at_status at_verify(struct at_store *store, const struct at_verify_question *question, struct at_verification *ret_verification,
                         struct at_error *error)
{
    struct at_chosen chosen;
    enum at_status status = at_choose_runs(store, question, &chosen, error);
    if (status)
        return status;
    struct at_verification made = {.rows = calloc(chosen.count + 1, sizeof *made.rows),
                                   .matching = chosen.matching,
                                   .stored = chosen.stored,
                                   .table = chosen.table,
                                   .names = chosen.names,
                                   .name_count = chosen.count};
    struct verifier v = {.question = question, .work = {.events = question->events}};
    if (!made.rows)
        status = at_fail(error, AT_ERR_MEMORY, "verify: out of memory for %zu runs", chosen.count);
    for (size_t i = 0; i < chosen.count; i++)
        v.work.total += chosen.runs[i].input_work + chosen.runs[i].attend_work;
    if (!status)
        status = verify_all(&v, &chosen, made.rows, &made.count, error);
    for (size_t i = 0; i < made.count; i++)
        made.of[made.rows[i].verified]++;
    drop_inputs(&v);
    free(chosen.runs);
    if (!status || status == AT_ERR_INTERRUPTED)
        *ret_verification = made;
    else
        at_verification_done(&made);
    return status;
}

void at_verification_done(struct at_verification *verification)
{
    at_table_done(&verification->table);
    free(verification->rows);
    at_case_names_done(verification->names, verification->name_count);
    *verification = (struct at_verification){0};
}
