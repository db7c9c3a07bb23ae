/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/checked.h"
#include "cli/compute.h"
#include "cli/output.h"
#include "cli/request.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include "study/machine.h"
#include "study/value.h"

#include <string.h>

/* Probability with which a correct kernel is called a bug, at most, unless --level says otherwise. */
static const double default_level = 0x1.0624dd2f1a9fcp-10; /* 0.001 */

static enum at_status read_level(const struct at_arguments *a, double *ret_level, struct at_error *error)
{
    const char *text = at_argument(a, "level", 0);
    double level = default_level;
    if (text && (!at_value_real(text, &level) || !(level > 0 && level < 1)))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--level': '%s' is no probability between 0 and 1", text);
    *ret_level = level;
    return AT_OK;
}

static enum at_status read_expected(const struct at_arguments *a, enum at_check_by *ret_by, struct at_error *error)
{
    static const char *const names[] = {[AT_CHECK_BY_ANY] = "auto", [AT_CHECK_BY_TWIN] = "twin", [AT_CHECK_BY_MODEL] = "model"};
    const char *text = at_argument(a, "expected", 0);
    for (int by = AT_CHECK_BY_ANY; by <= AT_CHECK_BY_MODEL; by++)
        if (!text || strcmp(text, names[by]) == 0) {
            *ret_by = (enum at_check_by)by;
            return AT_OK;
        }
    return at_fail(error, AT_ERR_ARGUMENT, "option '--expected': '%s' is none of auto, twin, model", text);
}

/* One input with one seed, one variant; all rows unless --rows says otherwise. */
static enum at_status read_study(const struct at_arguments *a, struct at_study *ret_study, struct at_error *error)
{
    struct at_study study;
    enum at_status status = at_request_read(a, true, &study, error);
    if (status)
        return status;
    if (study.input_count != 1 || (study.inputs[0].capture == NULL && study.inputs[0].seed_count != 1))
        status = at_fail(error, AT_ERR_ARGUMENT,
                         "an output belongs to one input: give one --input FILE, or one --distribution SPEC with one seed");
    else if (study.variant_count != 1)
        status =
            at_fail(error, AT_ERR_ARGUMENT, "a kernel computes one variant, %zu are given; check them one by one", study.variant_count);
    if (!at_argument_given(a, "rows"))
        study.rows = 0;
    if (status)
        at_study_done(&study);
    else
        *ret_study = study;
    return status;
}

static enum at_status read_question(const struct at_arguments *a, struct at_check_question *q, struct at_error *error)
{
    static const char *const scales[3] = {"q-scale", "k-scale", "v-scale"};
    const char *layout = at_argument(a, "output-layout", 0), *input = at_argument(a, "input", 0);
    q->output = (struct at_check_output){at_argument(a, "output", 0), at_argument(a, "o-name", 0), at_argument(a, "lse-name", 0), layout};
    if (!q->output.path)
        q->output.path = input; /* which may hold both */
    if (!q->output.path)
        return at_fail(error, AT_ERR_ARGUMENT, "check what? the kernel's output is missing: --output FILE");
    if (layout && strcmp(layout, "bhsd") != 0 && strcmp(layout, "bshd") != 0)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--output-layout': '%s' is neither bhsd nor bshd", layout);
    for (int i = 0; i < 3; i++) {
        q->scales[i] = at_argument(a, scales[i], 0);
        if (q->scales[i] && !input)
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' belongs to --input, which is not given", scales[i]);
    }
    enum at_status status = read_expected(a, &q->by, error);
    return status ? status : read_level(a, &q->level, error);
}

static enum at_status read_command(const struct at_arguments *a, struct at_compute *compute, struct at_study *study,
                                   struct at_check_question *question, struct at_error *error)
{
    enum at_status status = at_words_at_most(a, 0, error);
    if (!status)
        status = at_compute_read(a, compute, error);
    if (!status && !at_argument_given(a, "input") && !at_argument_given(a, "distribution"))
        status = at_fail(error, AT_ERR_ARGUMENT, "check on which inputs? --input FILE or --distribution SPEC");
    if (!status)
        status = read_question(a, question, error);
    return status ? status : read_study(a, study, error);
}

