/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/driver.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Loads the driver, which must be refused with `status` and a message of one line that holds `words`. */
static void assert_refused(const char *asked, enum at_status status, const char *words)
{
    const struct at_driver *driver = NULL;
    struct at_error error = {""};
    setenv("AT_FAKE_DRIVER", asked, 1);
    enum at_status got = at_driver_load(&driver, &error);
    if (got != status || driver || !strstr(error.message, words) || strchr(error.message, '\n'))
        fail_msg("%s: wanted '%s' with \"%s\", got '%s': %s", asked, at_status_name(status), words, at_status_name(got), error.message);
    assert_int_equal(at_driver_load(&driver, NULL), status);
}

static void a_driver_that_does_not_start(void **state)
{
    (void)state;
    assert_refused("fail=cuInit:999", AT_ERR_DEVICE, "(cuInit): CUDA_ERROR_UNKNOWN (unknown error): look at nvidia-smi; reload the driver");
    assert_refused("fail=cuInit:803", AT_ERR_DEVICE, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (system has unsupported");
    assert_refused("fail=cuInit:12345", AT_ERR_DEVICE, "(cuInit): CUDA error 12345: look at nvidia-smi");
    assert_refused("fail=cuInit:34", AT_ERR_NOT_FOUND, "no NVIDIA driver: libcuda.so.1 is the toolkit's stub; install the driver");
    assert_refused("gpus=0", AT_ERR_NOT_FOUND, "no GPU: the NVIDIA driver is installed and sees none; look at nvidia-smi, and at CUDA_");
}

/* What failed once is tried again: the table is whole and its functions are those of the library. */
static void the_table_is_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"cuInit",
                                        "cuDriverGetVersion",
                                        "cuGetErrorName",
                                        "cuGetErrorString",
                                        "cuDeviceGetCount",
                                        "cuDeviceGet",
                                        "cuDeviceGetName",
                                        "cuDeviceGetAttribute",
                                        "cuDeviceTotalMem_v2",
                                        "cuDevicePrimaryCtxRetain",
                                        "cuDevicePrimaryCtxRelease_v2",
                                        "cuCtxSetCurrent",
                                        "cuCtxSynchronize",
                                        "cuModuleLoadData",
                                        "cuModuleUnload",
                                        "cuModuleGetFunction",
                                        "cuMemAlloc_v2",
                                        "cuMemFree_v2",
                                        "cuMemAllocHost_v2",
                                        "cuMemFreeHost",
                                        "cuMemcpyHtoD_v2",
                                        "cuMemcpyDtoH_v2",
                                        "cuMemcpyDtoD_v2",
                                        "cuMemsetD8_v2",
                                        "cuEventCreate",
                                        "cuEventRecord",
                                        "cuEventSynchronize",
                                        "cuEventElapsedTime",
                                        "cuEventDestroy_v2",
                                        "cuFuncSetAttribute",
                                        "cuTensorMapEncodeTiled",
                                        "cuLaunchKernel"};
    enum { NAMES = sizeof names / sizeof names[0] };
    const struct at_driver *driver, *again;
    struct at_error error = {""};
    unsetenv("AT_FAKE_DRIVER");
    if (at_driver_load(&driver, &error))
        fail_msg("%s", error.message);
    assert_int_equal(at_driver_load(&again, NULL), AT_OK);
    assert_ptr_equal(driver, again);
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD), *table[NAMES];
    assert_non_null(library);
    assert_int_equal(sizeof *driver, sizeof table);
    memcpy(table, driver, sizeof table);
    for (size_t i = 0; i < NAMES; i++)
        assert_ptr_equal(table[i], dlsym(library, names[i]));
    dlclose(library);
    int version = 0;
    assert_int_equal(driver->cuDriverGetVersion(&version), AT_CUDA_OK);
    assert_int_equal(version, 13010);
}

static void results_have_names(void **state)
{
    (void)state;
    const struct at_driver *driver;
    struct at_error error = {""};
    assert_int_equal(at_driver_load(&driver, NULL), AT_OK);
    assert_int_equal(at_driver_fail(driver, 700, "probe_ex2", &error), AT_ERR_DEVICE);
    assert_string_equal(error.message, "probe_ex2: CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered)");
    assert_int_equal(at_driver_fail(driver, 98765, "probe_ex2", &error), AT_ERR_DEVICE);
    assert_string_equal(error.message, "probe_ex2: CUDA error 98765");
    assert_int_equal(at_driver_fail(driver, 700, "probe_ex2", NULL), AT_ERR_DEVICE);
}

static void an_old_driver(void **state)
{
    (void)state;
    assert_non_null(dlopen("libcuda.so.1", RTLD_NOW)); /* it stays: what its libraries allocated when it came is not looked for */
    assert_refused("", AT_ERR_UNSUPPORTED,
                   "the NVIDIA driver is too old: libcuda.so.1 has no cuDevicePrimaryCtxRelease_v2; install driver 525 or newer");
}

static void a_damaged_driver(void **state)
{
    (void)state;
    assert_refused("", AT_ERR_NOT_FOUND, "no NVIDIA driver: ");
    assert_refused("", AT_ERR_NOT_FOUND, "invalid ELF header; install it, or use a machine with a GPU");
}

static void no_driver(void **state)
{
    (void)state;
    void *library = dlopen("libcuda.so.1", RTLD_NOW);
    if (library) {
        dlclose(library);
        print_message("this machine has an NVIDIA driver\n");
        skip();
    }
    assert_refused("", AT_ERR_NOT_FOUND, "no NVIDIA driver: libcuda.so.1: cannot open shared object file");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driver_that_does_not_start),
        cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(results_have_names),
    };
    const struct CMUnitTest old[] = {cmocka_unit_test(an_old_driver)}, damaged[] = {cmocka_unit_test(a_damaged_driver)},
                            none[] = {cmocka_unit_test(no_driver)};
    const char *which = argc > 1 ? argv[1] : "";
    if (strcmp(which, "old") == 0)
        return cmocka_run_group_tests(old, NULL, NULL);
    if (strcmp(which, "damaged") == 0)
        return cmocka_run_group_tests(damaged, NULL, NULL);
    if (strcmp(which, "none") == 0)
        return cmocka_run_group_tests(none, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
