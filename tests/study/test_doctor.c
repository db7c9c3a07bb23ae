/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Against the stand-in of tests/kernels/support/fake_driver.h. The parent runs nothing on threads: its children do. */
#include "study/doctor.h"

#include "tests/kernels/support/driver.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Long enough for a child of a sanitised build to begin, and for those that are to hang as short as a test may last. */
enum { PATIENT_S = 60 };
static const double short_s = 0.5;

static struct at_doctor doctor_of(const char *asked)
{
    ask(asked);
    return (struct at_doctor){.limit_s = PATIENT_S, .image = &stand_in_image, .request = {.seed = 1, .outputs = 1, .floats = 1 << 14}};
}

static const struct at_probe *find(const char *name)
{
    const struct at_probe *probe;
    assert_int_equal(at_probe_find(name, &probe, NULL), AT_OK);
    return probe;
}

static void the_gpu_is_described(void **state)
{
    (void)state;
    struct at_doctor doctor = doctor_of("gpu=ada");
    struct at_gpu_facts facts = {0};
    struct at_error error = {""};
    assert_status(at_doctor_find(&doctor, &facts, &error), &error, AT_OK, "");
    assert_string_equal(facts.name, "Stand-in L40S");
    assert_int_equal(facts.count, 2);
    assert_status(at_doctor_check(&doctor, &error), &error, AT_ERR_UNSUPPORTED, "is not Hopper but Ada");
    doctor.gpu = 1;
    assert_status(at_doctor_check(&doctor, &error), &error, AT_OK, "");
    static const struct at_gpu_image empty = {"", 0, 0};
    doctor.image = &empty;
    assert_status(at_doctor_check(&doctor, &error), &error, AT_ERR_UNSUPPORTED, "built without nvcc");
}

static void a_machine_without_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        enum at_status status;
        const char *words;
    } cases[] = {
        {"gpus=0", AT_ERR_NOT_FOUND, "no GPU: the NVIDIA driver is installed and sees none"},
        {"fail=cuInit:999", AT_ERR_DEVICE, "the NVIDIA driver does not start (cuInit): CUDA_ERROR_UNKNOWN (unknown error)"},
        {"hang=cuInit", AT_ERR_TIMEOUT, "GPU: no sign of life for 0.5 s, so its process was killed: look at nvidia-smi"},
        {"hang=cuDeviceGetCount", AT_ERR_TIMEOUT, "GPU: no sign of life"},
        {"crash=cuInit", AT_ERR_DEVICE, "GPU: its process died by signal 11 (Segmentation fault): look at nvidia-smi"},
        {"abort=cuDeviceGetName", AT_ERR_DEVICE, "GPU: its process died by signal 6 (Aborted): look at nvidia-smi"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_doctor doctor = doctor_of(cases[i].asked);
        struct at_gpu_facts facts = {.index = -7};
        struct at_error error = {""};
        doctor.limit_s = strncmp(cases[i].asked, "hang", 4) == 0 ? short_s : PATIENT_S;
        assert_status(at_doctor_find(&doctor, &facts, &error), &error, cases[i].status, cases[i].words);
        assert_int_equal(facts.index, -7);
        assert_status(at_doctor_check(&doctor, &error), &error, cases[i].status, cases[i].words);
    }
}

static struct at_diagnosis diagnose(const struct at_doctor *doctor, const char *probe)
{
    struct at_diagnosis diagnosis = {0};
    struct at_error error = {""};
    assert_status(at_doctor_probe(doctor, find(probe), 0, 1, &diagnosis, &error), &error, AT_OK, "");
    assert_ptr_equal(diagnosis.probe, find(probe));
    assert_true(diagnosis.time_ns > 0);
    assert_null(strchr(diagnosis.detail.message, '\n'));
    return diagnosis;
}

static void findings(void **state)
{
    (void)state;
    struct at_doctor doctor = doctor_of("");
    struct at_diagnosis d = diagnose(&doctor, "lg2");
    assert_int_equal(d.finding, AT_PROBE_SAME_BITS);
    assert_true(d.outcome.outputs == 1 << 14 && d.outcome.differing == 0);
    assert_string_equal(d.detail.message, "");
    d = diagnose(&doctor, "wgmma-tf32");
    assert_int_equal(d.finding, AT_PROBE_SAME_BITS);
    assert_true(d.outcome.outputs > 0);
    doctor = doctor_of("wrong=flip nth=3 at=2");
    d = diagnose(&doctor, "rcp");
    assert_int_equal(d.finding, AT_PROBE_DIFFERS);
    assert_true(d.outcome.outputs == 1 << 14 && d.outcome.differing == 1);
    assert_non_null(strstr(d.detail.message, "of 0x00c00002 the GPU gives 0x"));
    assert_string_equal(d.detail.message, d.outcome.first);
    assert_string_equal(at_finding_names[AT_PROBE_SAME_BITS], "same bits");
    assert_string_equal(at_finding_names[AT_PROBE_DIFFERS], "differs");
    assert_string_equal(at_finding_names[AT_PROBE_FAILED], "failed");
}

