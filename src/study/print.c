/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/study.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/*
 * The canonical text is JSON with sorted keys. Captures and readouts are named without their folder: the case's SHA-256 and
 * that of the readout say which file it was.
 */

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *describe_capture(const struct at_study_input *input)
{
    const char *slash = strrchr(input->capture, '/');
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:f}", "capture", slash ? slash + 1 : input->capture, "q", text_or_null(input->q_name),
                     "k", text_or_null(input->k_name), "v", text_or_null(input->v_name), "layout", text_or_null(input->layout), "causal",
                     input->causal < 0 ? json_null() : json_boolean(input->causal), "scale", input->scale);
}

static json_t *describe_generated(const struct at_study_input *input)
{
    char spelling[AT_DISTRIBUTION_TEXT_SIZE];
    const struct at_problem *p = &input->problem;
    at_distribution_print(&input->distribution, spelling);
    json_t *seeds = json_array();
    for (size_t i = 0; i < input->seed_count; i++)
        json_array_append_new(seeds, json_integer((json_int_t)input->seeds[i]));
    return json_pack("{s:s, s:s, s:o, s:b, s:f, s:{s:I, s:I, s:I, s:I, s:I, s:I}}", "distribution", spelling, "format",
                     at_formats[input->format].name, "seeds", seeds, "causal", p->causal, "scale", p->scale, "shape", "batch",
                     (json_int_t)p->batch, "heads", (json_int_t)p->heads_q, "kv-heads", (json_int_t)p->heads_kv, "queries",
                     (json_int_t)p->seq_q, "keys", (json_int_t)p->seq_k, "dim", (json_int_t)p->dim);
}

static json_t *describe_readout(const struct at_study_input *input)
{
    const char *slash = strrchr(input->readout, '/');
    return json_pack("{s:s, s:o}", "file", slash ? slash + 1 : input->readout, "tensor", text_or_null(input->readout_tensor));
}

static json_t *describe_variant(const struct at_variant_choice *variant)
{
    char numerics[AT_NUMERICS_TEXT_SIZE];
    at_numerics_print(&variant->numerics, numerics);
    return json_pack("{s:s, s:s}", "name", variant->name, "numerics", numerics);
}

static json_t *describe_study(const struct at_study *study, const struct at_oracle *oracle)
{
    json_t *inputs = json_array(), *variants = json_array();
    int failed = 0;
    for (size_t i = 0; i < study->input_count; i++) {
        const struct at_study_input *input = &study->inputs[i];
        json_t *described = input->capture ? describe_capture(input) : describe_generated(input);
        failed |= json_object_set_new(described, "label", json_string(input->label));
        if (input->readout)
            failed |= json_object_set_new(described, "readout", describe_readout(input));
        failed |= json_array_append_new(inputs, described);
    }
    for (size_t i = 0; i < study->variant_count; i++)
        failed |= json_array_append_new(variants, describe_variant(&study->variants[i]));
    json_t *whole = json_pack("{s:s, s:s, s:o, s:I, s:o, s:o}", "name", study->name, "oracle", oracle->name, "rows",
                              study->rows > 0 ? json_integer((json_int_t)study->rows) : json_string("all"), "rows-seed",
                              (json_int_t)study->rows_seed, "inputs", inputs, "variants", variants);
    if (failed) {
        json_decref(whole);
        return NULL;
    }
    return whole;
}

enum at_status at_study_print(const struct at_study *study, const struct at_oracle *oracle, char **ret_text, struct at_error *error)
{
    json_t *whole = describe_study(study, oracle);
    char *text = whole ? json_dumps(whole, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(whole);
    if (!text)
        return at_fail(error, AT_ERR_ARGUMENT, "study '%s': cannot be written as JSON: out of memory, or a name is not UTF-8", study->name);
    *ret_text = text;
    return AT_OK;
}
