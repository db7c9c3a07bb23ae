/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_ready.h"

#include "study/kpi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Walks the ready-made KPIs: each can be read, is called as its file is, and docs/kpi.md says where it comes from. */
static void every_one(void **state)
{
    (void)state;
    static char page[1 << 18];
    FILE *file = fopen(AT_STUDIES "/../docs/kpi.md", "r");
    assert_non_null(file);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    assert_true(at_kpi_ready_count >= 10);
    for (size_t i = 0; i < at_kpi_ready_count; i++) {
        struct at_kpi kpi;
        struct at_error error = {""};
        char quoted[80];
        const struct at_kpi_ready *r = &at_kpi_readies[i];
        if (at_kpi_parse(r->name, r->text, strlen(r->text), &kpi, &error))
            fail_msg("%s", error.message);
        assert_string_equal(kpi.name, r->name);
        assert_true(*kpi.description && strlen(kpi.description) < 120);
        assert_ptr_equal(at_kpi_ready_find(r->name), r->text);
        snprintf(quoted, sizeof quoted, "`%s`", r->name);
        if (!strstr(page, quoted))
            fail_msg("docs/kpi.md does not tell of %s", quoted);
        at_kpi_done(&kpi);
    }
}

static void names(void **state)
{
    (void)state;
    char hint[AT_KPI_HINT_SIZE];
    assert_null(at_kpi_ready_find("prod"));
    assert_string_equal(at_kpi_ready_hint("stricd", hint), "; the nearest is 'strict'");
    assert_string_equal(at_kpi_ready_hint("zzzzzzzz", hint), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_one), cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
