/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/recall.h"

#include "datasets/dataset.h"
#include "kernels/variants/variant.h"
#include "scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void numerics_of_every_variant(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_variant_count; i++) {
        char text[AT_NUMERICS_TEXT_SIZE], again[AT_NUMERICS_TEXT_SIZE];
        struct at_numerics recalled;
        at_numerics_print(&at_variants[i]->numerics, text);
        assert_int_equal(at_recall_numerics(text, &recalled, NULL), AT_OK);
        at_numerics_print(&recalled, again);
        assert_string_equal(again, text);
    }
}

static void numerics_refused(void **state)
{
    (void)state;
    char text[AT_NUMERICS_TEXT_SIZE], more[AT_NUMERICS_TEXT_SIZE + 32];
    at_numerics_print(&at_variants[0]->numerics, text);
    char *output = strstr(text, ",output=");
    assert_non_null(output);
    snprintf(more, sizeof more, "%s,future=1", text);
    struct {
        const char *text, *says;
    } cases[] = {
        {"", "not the full spelling"}, {"fp8", "write key=value"}, {more, "no field named 'future'"}, {text, "not the full spelling"}};
    *output = '\0'; /* a field less */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_numerics numerics;
        struct at_error error = {""};
        assert_int_not_equal(at_recall_numerics(cases[i].text, &numerics, &error), AT_OK);
        assert_non_null(strstr(error.message, cases[i].says));
    }
}

static const struct at_problem problem = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 3, .seq_k = 4, .dim = 32, .causal = true};

static void generated(void **state)
{
    (void)state;
    struct at_input_fact fact = {.source = "distribution",
                                 .spelling = "v-mean:mean=0.5,sigma=1",
                                 .label = "x",
                                 .format = "bf16",
                                 .seed = UINT64_C(1) << 40,
                                 .problem = problem,
                                 .input_sha256 = ""};
    const struct at_folders none = {NULL, 0};
    struct at_distribution_choice choice;
    struct at_qkv qkv, again;
    struct at_sha256 sha256;
    assert_int_equal(at_recall_inputs(&fact, "", &none, &qkv, &sha256, NULL), AT_OK);
    assert_int_equal(at_distribution_choose(fact.spelling, &choice, NULL), AT_OK);
    assert_int_equal(at_distribution_generate(&choice, &problem, AT_BF16, fact.seed, &again, NULL), AT_OK);
    assert_string_equal(at_sha256_of_qkv(&again).hex, sha256.hex);
    assert_string_equal(at_sha256_of_qkv(&qkv).hex, sha256.hex);
    at_qkv_done(&qkv);
    at_qkv_done(&again);
    struct at_error error = {""};
    fact.format = "fp9";
    assert_int_equal(at_recall_inputs(&fact, "", &none, &qkv, &sha256, &error), AT_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "fp9"));
    fact.spelling = "v-meen";
    assert_int_equal(at_recall_inputs(&fact, "", &none, &qkv, &sha256, &error), AT_ERR_NOT_FOUND);
    fact.source = "wormhole";
    assert_int_equal(at_recall_inputs(&fact, "", &none, &qkv, &sha256, &error), AT_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "wormhole"));
}

/* Writes a capture whose elements begin at `from`; its digest. */
static struct at_sha256 write_capture(const char *name, float from)
{
    float elements[2 * 3 * 32];
    struct at_problem found;
    struct at_qkv qkv;
    const struct at_capture_options options = {.causal = -1};
    for (int i = 0; i < 2 * 3 * 32; i++)
        elements[i] = from + (float)i;
    const char *path = scratch_capture(name, &problem, elements, elements + 1, elements + 2);
    assert_int_equal(at_capture_read(path, &options, &found, &qkv, NULL), AT_OK);
    struct at_sha256 sha256 = at_sha256_of_qkv(&qkv);
    at_qkv_done(&qkv);
    return sha256;
}

/* Looks for the capture in folders "here" and "there". */
static enum at_status look(const struct at_input_fact *fact, const char *study, struct at_error *error)
{
    char here[128], there[128];
    const char *const paths[] = {here, there};
    const struct at_folders folders = {paths, 2};
    struct at_qkv qkv;
    struct at_sha256 sha256;
    snprintf(here, sizeof here, "%s", scratch_path("here"));
    snprintf(there, sizeof there, "%s", scratch_path("there"));
    *error = (struct at_error){""};
    enum at_status status = at_recall_inputs(fact, study, &folders, &qkv, &sha256, error);
    if (!status) {
        assert_string_equal(sha256.hex, fact->input_sha256);
        at_qkv_done(&qkv);
    }
    return status;
}

static void captures(void **state)
{
    (void)state;
    struct at_error error;
    assert_true(mkdir(scratch_path("here"), 0777) == 0 && mkdir(scratch_path("there"), 0777) == 0);
    struct at_sha256 wanted = write_capture("there/c.safetensors", 1);
    struct at_input_fact fact = {
        .source = "capture", .spelling = "c.safetensors", .label = "c", .format = "fp32", .problem = problem, .input_sha256 = wanted.hex};
    assert_int_equal(look(&fact, "", &error), AT_OK);
    write_capture("here/c.safetensors", 2); /* the first folder's is another one */
    assert_int_equal(look(&fact, "not JSON", &error), AT_OK);
    fact.spelling = "../there/c.safetensors"; /* no way out of the folders */
    assert_int_equal(look(&fact, "{}", &error), AT_OK);
    fact.spelling = "c.safetensors";

    assert_int_equal(unlink(scratch_path("there/c.safetensors")), 0);
    assert_int_equal(look(&fact, "", &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "here/c.safetensors: another content: its Q, K and V have SHA-256 "));
    assert_non_null(strstr(error.message, "--captures DIR"));
    scratch_write("there/c.safetensors", "not one", 7); /* says less than the other content */
    assert_int_equal(look(&fact, "", &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "another content"));
    assert_int_equal(unlink(scratch_path("here/c.safetensors")), 0);
    assert_int_equal(look(&fact, "", &error), AT_ERR_FORMAT);
    assert_non_null(strstr(error.message, "there/c.safetensors"));
    assert_int_equal(unlink(scratch_path("there/c.safetensors")), 0);
    assert_int_equal(look(&fact, "", &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "c.safetensors: not in the folders looked in ("));
    assert_non_null(strstr(error.message, "say with --captures DIR where it lies now"));
}

