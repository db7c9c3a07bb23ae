/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/hash.h"
#include "datasets/safetensors.h"
#include "scratch.h"
#include "searching.h"
#include "study/search_keep.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

static struct at_search_found search(struct searching *s, const char *metric, bool dequantised)
{
    struct at_search_found found;
    struct at_error error = {""};
    searching_open(s, "structured:any", "fp8:promote=tile", metric);
    s->request.scorer.dequantised = dequantised;
    if (at_search_run(&s->request, &found, &error))
        fail_msg("%s", error.message);
    return found;
}

static void replayed(const char *metric, bool dequantised, const char *name)
{
    struct searching s;
    struct at_store *store;
    struct at_search_replay replay;
    struct at_error error = {""};
    char *study = NULL, path[256];
    struct at_search_found f = search(&s, metric, dequantised);
    strcpy(path, scratch_path(name));
    assert_int_equal(at_search_keep_check(path, false, &error), AT_OK);
    assert_int_equal(at_search_keep(&s.request, &f, path, false, &study, &error), AT_OK);
    assert_int_equal(at_store_open(scratch_path("keep.db"), AT_STORE_WRITE, &store, &error), AT_OK);
    if (at_search_replay(study, store, &s.request, &f, NULL, &replay, &error))
        fail_msg("%s", error.message);
    assert_true(replay.score.value == f.score.value && replay.score.bound == f.score.bound && replay.study > 0);
    struct at_study read;
    struct at_qkv again;
    struct at_problem problem;
    assert_int_equal(at_study_read(study, &read, &error), AT_OK);
    const struct at_capture_options options = {.causal = -1};
    assert_int_equal(at_capture_read(read.inputs[0].capture, &options, &problem, &again, &error), AT_OK);
    assert_string_equal(at_sha256_of_qkv(&again).hex, at_sha256_of_qkv(&f.champion).hex);
    at_qkv_done(&again);
    at_study_done(&read);
    f.score.value = nextafter(f.score.value, INFINITY); /* another figure is told, whatever the radius */
    assert_int_equal(at_search_replay(study, store, &s.request, &f, NULL, &replay, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "run again it gives"));
    at_store_close(store);
    free(study);
    at_search_found_done(&f);
    searching_close(&s);
}

static void a_case_gives_its_figure_again(void **state)
{
    (void)state;
    replayed("rel_rmse", false, "a.safetensors");
    replayed("max_rel_sum_abs", true, "b.safetensors");
    replayed("bias", false, "c.safetensors");
    replayed("underflowed", false, "d.safetensors");
    replayed("kl_max", false, "an odd 'name': #1.safetensors");
}

static void the_capture_says_where_it_is_from(void **state)
{
    (void)state;
    struct searching s;
    struct at_safetensors file;
    char *study = NULL, path[256];
    struct at_search_found f = search(&s, "rel_rmse", false);
    strcpy(path, scratch_path("said.safetensors"));
    assert_int_equal(at_search_keep(&s.request, &f, path, false, &study, NULL), AT_OK);
    assert_int_equal(at_safetensors_open(path, &file, NULL), AT_OK);
    char member[AT_DISTRIBUTION_TEXT_SIZE];
    at_distribution_print(&f.choice, member);
    assert_string_equal(at_safetensors_metadata(&file, "parameters"), member);
    assert_string_equal(at_safetensors_metadata(&file, "variant"), "fp8:promote=tile");
    assert_string_equal(at_safetensors_metadata(&file, "metric"), "rel_rmse");
    assert_string_equal(at_safetensors_metadata(&file, "against"), "original");
    assert_string_equal(at_safetensors_metadata(&file, "seed"), "1");
    assert_true(strtod(at_safetensors_metadata(&file, "value"), NULL) == f.score.value);
    assert_true(strtod(at_safetensors_metadata(&file, "radius"), NULL) == f.score.radius);
    assert_non_null(strstr(at_safetensors_metadata(&file, "family"), "cancellation=0..30"));
    at_safetensors_close(&file);
    free(study);
    at_search_found_done(&f);
    searching_close(&s);
}

static void names_and_files_are_checked_first(void **state)
{
    (void)state;
    struct at_error error = {""};
    static const char *const bad[] = {"x", "x.yaml", ".safetensors", "/tmp/.safetensors", ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(at_search_keep_check(bad[i], true, &error), AT_ERR_ARGUMENT);
        assert_non_null(strstr(error.message, "NAME.safetensors"));
    }
    char path[256];
    strcpy(path, scratch_path("taken.safetensors"));
    scratch_write("taken.yaml", "x", 1);
    assert_int_equal(at_search_keep_check(path, false, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "taken.yaml: is there already"));
    assert_int_equal(at_search_keep_check(path, true, &error), AT_OK);
}

/* What could not be written whole is not there. */
static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct searching s;
    struct at_error error = {""};
    struct rlimit before, limit;
    char *study = NULL, path[256];
    struct at_search_found f = search(&s, "rel_rmse", false);
    signal(SIGXFSZ, SIG_IGN);
    strcpy(path, scratch_path("full.safetensors"));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){100, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum at_status status = at_search_keep(&s.request, &f, path, false, &study, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, AT_ERR_FULL);
    assert_non_null(strstr(error.message, "full.safetensors: cannot be written"));
    assert_true(access(path, F_OK) != 0 && access(scratch_path("full.yaml"), F_OK) != 0 && !study);
    at_search_found_done(&f);
    searching_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_gives_its_figure_again),
        cmocka_unit_test(the_capture_says_where_it_is_from),
        cmocka_unit_test(names_and_files_are_checked_first),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