static int check(const struct at_arguments *a, const struct at_compute *compute, struct at_check_question *question)
{
    struct at_error error;
    struct at_terminal terminal;
    struct at_check found;
    at_terminal_init(&terminal);
    const struct at_study_events events = {&terminal, at_terminal_show, at_terminal_note, at_compute_start(compute)};
    question->events = &events;
    question->simd = compute->simd;
    question->memory = at_machine_free_memory();
    enum at_status status = at_check(question, &found, &error);
    at_terminal_done(&terminal);
    if (status == AT_ERR_ARGUMENT)
        return at_misused("check", &error);
    if (status)
        return at_could_not(status, &error);
    const struct at_shown_check shown = {&found, question};
    int code = at_checked_exit(&found);
    if (!at_argument_given(a, "json"))
        at_checked_print(&shown);
    else if (at_json_print("check", "check", at_checked_json(&shown)) != AT_EXIT_OK)
        code = AT_EXIT_CANNOT;
    at_check_done(&found);
    return code;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct at_compute compute = {0};
    struct at_study study;
    struct at_check_question question = {0};
    enum at_status status = read_command(arguments, &compute, &study, &question, &error);
    if (status)
        return status == AT_ERR_MEMORY ? at_could_not(status, &error) : at_misused("check", &error);
    question.study = &study;
    int code = check(arguments, &compute, &question);
    at_study_done(&study);
    return code;
}

static const struct at_option options[] = {
    {.name = "input", .value = "FILE", .help = "a safetensors file with Q, K and V"},
    {.name = "distribution", .value = "SPEC", .help = "generated inputs, NAME or NAME:PARAMETER=VALUE,..."},
    {.name = "output", .value = "FILE", .help = "a safetensors file with what the kernel gave (default: that of --input)"},
    {.name = "variant", .value = "SPEC", .help = "what it claims to compute, NAME or BASE:FIELD=VALUE,..."},
    {.name = "o-name", .value = "TENSOR", .help = "name of the outputs, F16, BF16 or F32 (default o)"},
    {.name = "lse-name", .value = "TENSOR", .help = "name of the log-sum-exps, F32 [b h s] (default lse, if there is one)"},
    {.name = "output-layout", .value = "bhsd|bshd", .help = "order of the outputs' dimensions (default: the file's metadata, else bhsd)"},
    {.name = "level", .value = "P", .help = "chance that a correct kernel is called a bug, at most (default 0.001)"},
    {.name = "expected",
     .value = "auto|twin|model",
     .help = "who says which error to expect (default auto: the twin where it has the shape)"},
    {.name = "rows", .value = "N", .help = "query rows looked at in each head (default all); a bug in other rows is not seen"},
    AT_OPTION_ROWS_SEED,
    {.name = "oracle", .value = "NAME", .help = "the source of the truth: auto, the cheapest that is sharp enough (default), or a name"},
    AT_OPTIONS_MASK,
    AT_OPTIONS_CAPTURE,
    {.name = "q-scale", .value = "TENSOR", .help = "--input: Q, K and V are codes; descales of Q, F32 [b, key/value heads]"},
    {.name = "k-scale", .value = "TENSOR", .help = "--input: of K"},
    {.name = "v-scale", .value = "TENSOR", .help = "--input: of V"},
    AT_OPTIONS_GENERATED,
    {.name = "seeds", .value = "N", .help = "--distribution: the seed (default 1)"},
    AT_OPTION_SIMD,
    AT_OPTION_THREADS,
    {0},
};

const struct at_verb at_verb_check = {
    .name = "check",
    .summary = "judges a foreign kernel's output: the same bits, format noise, or a bug",
    .usage = "  attest check --input FILE --output FILE --variant SPEC [OPTIONS]\n"
             "  attest check --distribution SPEC --shape BxHxSxD [--seeds N] --output FILE --variant SPEC [OPTIONS]\n",
    .help =
        "Measures each row of the output against the truth, and beside it the error that the variant's declared numerics predict.\n"
        "Format noise is a ratio near 1 in every row and head: how near follows from the twin under other schedules that a correct\n"
        "kernel may choose (order and size of tiles, exp2, P's offset), on the same inputs. Anything above is a bug: which head, which\n"
        "rows, how far, and what it looks like, if one of the patterns tried explains it to within format noise. Beside the verdict\n"
        "stands which acceptance rules of the field would have let the output pass. Where the twin has not\n"
        "the head dimension, or with --expected model, the error is that of an a-priori model, and the bounds are wider. docs/check.md\n"
        "derives the bounds and their rate of false alarms.\n",
    .examples = "  attest check --input datasets/captures/fa3/vllm_bf16_d128_causal.safetensors --variant fa3-bf16\n"
                "  attest check --input datasets/captures/fa3/fa3_fp8_d128_causal.safetensors --variant fa3-fp8 \\\n"
                "               --q-scale q_descale --k-scale k_descale --v-scale v_descale\n"
                "  attest check --distribution normal --shape 1x4x1024x128 --seeds 7 --output mine.safetensors --variant fa3-fp8 --json\n",
    .options = options,
    .run = run,
};
