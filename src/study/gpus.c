/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/gpus_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char remedy[] = "look at nvidia-smi and at the driver's messages (dmesg); end what else uses the GPU, or allow more with "
                             "--time-limit";

void at_gpus_tell(const struct at_gpus *gpus, const char *line)
{
    if (gpus->question.note)
        gpus->question.note(gpus->question.context, line);
}

struct at_guard at_gpus_guard(const struct at_gpus *gpus, const char *what)
{
    return (struct at_guard){.what = what, .remedy = remedy, .limit_s = gpus->question.limit_s, .stop = gpus->question.stop};
}

/* What the driver sees. */
struct sight {
    int count;
    struct at_gpu_facts facts[AT_GPUS_MOST];
};

static enum at_status look(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    struct sight *sight = answer;
    enum at_status status = at_gpu_find(0, &sight->facts[0], error);
    (void)argument;
    sight->count = sight->facts[0].count < AT_GPUS_MOST ? sight->facts[0].count : AT_GPUS_MOST;
    for (int i = 1; i < sight->count && !status; i++) {
        at_pulse_beat(pulse, i, sight->count);
        status = at_gpu_find(i, &sight->facts[i], error);
    }
    return status;
}

static enum at_status take(struct at_gpus *gpus, const struct at_gpu_facts *facts, struct at_error *error)
{
    enum at_status status = at_gpu_check_hopper(facts, error);
    if (!status)
        gpus->slots[gpus->count++].facts = *facts;
    return status;
}

/* Takes those chosen, or all that are Hopper. */
static enum at_status choose(struct at_gpus *gpus, const struct sight *sight, struct at_error *error)
{
    const struct at_gpus_question *q = &gpus->question;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < q->count && !status; i++) {
        if (q->chosen[i] >= sight->count)
            status =
                at_fail(error, AT_ERR_NOT_FOUND, "GPU %d does not exist: the driver sees %d, numbered from 0", q->chosen[i], sight->count);
        else
            status = take(gpus, &sight->facts[q->chosen[i]], error);
    }
    for (int i = 0; i < sight->count && !q->count; i++)
        take(gpus, &sight->facts[i], NULL);
    if (!status && !gpus->count)
        status = at_gpu_check_hopper(&sight->facts[0], error);
    return status;
}

void at_gpus_name(const struct at_gpu_facts *facts, struct at_error *error)
{
    char name[32];
    snprintf(name, sizeof name, "GPU %d", facts->index);
    if (strncmp(error->message, "GPU ", 4) != 0)
        at_fail_in(error, AT_ERR_DEVICE, name);
}

/* Has every GPU load every kernel. A failure that says nothing of one GPU in particular stays as it is. */
static enum at_status try_all(struct at_gpus *gpus, struct at_error *error)
{
    struct at_guard guards[AT_GPUS_MOST];
    char names[AT_GPUS_MOST][32];
    enum at_status first = AT_OK, begun[AT_GPUS_MOST];
    struct at_error reason = {""}, reasons[AT_GPUS_MOST];
    for (size_t i = 0; i < gpus->count; i++) {
        snprintf(names[i], sizeof names[i], "GPU %d", gpus->slots[i].facts.index);
        guards[i] = at_gpus_guard(gpus, names[i]);
        gpus->slots[i].server = at_gpu_service();
        begun[i] = at_gpu_service_load(&gpus->slots[i].server, &guards[i], gpus->slots[i].facts.index, &reasons[i]);
    }
    for (size_t i = 0; i < gpus->count; i++) {
        enum at_status status = begun[i] ? begun[i] : at_server_finish(&gpus->slots[i].server, &reasons[i]);
        if (!status)
            continue;
        if (status != AT_ERR_UNSUPPORTED && status != AT_ERR_INTERRUPTED)
            at_gpus_name(&gpus->slots[i].facts, &reasons[i]);
        gpus->slots[i].left_out = true;
        gpus->failed++;
        reason = first ? reason : reasons[i];
        first = status == AT_ERR_INTERRUPTED || !first ? status : first;
    }
    if (first && (gpus->question.count || gpus->failed == gpus->count || first == AT_ERR_INTERRUPTED))
        return at_fail(error, first, "%s", reason.message);
    for (size_t i = 0; i < gpus->count; i++)
        if (gpus->slots[i].left_out) {
            at_fail(&reason, AT_OK, "left out: %s", reasons[i].message);
            at_gpus_tell(gpus, reason.message);
        }
    return AT_OK;
}

enum at_status at_gpus_open(const struct at_gpus_question *question, struct at_gpus **ret_gpus, struct at_error *error)
{
    struct at_gpus *gpus = calloc(1, sizeof *gpus);
    struct sight *sight = calloc(1, sizeof *sight);
    enum at_status status = gpus && sight ? AT_OK : at_fail(error, AT_ERR_MEMORY, "GPU: out of memory");
    if (!status) {
        gpus->question = *question;
        struct at_guard guard = at_gpus_guard(gpus, "GPU");
        status = at_guard_run(&guard, look, NULL, sight, sizeof *sight, error);
    }
    if (!status)
        status = choose(gpus, sight, error);
    if (!status)
        status = try_all(gpus, error);
    free(sight);
    if (status)
        at_gpus_close(gpus);
    else
        *ret_gpus = gpus;
    return status;
}

struct at_gpus *at_gpus_close(struct at_gpus *gpus)
{
    for (size_t i = 0; gpus && i < gpus->count; i++)
        at_server_end(&gpus->slots[i].server);
    free(gpus);
    return NULL;
}

size_t at_gpus_count(const struct at_gpus *gpus)
{
    return gpus->count;
}

const struct at_gpu_facts *at_gpus_facts(const struct at_gpus *gpus, size_t i)
{
    return &gpus->slots[i].facts;
}

size_t at_gpus_failed(const struct at_gpus *gpus)
{
    return gpus->failed;
}