/* A folder that the system refuses is not one without the file. */
static void folders_that_cannot_be_looked_in(void **state)
{
    (void)state;
    struct at_qkv qkv;
    struct at_sha256 sha256;
    struct at_error error = {""};
    char loop[128], long_path[5000];
    const char *paths[64] = {loop};
    const struct at_input_fact fact = {
        .source = "capture", .spelling = "u.safetensors", .label = "u", .format = "fp32", .problem = problem};
    snprintf(loop, sizeof loop, "%s", scratch_path("loop"));
    assert_int_equal(symlink("loop", loop), 0);
    assert_int_equal(at_recall_inputs(&fact, "", &(struct at_folders){paths, 1}, &qkv, &sha256, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "loop/u.safetensors: cannot be looked at: "));
    assert_non_null(strstr(error.message, strerror(ELOOP)));
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    paths[0] = long_path;
    assert_int_equal(at_recall_inputs(&fact, "", &(struct at_folders){paths, 1}, &qkv, &sha256, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, strerror(ENAMETOOLONG)));
}

/* As many as fit, whatever the length of each, and an end that says whether there are more. */
static void many_folders(void **state)
{
    (void)state;
    struct at_qkv qkv;
    struct at_sha256 sha256;
    const struct at_input_fact fact = {
        .source = "capture", .spelling = "u.safetensors", .label = "u", .format = "fp32", .problem = problem};
    for (size_t length = 1; length < 600; length++) {
        char path[600];
        const char *paths[64];
        size_t count = length % 2 ? 64 : 2, places = count * (length + 2) - 2;
        struct at_error error = {""};
        memset(path, '-', length);
        path[0] = '/';
        path[length] = '\0';
        for (size_t i = 0; i < count; i++)
            paths[i] = path;
        /* A name of more than 255 bytes is refused by the system before it is looked for. */
        for (size_t i = 200; i < length; i += 200)
            path[i] = '/';
        assert_int_equal(at_recall_inputs(&fact, "", &(struct at_folders){paths, count}, &qkv, &sha256, &error), AT_ERR_NOT_FOUND);
        assert_int_equal(strstr(error.message, ", ...)") || strstr(error.message, "(...)"), places >= 512);
        assert_non_null(strstr(error.message, "); say with --captures DIR where it lies now"));
    }
}

/* A store that says another shape or format than the file has never reaches the file's elements. */
static void another_shape(void **state)
{
    (void)state;
    struct at_error error;
    struct at_sha256 wanted = write_capture("here/s.safetensors", 1);
    struct at_input_fact fact = {
        .source = "capture", .spelling = "s.safetensors", .label = "s", .format = "fp32", .problem = problem, .input_sha256 = wanted.hex};
    fact.problem.seq_k *= 2;
    assert_int_equal(look(&fact, "", &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "another shape or format"));
    fact.problem = problem;
    fact.format = "bf16";
    assert_int_equal(look(&fact, "", &error), AT_ERR_NOT_FOUND);
    fact.format = "fp32";
    fact.problem.causal = false; /* the store's, whatever the file says: what follows differs, not the inputs */
    fact.problem.scale = 0.5;
    assert_int_equal(look(&fact, "", &error), AT_OK);
}

/* Tensor names and layout are the study's. */
static void read_as_studied(void **state)
{
    (void)state;
    struct at_error error;
    struct at_problem found;
    struct at_qkv qkv;
    write_capture("here/n.safetensors", 1);
    const struct at_capture_options swapped = {.k_name = "v", .v_name = "k", .causal = -1};
    assert_int_equal(at_capture_read(scratch_path("here/n.safetensors"), &swapped, &found, &qkv, NULL), AT_OK);
    struct at_sha256 wanted = at_sha256_of_qkv(&qkv);
    at_qkv_done(&qkv);
    const struct at_input_fact fact = {
        .source = "capture", .spelling = "n.safetensors", .label = "n", .format = "fp32", .problem = problem, .input_sha256 = wanted.hex};
    assert_int_equal(look(&fact, "{}", &error), AT_ERR_NOT_FOUND);
    assert_int_equal(look(&fact, "{\"inputs\":[{\"capture\":\"n.safetensors\",\"label\":\"other\",\"k\":\"v\",\"v\":\"k\"}]}", &error),
                     AT_ERR_NOT_FOUND);
    assert_int_equal(look(&fact,
                          "{\"inputs\":[7,{\"capture\":\"n.safetensors\",\"label\":\"n\",\"q\":null},"
                          "{\"capture\":\"n.safetensors\",\"label\":\"n\",\"k\":\"v\",\"v\":\"k\"}]}",
                          &error),
                     AT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numerics_of_every_variant),
                                       cmocka_unit_test(numerics_refused),
                                       cmocka_unit_test(generated),
                                       cmocka_unit_test(captures),
                                       cmocka_unit_test(folders_that_cannot_be_looked_in),
                                       cmocka_unit_test(many_folders),
                                       cmocka_unit_test(another_shape),
                                       cmocka_unit_test(read_as_studied)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
