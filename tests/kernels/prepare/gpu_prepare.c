/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * gpu_prepare [CASES [SEED [ROWS [HEADS [FIRST]]]]]: random problems prepared on this machine's GPU and by at_prepare, every byte of codes
 * (V's zeros among them), scales, means and shifts compared, twice, over memory filled with 0xa5. ROWS and HEADS (of all batches) are the
 * most of a problem, FIRST the number of the first. gpu_prepare bench [brief]: time and share of the speed of a copy, with few repeats.
 * TAP; skipped, with the reason, where there is no Hopper GPU or no image. Needs libc, libm and libgomp only.
 */
#include "bench.h"
#include "problems.h"

#include "core/bits.h"
#include "core/guard.h"
#include "kernels/prepare/prepare.h"
#include "kernels/prepare/sm90/prepare_cuda.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    uint64_t seed;
    int64_t index, most_rows, most_heads;
};

struct counts {
    int64_t bytes, differing, numbers, differing_numbers;
    char what[512 + AT_NUMERICS_TEXT_SIZE], first[512]; /* the first difference */
};

/* An array on the GPU and what it should hold. */
struct array {
    const char *name;
    uint64_t address;
    size_t bytes;
    const void *wanted;
};

struct expected {
    struct at_operands operands;
    void *turned; /* V as it lies on the GPU */
};

static size_t count_of(const struct at_problem *p, bool q)
{
    return (size_t)(p->batch * (q ? p->heads_q : p->heads_kv));
}

/* Codes of Q, K and V, then numbers: scales, means, the shift. */
enum { ARRAYS = 10, CODES = 3 };
static void arrays_of(const struct at_device_operands *d, const struct expected *e, struct array ret_arrays[ARRAYS])
{
    static const char *const names[3][3] = {
        {"Q codes", "Q scale", "Q mean"}, {"K codes", "K scale", "K mean"}, {"V codes", "V scale", "V mean"}};
    const struct at_problem *p = &d->problem;
    const struct at_device_operand *at[3] = {&d->q, &d->k, &d->v};
    const struct at_operand *of[3] = {&e->operands.q, &e->operands.k, &e->operands.v};
    for (int i = 0; i < 3; i++) {
        size_t heads = count_of(p, i == 0), rows = (size_t)(i ? p->seq_k : p->seq_q);
        bool turned = i == 2 && e->turned;
        ret_arrays[i] =
            (struct array){names[i][0], at[i]->codes,
                           heads * (turned ? (size_t)at_device_v_columns(p) : rows) * (size_t)p->dim * at_format_size(of[i]->codes.format),
                           turned ? e->turned : of[i]->codes.codes};
        ret_arrays[3 + i] =
            (struct array){names[i][1], at[i]->scale, heads * (size_t)of[i]->scale.groups * sizeof(float), of[i]->scale.value};
        ret_arrays[6 + i] = (struct array){names[i][2], at[i]->mean, heads * (size_t)p->dim * sizeof(float), of[i]->mean};
    }
    ret_arrays[9] = (struct array){"lse shift", d->lse_shift, count_of(p, true) * (size_t)p->seq_q * sizeof(float), e->operands.lse_shift};
}

/* Numbers are the same to the bit, or both are NaN. */
static bool same_number(float a, float b)
{
    return at_bits_of_float(a) == at_bits_of_float(b) || (isnan(a) && isnan(b));
}

/* Where byte i of codes lies, in words. */
static void say_place(const struct at_device_operands *d, int which, bool turned, size_t i, char *text, size_t room)
{
    const struct at_problem *p = &d->problem;
    const struct at_operand_numerics *n[3] = {&d->numerics.q, &d->numerics.k, &d->numerics.v};
    size_t element = i / at_format_size(n[which]->format), dim = (size_t)p->dim, columns = (size_t)at_device_v_columns(p);
    size_t rows = (size_t)(which ? p->seq_k : p->seq_q), heads = (size_t)(which ? p->heads_kv : p->heads_q);
    size_t line = turned ? element / columns : element / dim, lines = turned ? dim : rows, head = line / lines;
    snprintf(text, room, "batch %zu, head %zu, %s %zu, %s %zu", head / heads, head % heads, turned ? "column" : "row", line % lines,
             turned ? "place of a key" : "column", turned ? element % columns : element % dim);
}

