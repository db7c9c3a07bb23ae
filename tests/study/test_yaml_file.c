/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/yaml_file.h"

#include "scratch.h"

#include <cyaml/cyaml.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct one {
    char *name;
};

static const cyaml_schema_field_t fields[] = {CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct one, name, 1, 9), CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct one, fields)};

static void files(void **state)
{
    (void)state;
    struct at_error error = {""};
    char *text = NULL;
    size_t length = 0;
    assert_int_equal(at_yaml_read(scratch_write("a.yaml", "a\0b", 3), "KPI", &text, &length, &error), AT_OK);
    assert_true(length == 3 && memcmp(text, "a\0b", 3) == 0);
    free(text);
    assert_int_equal(at_yaml_read(scratch_path("none.yaml"), "KPI", &text, &length, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "give the path of a KPI file (YAML)"));
    char *large = calloc(1, (1 << 20) + 1);
    assert_non_null(large);
    assert_int_equal(at_yaml_read(scratch_write("l.yaml", large, (1 << 20) + 1), "KPI", &text, &length, &error), AT_ERR_FORMAT);
    assert_non_null(strstr(error.message, "longer than a KPI file can be"));
    free(large);
    assert_int_equal(at_yaml_read(scratch_path("."), "KPI", &text, &length, &error), AT_ERR_IO);
}

static enum at_status load(const char *text, struct at_error *error)
{
    static const struct at_document_subject subject = {"KPI", "docs/kpi.md"};
    struct at_document *d = NULL;
    void *data = NULL;
    enum at_status status = at_document_parse_as(&subject, "k.yaml", text, strlen(text), &d, error);
    if (!status)
        status = at_yaml_load(d, &schema, text, strlen(text), &data, error);
    if (!status)
        assert_string_equal(((struct one *)data)->name, "abc");
    at_yaml_free(&schema, data);
    at_document_free(d);
    return status;
}

/* The same loader serves several kinds of files, and its messages speak of the kind at hand. */
static void kinds(void **state)
{
    (void)state;
    struct at_error error = {""};
    assert_int_equal(load("name: abc\n", &error), AT_OK);
    assert_int_equal(load("nmae: abc\n", &error), AT_ERR_FORMAT);
    assert_string_equal(error.message, "k.yaml:1: unknown key 'nmae'; did you mean 'name'?");
    assert_int_equal(load("{}\n", &error), AT_ERR_FORMAT);
    assert_string_equal(error.message, "k.yaml:1: key 'name' is missing; see docs/kpi.md");
    assert_int_equal(load("name: &a abc\nx: *a\n", &error), AT_ERR_FORMAT);
    assert_int_equal(load("", &error), AT_ERR_FORMAT);
    assert_string_equal(error.message, "k.yaml:1: the file is empty; see docs/kpi.md for what a KPI holds");
    assert_int_equal(load("name: abc\n---\nname: abc\n", &error), AT_ERR_FORMAT);
    assert_string_equal(error.message, "k.yaml:2: a second document begins; a KPI file holds one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files), cmocka_unit_test(kinds)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
