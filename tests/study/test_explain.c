/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/explain.h"

#include <cyaml/cyaml.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

struct pair {
    char *left, *right;
};

static const cyaml_schema_field_t fields[] = {
    CYAML_FIELD_STRING_PTR("left", CYAML_FLAG_POINTER, struct pair, left, 1, 3),
    CYAML_FIELD_STRING_PTR("right", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct pair, right, 1, 3), CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct pair, fields)};

static void faults(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[a]", "s.yaml:1: a mapping (key: value) is needed here, not a list"},
        {"left: a\nrihgt: b\n", "s.yaml:2: unknown key 'rihgt'; did you mean 'right'?"},
        {"left: a\nzzzzzzzzz: b\n", "s.yaml:2: unknown key 'zzzzzzzzz'; known are left, right"},
        {"right: a\n", "s.yaml:1: key 'left' is missing; see docs/study.md"},
        {"right: a\nleft: {b: c}\n", "s.yaml:2: left: a single value is needed here, not a mapping (key: value)"},
        {"left:\n", "s.yaml:1: left: the value is empty; give one or leave the key out"},
        {"left: four\n", "s.yaml:1: left: the value is too long; shorten it"},
        {"left: a\n", "s.yaml: the reason"}, /* nothing wrong here: libcyaml's word stands */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        struct at_document *d = NULL;
        assert_int_equal(at_document_parse("s.yaml", cases[i].text, strlen(cases[i].text), &d, &error), AT_OK);
        assert_int_equal(at_explain(d, &schema, "the reason", &error), AT_ERR_FORMAT);
        assert_string_equal(error.message, cases[i].message);
        assert_int_equal(at_explain(d, &schema, "the reason", NULL), AT_ERR_FORMAT);
        at_document_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
