/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static enum at_status load(const char *text, struct at_file_kpi **ret_file, struct at_error *error)
{
    static const struct at_document_subject subject = {"KPI", "docs/kpi.md"};
    struct at_document *d = NULL;
    enum at_status status = at_document_parse_as(&subject, "k.yaml", text, strlen(text), &d, error);
    if (!status)
        status = at_file_kpi_load(d, text, strlen(text), ret_file, error);
    at_document_free(d);
    return status;
}

static void everything(void **state)
{
    (void)state;
    struct at_file_kpi *file = NULL;
    struct at_error error = {""};
    static const char text[] =
        "name: k\ndescription: d\nconfidence: 0.9\nrequirements:\n"
        "  - {metric: m, against: a, statistic: s, at-most: 1, below: 2, at-least: 3, above: 4, equals: 5, relative-to: r, in-units-of: "
        "u,\n"
        "     coverage: 0.5, confidence: 0.8, looks: l,\n"
        "     scope: {distribution: d, case: c, heads: [0, 1], dims: [64], lengths: {from: 6, to: 7}, causal: true}}\n"
        "must-pass: [x, \"y:z=1\"]\ncost:\n  - {speed-at-least: 1.3, relative-to: r, with-prepare: true, scope: {dims: [128]}}\n";
    assert_int_equal(load(text, &file, &error), AT_OK);
    assert_string_equal(file->name, "k");
    assert_string_equal(file->description, "d");
    assert_string_equal(file->confidence, "0.9");
    assert_int_equal(file->requirements_count, 1);
    const struct at_file_requirement *r = &file->requirements[0];
    const char *const given[] = {r->metric,
                                 r->against,
                                 r->statistic,
                                 r->at_most,
                                 r->below,
                                 r->at_least,
                                 r->above,
                                 r->equals,
                                 r->relative_to,
                                 r->in_units_of,
                                 r->coverage,
                                 r->confidence,
                                 r->looks,
                                 r->scope->distribution,
                                 r->scope->label,
                                 r->scope->heads[1],
                                 r->scope->dims[0],
                                 r->scope->lengths->from,
                                 r->scope->lengths->to,
                                 r->scope->causal};
    const char *const wanted[] = {"m",   "a",   "s", "1", "2", "3", "4",  "5", "r", "u",
                                  "0.5", "0.8", "l", "d", "c", "1", "64", "6", "7", "true"};
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        assert_string_equal(given[i], wanted[i]);
    assert_true(file->must_pass_count == 2 && strcmp(file->must_pass[1], "y:z=1") == 0);
    assert_true(file->costs_count == 1 && strcmp(file->costs[0].speed_at_least, "1.3") == 0 &&
                strcmp(file->costs[0].with_prepare, "true") == 0);
    assert_null(at_file_kpi_free(file));
    at_file_kpi_free(NULL);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"requirements: [{metric: m}]\n", "k.yaml:1: key 'name' is missing; see docs/kpi.md"},
        {"name: k\n", "k.yaml:1: key 'requirements' is missing"},
        {"name: k\nrequirements: []\n", "k.yaml:2: requirements: the list is empty"},
        {"name: k\nrequirements:\n  - metrics: m\n", "k.yaml:3: requirements[0]: unknown key 'metrics'; did you mean 'metric'?"},
        {"name: k\nrequirements:\n  - metric: m\n    at-mots: 1\n",
         "k.yaml:4: requirements[0]: unknown key 'at-mots'; did you mean 'at-most'?"},
        {"name: k\nrequirements:\n  - metric: m\n    scope: {layer: 1}\n", "k.yaml:4: requirements[0].scope: unknown key 'layer'"},
        {"name: k\nrequirements:\n  - metric: m\ncost:\n  - {relative-to: x}\n", "k.yaml:5: cost[0]: key 'speed-at-least' is missing"},
        {"name: k\nmust_pass: [a]\n", "k.yaml:2: unknown key 'must_pass'; did you mean 'must-pass'?"},
        {"name: &n k\nrequirements:\n  - metric: *n\n", "k.yaml:3: a KPI takes no YAML aliases"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        struct at_file_kpi *file = NULL;
        assert_int_equal(load(cases[i].text, &file, &error), AT_ERR_FORMAT);
        assert_null(file);
        if (strncmp(error.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s\nis not\n%s", error.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(everything), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
