/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/examination.h"

#include "cli/output.h"
#include "core/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct at_probe *find(const char *name)
{
    const struct at_probe *probe;
    assert_int_equal(at_probe_find(name, &probe, NULL), AT_OK);
    return probe;
}

/* A machine with a Hopper GPU and three findings; free with at_examination_done. */
static struct at_examination with_a_gpu(void)
{
    struct at_examination e = {
        .processor = {"Some processor", 16, (int64_t)64 << 30},
        .has_gpu = true,
        .can_probe = true,
        .gpu = {1, 8, "NVIDIA H200", 9, 0, 13000, "580.1", (int64_t)140 << 30, 60 << 20, 227 << 10, 132, 1980000, 3201000, 6144, true},
        .probed = true,
        .count = 3,
        .stored = 3,
        .seed = 77,
        .outputs = 500,
        .diagnoses = calloc(3, sizeof *e.diagnoses),
    };
    assert_non_null(e.diagnoses);
    e.diagnoses[0] = (struct at_diagnosis){find("wgmma-e4m3"), AT_PROBE_SAME_BITS, {811008, 0, ""}, {""}, 1500000000};
    e.diagnoses[1] = (struct at_diagnosis){find("rcp"), AT_PROBE_DIFFERS, {4294967296, 3, "of 0x1"}, {"of 0x1"}, 2000000000};
    e.diagnoses[2] = (struct at_diagnosis){find("ex2"), AT_PROBE_FAILED, {0, 0, ""}, {"the probe ex2: no sign of life"}, 60000000000};
    return e;
}

static struct at_examination without(const char *why)
{
    struct at_examination e = {.processor = {"Some processor", 2, (int64_t)8 << 30}};
    snprintf(e.gpu_reason.message, sizeof e.gpu_reason.message, "%s", why);
    e.probe_reason = e.gpu_reason;
    return e;
}