static void compare(const struct at_device_operands *d, const struct expected *e, int a, const struct array *array, const void *got,
                    struct counts *counts)
{
    bool codes = a < CODES;
    size_t step = codes ? 1 : sizeof(float);
    for (size_t i = 0; i < array->bytes; i += step) {
        const unsigned char *g = (const unsigned char *)got + i, *w = (const unsigned char *)array->wanted + i;
        float numbers[2] = {0, 0};
        if (!codes) {
            memcpy(&numbers[0], g, sizeof(float));
            memcpy(&numbers[1], w, sizeof(float));
        }
        if (codes ? *g == *w : same_number(numbers[0], numbers[1]))
            continue;
        if (!counts->first[0] && codes) {
            char place[256];
            say_place(d, a, a == 2 && e->turned, i, place, sizeof place);
            snprintf(counts->first, sizeof counts->first, "%s, byte %zu (%s): got 0x%02x, wanted 0x%02x", array->name, i, place, *g, *w);
        } else if (!counts->first[0]) {
            snprintf(counts->first, sizeof counts->first, "%s, number %zu: got %a (0x%08x), wanted %a (0x%08x)", array->name, i / step,
                     (double)numbers[0], at_bits_of_float(numbers[0]), (double)numbers[1], at_bits_of_float(numbers[1]));
        }
        *(codes ? &counts->differing : &counts->differing_numbers) += 1;
    }
    *(codes ? &counts->bytes : &counts->numbers) += (int64_t)(array->bytes / step);
}

/* Prepares once over 0xa5 and compares. */
static enum at_status prepare_once(const struct at_device_inputs *inputs, const struct at_device_operands *d, struct at_prepare_work *work,
                                   const struct expected *e, struct counts *counts, struct at_error *error)
{
    struct array arrays[ARRAYS];
    enum at_status status = AT_OK;
    arrays_of(d, e, arrays);
    for (int i = 0; i < ARRAYS && !status; i++) {
        void *filling = arrays[i].address ? malloc(arrays[i].bytes) : NULL;
        if (filling) {
            memset(filling, 0xa5, arrays[i].bytes);
            status = at_gpu_copy_in(d->gpu, arrays[i].address, filling, arrays[i].bytes, error);
        }
        free(filling);
    }
    if (!status)
        status = at_prepare_on_gpu(inputs, d, work, error);
    if (!status)
        status = at_gpu_wait(d->gpu, error);
    for (int i = 0; i < ARRAYS && !status; i++) {
        void *got = arrays[i].address ? malloc(arrays[i].bytes) : NULL;
        if (!got)
            continue;
        status = at_gpu_copy_out(d->gpu, got, arrays[i].address, arrays[i].bytes, error);
        if (!status)
            compare(d, e, i, &arrays[i], got, counts);
        free(got);
    }
    return status;
}

static enum at_status upload(struct at_gpu *gpu, const struct at_tensor *t, struct at_device_input *ret_input, struct at_error *error)
{
    size_t bytes = (size_t)at_tensor_count(t) * at_format_size(t->format);
    ret_input->format = t->format;
    enum at_status status = at_gpu_alloc(gpu, bytes, &ret_input->codes, error);
    return status ? status : at_gpu_copy_in(gpu, ret_input->codes, t->codes, bytes, error);
}

static enum at_status expect(const struct prepare_case *c, struct expected *ret_expected, struct at_error *error)
{
    struct expected e = {.turned = NULL};
    enum at_status status = at_prepare(&c->problem, &c->numerics, &c->inputs, &e.operands, error);
    if (!status && at_formats[c->numerics.v.format].bits == 8) {
        e.turned = malloc(count_of(&c->problem, false) * (size_t)at_device_v_columns(&c->problem) * (size_t)c->problem.dim);
        at_device_turn_v(&e.operands.v.codes, e.turned);
    }
    *ret_expected = e;
    return status;
}

static enum at_status run_case(struct at_gpu *gpu, const struct prepare_case *c, struct counts *counts, struct at_error *error)
{
    struct expected e = {.turned = NULL};
    struct at_device_inputs inputs = {.q = {.codes = 0}};
    struct at_device_operands operands = {.gpu = NULL};
    struct at_prepare_work work = {.gpu = NULL};
    enum at_status status = expect(c, &e, error);
    if (!status)
        status = upload(gpu, &c->inputs.q, &inputs.q, error);
    if (!status)
        status = upload(gpu, &c->inputs.k, &inputs.k, error);
    if (!status)
        status = upload(gpu, &c->inputs.v, &inputs.v, error);
    if (!status)
        status = at_device_operands_init(gpu, &c->problem, &c->numerics, &operands, error);
    if (!status)
        status = at_prepare_work_init(gpu, &c->problem, &c->numerics, &work, error);
    for (int i = 0; i < 2 && !status; i++)
        status = prepare_once(&inputs, &operands, &work, &e, counts, error);
    at_prepare_work_done(&work);
    at_device_operands_done(&operands);
    at_gpu_free(gpu, inputs.q.codes);
    at_gpu_free(gpu, inputs.k.codes);
    at_gpu_free(gpu, inputs.v.codes);
    at_operands_done(&e.operands);
    free(e.turned);
    return status;
}

