/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/buffer.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void text_grows_without_loss(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    for (int i = 0; i < 5000; i++)
        at_buffer_printf(&b, "%04d,", i);
    assert_false(b.failed);
    assert_int_equal(b.length, 25000);
    assert_int_equal(strlen(b.text), b.length);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(atoi(b.text + 5 * i), i);
    at_buffer_done(&b);
    assert_null(b.text);
}

static void escaped(const char *text, const char *wanted)
{
    struct at_buffer b = {0};
    at_buffer_text(&b, "");
    at_buffer_escape(&b, text);
    assert_string_equal(b.text, wanted);
    at_buffer_done(&b);
}

static void what_markup_could_be_made_of_is_escaped(void **state)
{
    (void)state;
    escaped("a<b>&\"'c", "a&lt;b&gt;&amp;&quot;&#39;c");
    escaped("&amp;", "&amp;amp;");
    escaped("tab\tline\n", "tab\tline\n");
    escaped("\u03a3 p\u00b7|v| \U0001f600", "\u03a3 p\u00b7|v| \U0001f600");
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
    (void)state;
    escaped("\x01"
            "a\x1b[0m\x7f",
            "\ufffda\ufffd[0m\ufffd");
    escaped("\xff<", "\ufffd&lt;");
    escaped("\xc3", "\ufffd");                               /* ends within a sequence */
    escaped("\xc0\xbc", "\ufffd\ufffd");                     /* '<' in two bytes */
    escaped("\xed\xa0\x80", "\ufffd\ufffd\ufffd");           /* a surrogate */
    escaped("\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"); /* beyond U+10FFFF */
}

static void markup_escapes_arguments_and_nothing_else(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    at_buffer_markup(&b, "<td title=\"%s\">%s</td>100%%", "a\"b", "<i>");
    assert_string_equal(b.text, "<td title=\"a&quot;b\">&lt;i&gt;</td>100%");
    at_buffer_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows_without_loss),
        cmocka_unit_test(what_markup_could_be_made_of_is_escaped),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced),
        cmocka_unit_test(markup_escapes_arguments_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