/* One that hangs, dies or cannot leaves the next one unharmed. */
static void failures_stay_with_their_probe(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *words;
    } cases[] = {
        {"hang=cuLaunchKernel kernel=probe_ex2", "the probe ex2: no sign of life for 0.5 s, so its process was killed: look at nvidia-smi"},
        {"hang=cuLaunchKernel nth=40 kernel=probe_ex2", "the probe ex2: no sign of life for 0.5 s"},
        {"crash=cuLaunchKernel kernel=probe_ex2", "the probe ex2: its process died by signal 11 (Segmentation fault): look at nvidia-smi"},
        {"abort=cuLaunchKernel kernel=probe_ex2", "the probe ex2: its process died by signal 6 (Aborted)"},
        {"fail=cuLaunchKernel:700 kernel=probe_ex2", "probe_ex2: CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_doctor doctor = doctor_of(cases[i].asked);
        doctor.limit_s = strncmp(cases[i].asked, "hang", 4) == 0 ? short_s : PATIENT_S;
        struct at_diagnosis d = diagnose(&doctor, "ex2");
        assert_int_equal(d.finding, AT_PROBE_FAILED);
        assert_true(d.outcome.outputs == 0 && d.outcome.differing == 0 && d.outcome.first[0] == '\0');
        if (!strstr(d.detail.message, cases[i].words))
            fail_msg("%s: %s", cases[i].asked, d.detail.message);
        doctor.limit_s = PATIENT_S;
        assert_int_equal(diagnose(&doctor, "lg2").finding, AT_PROBE_SAME_BITS);
    }
    struct at_doctor doctor = doctor_of("fail=cuMemAllocHost_v2:2");
    struct at_diagnosis d = diagnose(&doctor, "ex2");
    assert_int_equal(d.finding, AT_PROBE_FAILED);
    assert_non_null(strstr(d.detail.message, "of the host's pinned memory left"));
}

struct heard {
    int calls;
    double last;
    volatile sig_atomic_t stop;
    bool stops;
};

static void hear(void *context, double done, double total, const char *what)
{
    struct heard *heard = context;
    assert_true(total == 5 && done >= heard->last && done >= 2 && done <= 3);
    assert_string_equal(what, "lg2");
    heard->last = done;
    heard->calls++;
    heard->stop = heard->stops && heard->calls > 2;
}

static void progress_and_stop(void **state)
{
    (void)state;
    struct heard heard = {.stops = false};
    const struct at_study_events events = {.context = &heard, .progress = hear, .stop = &heard.stop};
    struct at_doctor doctor = doctor_of("");
    struct at_diagnosis d = {.time_ns = -1};
    struct at_error error = {""};
    doctor.events = &events;
    assert_status(at_doctor_probe(&doctor, find("lg2"), 2, 5, &d, &error), &error, AT_OK, "");
    assert_true(heard.calls >= 1024 && heard.last == 3);
    heard = (struct heard){.stops = true};
    d.time_ns = -1;
    assert_status(at_doctor_probe(&doctor, find("lg2"), 2, 5, &d, &error), &error, AT_ERR_INTERRUPTED, "the probe lg2: interrupted");
    assert_int_equal(d.time_ns, -1);
    struct at_gpu_facts facts;
    assert_status(at_doctor_find(&doctor, &facts, &error), &error, AT_ERR_INTERRUPTED, "GPU: interrupted");
}

static void diagnoses_are_stored(void **state)
{
    (void)state;
    struct at_doctor doctor = doctor_of("wrong=flip nth=-1 kernel=probe_rcp");
    struct at_gpu_facts facts;
    struct at_store *store = NULL;
    struct at_error error = {""};
    doctor.request.seed = UINT64_MAX;
    assert_status(at_doctor_find(&doctor, &facts, &error), &error, AT_OK, "");
    assert_status(at_store_open(scratch_path("p.db"), AT_STORE_WRITE, &store, &error), &error, AT_OK, "");
    static const char *const probes[] = {"lg2", "rcp", "rcp"};
    for (int i = 0; i < 3; i++) {
        struct at_diagnosis d = diagnose(&doctor, probes[i]);
        assert_status(at_doctor_store(&doctor, store, &facts, &d, &error), &error, AT_OK, "");
    }
    assert_true(scratch_number(store, "SELECT count(*) FROM probe") == 3);
    assert_true(scratch_number(store, "SELECT count(*) FROM build") == 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM device WHERE kind = 'cuda' AND name = 'Stand-in H200'") == 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM probe WHERE name = 'lg2' AND verdict = 'same bits' AND detail = '' "
                                      "AND instruction = 'lg2.approx.ftz.f32' AND outputs = 16384 AND differing = 0") == 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM probe WHERE name = 'rcp' AND verdict = 'differs' AND differing = 1024 "
                                      "AND detail LIKE 'of 0x00000000 the GPU gives%' AND seed = -1 AND time_ns > 0") == 2);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gpu_is_described),
        cmocka_unit_test(a_machine_without_is_told),
        cmocka_unit_test(findings),
        cmocka_unit_test(failures_stay_with_their_probe),
        cmocka_unit_test(progress_and_stop),
        cmocka_unit_test(diagnoses_are_stored),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
