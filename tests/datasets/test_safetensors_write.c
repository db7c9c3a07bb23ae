/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/hash.h"
#include "datasets/dataset.h"
#include "datasets/safetensors_write.h"
#include "written.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct at_problem small = {.batch = 2, .heads_q = 4, .heads_kv = 2, .seq_q = 3, .seq_k = 5, .dim = 32, .causal = true};

static struct at_qkv make(const struct at_problem *problem, enum at_format format)
{
    struct at_distribution_choice choice;
    struct at_qkv qkv = {0};
    assert_int_equal(at_distribution_choose("normal", &choice, NULL), AT_OK);
    assert_int_equal(at_distribution_generate(&choice, problem, format, 9, &qkv, NULL), AT_OK);
    return qkv;
}

static const char *path_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", written_folder(), name);
    return path;
}

/* Files in the folder whose name begins so. */
static int files(const char *name)
{
    int count = 0;
    DIR *folder = opendir(written_folder());
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strncmp(entry->d_name, name, strlen(name)) == 0;
    closedir(folder);
    return count;
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    static const enum at_format formats[] = {AT_FP16, AT_BF16, AT_FP32, AT_E4M3};
    const struct at_capture_options options = {.causal = -1};
    struct at_safetensors_text text[] = {{"family", "structured:\"x\"\n\xc3\xa9"}, {"metric", "rel_rmse"}};
    for (size_t i = 0; i < 8; i++) {
        struct at_problem problem = small, got;
        struct at_qkv qkv = make(&small, formats[i % 4]), again;
        struct at_error error = {""};
        problem.causal = i < 4;
        problem.scale = i < 4 ? 0 : 0.1;
        const char *path = path_of("round.safetensors");
        assert_int_equal(at_capture_write(path, true, &problem, &qkv, text, 2, &error), AT_OK);
        assert_int_equal(at_capture_read(path, &options, &got, &again, &error), AT_OK);
        assert_string_equal(at_sha256_of_qkv(&qkv).hex, at_sha256_of_qkv(&again).hex);
        assert_true(again.q.format == formats[i % 4] && got.causal == problem.causal && got.scale == problem.scale);
        assert_true(got.batch == 2 && got.heads_q == 4 && got.heads_kv == 2 && got.seq_q == 3 && got.seq_k == 5 && got.dim == 32);
        struct at_safetensors file;
        assert_int_equal(at_safetensors_open(path, &file, &error), AT_OK);
        assert_string_equal(at_safetensors_metadata(&file, "family"), text[0].value);
        assert_string_equal(at_safetensors_metadata(&file, "metric"), "rel_rmse");
        assert_int_equal(file.data % 8, 0);
        at_safetensors_close(&file);
        at_qkv_done(&qkv);
        at_qkv_done(&again);
    }
    assert_int_equal(files("round"), 1); /* nothing is left beside it */
}

static void what_is_there_stays(void **state)
{
    (void)state;
    struct at_qkv qkv = make(&small, AT_FP16);
    struct at_error error = {""};
    char path[512];
    snprintf(path, sizeof path, "%s", written_file("kept.safetensors", "abc", 3));
    assert_int_equal(at_capture_writable(path, false, &error), AT_ERR_IO);
    assert_int_equal(at_capture_write(path, false, &small, &qkv, NULL, 0, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "kept.safetensors: is there already; give another name, or --force"));
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 3);
    assert_int_equal(at_capture_write(path, true, &small, &qkv, NULL, 0, &error), AT_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_true(info.st_size > 3 && (info.st_mode & 0777) == 0644);
    assert_int_equal(at_capture_write(written_folder(), true, &small, &qkv, NULL, 0, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "no regular file"));
    assert_int_equal(at_capture_write("/nonexistent/x.safetensors", true, &small, &qkv, NULL, 0, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "/nonexistent/x.safetensors: cannot be written: No such file"));
    assert_int_equal(at_capture_write("", true, &small, &qkv, NULL, 0, &error), AT_ERR_ARGUMENT);
    at_qkv_done(&qkv);
}

/* A limit on the size of files stands for a full disk: write() refuses in the same place. */
static void no_space_leaves_nothing(void **state)
{
    (void)state;
    struct at_qkv qkv = make(&small, AT_FP16);
    struct at_error error = {""};
    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){1000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum at_status status = at_capture_write(path_of("full.safetensors"), false, &small, &qkv, NULL, 0, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, AT_ERR_FULL);
    assert_non_null(strstr(error.message, "full.safetensors: cannot be written"));
    assert_int_equal(files("full"), 0);
    at_qkv_done(&qkv);
}

static void what_cannot_be_read_back_is_refused(void **state)
{
    (void)state;
    struct at_qkv qkv = make(&small, AT_E5M2);
    struct at_error error = {""};
    assert_int_equal(at_capture_write(path_of("e5m2.safetensors"), false, &small, &qkv, NULL, 0, &error), AT_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "e5m2 is not a format of captures"));
    at_qkv_done(&qkv);
    qkv = make(&small, AT_FP16);
    struct at_safetensors_text text = {"family", "\xff"};
    assert_int_not_equal(at_capture_write(path_of("bytes.safetensors"), false, &small, &qkv, &text, 1, &error), AT_OK);
    assert_non_null(strstr(error.message, "not UTF-8"));
    assert_int_equal(files("bytes") + files("e5m2"), 0);
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(what_is_there_stays),
        cmocka_unit_test(no_space_leaves_nothing),
        cmocka_unit_test(what_cannot_be_read_back_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, written_clean);
}