/* What is written on standard output. */
static char *printed(const struct at_examination *e, bool findings)
{
    static char text[1 << 16];
    FILE *file = tmpfile();
    int kept = dup(STDOUT_FILENO);
    assert_true(file && kept >= 0);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    if (findings)
        at_diagnoses_print(e, "some.db");
    else
        at_examination_print(e);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    ssize_t length = pread(fileno(file), text, sizeof text - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    close(kept);
    fclose(file);
    return text;
}

static void assert_says(const char *text, const char *what)
{
    if (strstr(text, what))
        return;
    fputs(text, stderr);
    fail_msg("%s", "that does not say what it should");
}

static void a_machine_with_a_gpu(void **state)
{
    (void)state;
    struct at_examination e = with_a_gpu();
    const char *text = printed(&e, false);
    assert_says(text, "processor   Some processor, 16 cores, 64.0 GiB of memory\n");
    assert_says(text, "GPU 1 of 8  NVIDIA H200, Hopper (compute capability 9.0)\n");
    assert_says(text, "132 multiprocessors at up to 1980 MHz, 227 KiB of shared memory a block, 60 MiB of L2\n");
    assert_says(text, "140.0 GiB of memory, 6144 bit at 3201 MHz, ECC on\n");
    assert_says(text, "driver      580.1, for CUDA up to 13.0\n");
    assert_says(text, "FP8 wgmma   yes\n");
    assert_says(text, "TMA         yes\n");
    assert_says(text, at_build_version);
    assert_says(text, at_build_libraries);
    assert_says(text, "probe       yes: attest doctor --probe compares this GPU with the twin\n");
    e.gpu.major = 8;
    e.gpu.driver[0] = '\0';
    e.can_probe = false;
    strcpy(e.probe_reason.message, "not Hopper");
    text = printed(&e, false);
    assert_says(text, "Ampere (compute capability 8.0)");
    assert_says(text, "driver      unknown version, for CUDA up to 13.0\n");
    assert_says(text, "FP8 wgmma   no: Hopper's alone");
    assert_says(text, "TMA         no: from Hopper on");
    assert_says(text, "probe       not Hopper\n");
    e.gpu.major = 10; /* TMA stayed, wgmma did not */
    text = printed(&e, false);
    assert_says(text, "FP8 wgmma   no: Hopper's alone");
    assert_says(text, "TMA         yes\n");
    at_examination_done(&e);
    assert_null(e.diagnoses);
}

static void a_machine_without(void **state)
{
    (void)state;
    struct at_examination e = without("no NVIDIA driver: none\x1b[31m");
    const char *text = printed(&e, false);
    assert_says(text, "GPU         none: no NVIDIA driver: none");
    assert_null(strchr(text, '\x1b'));
    assert_says(text, "probe       no NVIDIA driver: none");
    assert_says(text, at_probe_image.cuda_version ? "GPU code    built with CUDA 1" : "GPU code    none: attest was built without nvcc\n");
    at_examination_done(&e);
}

static void findings_are_a_table_with_what_to_do_again(void **state)
{
    (void)state;
    struct at_examination e = with_a_gpu();
    const char *text = printed(&e, true);
    assert_says(text, "Probes of GPU 1, NVIDIA H200\n");
    assert_says(text, "wgmma-e4m3");
    assert_says(text, "811008");
    assert_says(text, "same bits\n");
    assert_says(text, "rcp: first difference: of 0x1; again: attest doctor --probe rcp --gpu 1 --seed 77 --outputs 500\n");
    assert_says(text, "ex2: the probe ex2: no sign of life\n");
    assert_says(text, "1 of 3 probes give the twin's bits; stored in some.db (attest show probes).\n");
    assert_int_equal(at_examination_count(&e, AT_PROBE_SAME_BITS), 1);
    assert_int_equal(at_examination_count(&e, AT_PROBE_DIFFERS), 1);
    assert_int_equal(at_examination_count(&e, AT_PROBE_FAILED), 1);
    at_examination_done(&e);
    assert_int_equal(at_examination_count(&e, AT_PROBE_FAILED), 0);
}

static void everything_is_in_the_json(void **state)
{
    (void)state;
    struct at_examination e = with_a_gpu();
    json_t *json = at_examination_json(&e), *gpu = json_object_get(json, "gpu"), *probes = json_object_get(json, "probes");
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "processor")), "Some processor");
    assert_true(json_integer_value(json_object_get(json, "memory_bytes")) == (json_int_t)64 << 30);
    assert_int_equal(json_integer_value(json_object_get(json, "cuda_version")), at_probe_image.cuda_version);
    assert_true(json_array_size(json_object_get(json, "simd_available")) >= 1);
    assert_true(json_is_true(json_object_get(json, "can_probe")) && json_is_null(json_object_get(json, "gpu_reason")));
    assert_int_equal(json_object_size(gpu), 18);
    assert_string_equal(json_string_value(json_object_get(gpu, "generation")), "Hopper");
    assert_true(json_integer_value(json_object_get(gpu, "memory_bytes")) == (json_int_t)140 << 30);
    assert_true(json_is_true(json_object_get(gpu, "fp8_wgmma")) && json_is_true(json_object_get(gpu, "tma")));
    assert_int_equal(json_array_size(probes), 3);
    json_t *rcp = json_array_get(probes, 1);
    assert_string_equal(json_string_value(json_object_get(rcp, "verdict")), "differs");
    assert_true(json_integer_value(json_object_get(rcp, "outputs")) == (json_int_t)4294967296);
    assert_int_equal(json_integer_value(json_object_get(rcp, "differing")), 3);
    assert_int_equal(json_integer_value(json_object_get(rcp, "seed")), 77);
    assert_string_equal(json_string_value(json_object_get(rcp, "detail")), "of 0x1");
    json_decref(json);
    at_examination_done(&e);

    e = without("no driver \xff");
    json = at_examination_json(&e);
    assert_non_null(json);
    assert_true(json_is_null(json_object_get(json, "gpu")) && json_is_false(json_object_get(json, "can_probe")));
    assert_true(json_is_null(json_object_get(json, "probes"))); /* none was asked for: that is not "none differs" */
    assert_string_equal(json_string_value(json_object_get(json, "gpu_reason")), "no driver ?");
    assert_string_equal(json_string_value(json_object_get(json, "probe_reason")), "no driver ?");
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_with_a_gpu),
        cmocka_unit_test(a_machine_without),
        cmocka_unit_test(findings_are_a_table_with_what_to_do_again),
        cmocka_unit_test(everything_is_in_the_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
