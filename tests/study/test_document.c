/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static enum at_status parse(const char *text, struct at_document **ret_document, struct at_error *error)
{
    return at_document_parse("s.yaml", text, strlen(text), ret_document, error);
}

static void lines_of_paths(void **state)
{
    (void)state;
    struct at_document *d = NULL;
    assert_int_equal(parse("a: 1\nb:\n  - c: x\n    d: {e: 2}\n  -\n    c: [5,\n        6]\n", &d, NULL), AT_OK);
    static const struct {
        const char *path;
        int line;
    } cases[] = {{"", 1},          {"a", 1},         {"b", 2},         {"b[0]", 3},   {"b[0].c", 3}, {"b[0].d.e", 4}, {"b[1]", 6},
                 {"b[1].c[1]", 7}, {"b[1].none", 6}, {"b[0].d.no", 4}, {"none.x", 1}, {"b[9]", 2},   {"a.x", 1},      {"b[-1].c", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(at_document_path_line(d, cases[i].path), cases[i].line);
    struct at_error error;
    assert_int_equal(at_document_fail(d, &error, AT_ERR_ARGUMENT, "b[0].d.e", "is %d", 2), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "s.yaml:4: b[0].d.e: is 2");
    assert_null(at_document_free(d));
}

static void nodes(void **state)
{
    (void)state;
    struct at_document *d = NULL;
    int line = 0;
    assert_int_equal(parse("k: text\nl: [1, 2, 3]\n", &d, NULL), AT_OK);
    int root = at_document_root(d);
    assert_int_equal(at_document_kind(d, root), AT_DOCUMENT_MAPPING);
    assert_int_equal(at_document_size(d, root), 2);
    assert_string_equal(at_document_key(d, root, 1, &line), "l");
    assert_int_equal(line, 2);
    assert_int_equal(at_document_length(d, at_document_child(d, root, 0)), 4);
    int list = at_document_child(d, root, 1);
    assert_int_equal(at_document_kind(d, list), AT_DOCUMENT_LIST);
    assert_int_equal(at_document_size(d, list), 3);
    assert_int_equal(at_document_kind(d, at_document_child(d, list, 2)), AT_DOCUMENT_SCALAR);
    at_document_free(d);
    at_document_free(NULL);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "s.yaml:1: the file is empty"},
        {"# nothing\n", "s.yaml:1: the file is empty"},
        {"a: 1\n b: 2\n", "s.yaml:2: not YAML: mapping values are not allowed"},
        {"a: [1, 2\nb: 3\n", "s.yaml:2: not YAML: "},
        {"a: 1\nb: 2\na: 3\n", "s.yaml:3: key 'a' is given twice, first on line 1"},
        {"a:\n  - {x: 1,\n     x: 2}\n", "s.yaml:3: key 'x' is given twice, first on line 2"},
        {"? [a, b]\n: c\n", "s.yaml:1: a key must be a plain word"},
        {"a: 1\n---\nb: 2\n", "s.yaml:2: a second document begins"},
        {"a: \xff\xfe\n", "s.yaml: byte 3: "},
        {"a: \x01\n", "s.yaml: byte 3: "},
        {"a: *nowhere\n", "s.yaml:1: not YAML: found undefined alias"},
        {"a: \"x\\0y\"\n", "s.yaml:1: a value holds a NUL character"},
        {"\"x\\0y\": 1\n", "s.yaml:1: a key must be a plain word"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        struct at_document *d = NULL;
        assert_int_equal(parse(cases[i].text, &d, &error), AT_ERR_FORMAT);
        assert_null(d);
        if (strncmp(error.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s\nis not\n%s", error.message, cases[i].message);
        assert_null(strchr(error.message, '\n'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_of_paths), cmocka_unit_test(nodes), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