static enum at_status run_job(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct job *job = argument;
    struct counts *counts = answer;
    struct prepare_case c;
    struct at_gpu *gpu;
    enum at_status status = prepare_case_make(job->seed, job->index, job->most_rows, job->most_heads, &c, error);
    if (status)
        return status;
    memcpy(counts->what, c.what, sizeof counts->what);
    status = at_gpu_open(0, &at_prepare_image, &gpu, error);
    at_pulse_beat(pulse, 0, 1);
    if (!status) {
        status = run_case(gpu, &c, counts, error);
        at_gpu_close(gpu);
    }
    at_qkv_done(&c.inputs);
    return status;
}

static enum at_status open_image(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    struct at_gpu *gpu;
    (void)argument;
    (void)answer;
    (void)pulse;
    enum at_status status = at_gpu_open(0, &at_prepare_image, &gpu, error);
    if (!status)
        at_gpu_close(gpu);
    return status;
}

static bool run_cases(const struct at_guard *guard, int64_t cases, struct job job)
{
    struct counts all = {0};
    bool failed = cases < 1;
    printf("%" PRId64 "..%" PRId64 "\n", job.index + 1, job.index + cases);
    for (int64_t last = job.index + cases; job.index < last; job.index++) {
        struct counts counts = {0};
        struct at_error error = {""};
        enum at_status status = at_guard_run(guard, run_job, &job, &counts, sizeof counts, &error);
        bool good = !status && counts.differing == 0 && counts.differing_numbers == 0 && counts.bytes > 0;
        printf("%s %" PRId64 " - %" PRId64 " of %" PRId64 " bytes of codes, %" PRId64 " of %" PRId64 " numbers differ: %s%s%s%s%s\n",
               good ? "ok" : "not ok", job.index + 1, counts.differing, counts.bytes, counts.differing_numbers, counts.numbers, counts.what,
               counts.first[0] ? "; first: " : "", counts.first, status ? "; " : "", status ? error.message : "");
        fflush(stdout);
        failed = failed || !good;
        all.bytes += counts.bytes;
        all.differing += counts.differing;
        all.numbers += counts.numbers;
        all.differing_numbers += counts.differing_numbers;
    }
    printf("# %" PRId64 " of %" PRId64 " bytes of codes and %" PRId64 " of %" PRId64 " numbers differ%s\n", all.differing, all.bytes,
           all.differing_numbers, all.numbers, failed ? "; again: gpu_prepare CASES SEED ROWS" : "");
    return failed;
}

int main(int argc, char **argv)
{
    struct at_guard guard = {.what = "prepare", .remedy = "look at nvidia-smi", .limit_s = 120};
    struct at_error error = {""};
    char none[1];
    enum at_status status = at_guard_run(&guard, open_image, NULL, none, 0, &error);
    if (status) {
        bool skip = status == AT_ERR_NOT_FOUND || status == AT_ERR_UNSUPPORTED;
        printf(skip ? "1..0 # SKIP %s\n" : "Bail out! %s\n", error.message);
        return !skip;
    }
    if (argc > 1 && strcmp(argv[1], "bench") == 0) {
        struct bench_choice choice = {.brief = argc > 2 && strcmp(argv[2], "brief") == 0};
        status = at_guard_run(&guard, prepare_bench, &choice, none, 0, &error);
        if (status)
            printf("Bail out! %s\n", error.message);
        return status != AT_OK;
    }
    struct job job = {.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1,
                      .most_rows = argc > 3 ? atoll(argv[3]) : 1200,
                      .most_heads = argc > 4 ? atoll(argv[4]) : 36,
                      .index = argc > 5 ? atoll(argv[5]) - 1 : 0};
    return run_cases(&guard, argc > 1 ? atoll(argv[1]) : 60, job);
}
