/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/machine.h"

#include "core/hash.h"
#include "scratch.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct at_store *open_store(void)
{
    struct at_store *store = NULL;
    struct at_error error = {""};
    if (at_store_open(scratch_path("m.db"), AT_STORE_WRITE, &store, &error))
        fail_msg("%s", error.message);
    return store;
}

static char *text_of(struct at_store *store, const char *sql)
{
    struct at_table table;
    assert_int_equal(at_store_query(store, sql, NULL, 0, &table, NULL), AT_OK);
    assert_int_equal(table.rows, 1);
    char *text = strdup(table.cells[0].text);
    at_table_done(&table);
    return text;
}

static void build(void **state)
{
    (void)state;
    struct at_store *store = open_store();
    int64_t id = 0, again = 0;
    assert_int_equal(at_machine_put_build(store, &id, NULL), AT_OK);
    assert_int_equal(at_machine_put_build(store, &again, NULL), AT_OK);
    assert_int_equal(id, again);
    FILE *file = fopen("/proc/self/exe", "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    unsigned char *bytes = malloc(size);
    rewind(file);
    assert_int_equal(fread(bytes, 1, size, file), size);
    fclose(file);
    char *stored = text_of(store, "SELECT sha256 FROM build"), *options = text_of(store, "SELECT options FROM build"),
         *compiler = text_of(store, "SELECT compiler FROM build"), *version = text_of(store, "SELECT version FROM build");
    assert_string_equal(stored, at_sha256_of(bytes, size).hex);
    struct at_sha256 executable;
    assert_int_equal(at_machine_executable(&executable, NULL), AT_OK);
    assert_string_equal(stored, executable.hex);
    json_t *json = json_loads(options, 0, NULL);
    assert_non_null(json);
    assert_non_null(strstr(json_string_value(json_object_get(json, "libraries")), "mpfr "));
    json_decref(json);
    assert_non_null(strchr(compiler, ' '));
    assert_true(version[0] >= '0' && version[0] <= '9');
    free(bytes);
    free(stored);
    free(options);
    free(compiler);
    free(version);
    at_store_close(store);
}

static void device(void **state)
{
    (void)state;
    struct at_store *store = open_store();
    int64_t id = 0, again = 0;
    assert_int_equal(at_machine_put_device(store, AT_SIMD_AUTO, &id, NULL), AT_OK);
    assert_int_equal(at_machine_put_device(store, at_simd_best(), &again, NULL), AT_OK);
    assert_int_equal(id, again);
    char *name = text_of(store, "SELECT name FROM device"), *details = text_of(store, "SELECT details FROM device");
    json_t *json = json_loads(details, 0, NULL);
    assert_true(strlen(name) > 0);
    assert_string_equal(name, at_machine_processor().name);
    assert_string_equal(json_string_value(json_object_get(json, "simd")), at_simd_names[at_simd_best()]);
    assert_true(json_integer_value(json_object_get(json, "cores")) >= 1);
    json_decref(json);
    free(name);
    free(details);
    at_store_close(store);
}

static void memory_and_time(void **state)
{
    (void)state;
    assert_true(at_machine_free_memory() > 0x1p20);
    int64_t before = at_machine_time_ns();
    assert_true(at_machine_time_ns() >= before);
}

static void group_memory(void **state)
{
    (void)state;
    static const char stat[] = "anon 100\ninactive_file_of_another 7\nfile 700\ninactive_anon 5\ninactive_file 600\nactive_file 100\n";
    char folder[128];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    assert_true(isinf(at_machine_group_memory(folder)));
    scratch_write("memory.max", "max\n", 4);
    scratch_write("memory.current", "900\n", 4);
    assert_true(isinf(at_machine_group_memory(folder)));
    scratch_write("memory.max", "1000\n", 5);
    assert_true(at_machine_group_memory(folder) == 100);
    scratch_write("memory.stat", stat, sizeof stat - 1);
    assert_true(at_machine_group_memory(folder) == 700); /* the file pages can go */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(build), cmocka_unit_test(device), cmocka_unit_test(memory_and_time),
                                       cmocka_unit_test(group_memory)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
