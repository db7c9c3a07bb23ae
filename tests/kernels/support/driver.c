/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "driver.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct at_gpu_image stand_in_image = {"image", 5, 12000};

/* The stand-in's own function of that name, NULL before it is loaded. */
static void *own(const char *name)
{
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    if (!library)
        return NULL;
    void *symbol = dlsym(library, name);
    dlclose(library);
    if (!symbol)
        fail_msg("%s", "the driver is no stand-in: run this through meson test, or set LD_LIBRARY_PATH");
    return symbol;
}

void ask(const char *words)
{
    assert_int_equal(setenv("AT_FAKE_DRIVER", words, 1), 0);
    void (*reset)(void);
    void *symbol = own("fake_driver_reset");
    memcpy(&reset, &symbol, sizeof reset);
    if (reset)
        reset();
}

int driver_live(void)
{
    int (*live)(void);
    void *symbol = own("fake_driver_live");
    memcpy(&live, &symbol, sizeof live);
    return live ? live() : 0;
}

int driver_launched(const char *kernel)
{
    int (*launched)(const char *);
    void *symbol = own("fake_driver_launched");
    memcpy(&launched, &symbol, sizeof launched);
    return launched ? launched(kernel) : 0;
}

struct at_gpu *open_stand_in(const char *words)
{
    struct at_gpu *gpu = NULL;
    struct at_error error = {""};
    ask(words);
    if (at_gpu_open(0, &stand_in_image, &gpu, &error))
        fail_msg("%s", error.message);
    return gpu;
}

void assert_status(enum at_status got, const struct at_error *error, enum at_status wanted, const char *words)
{
    if (got != wanted || (wanted && (!strstr(error->message, words) || strchr(error->message, '\n'))))
        fail_msg("wanted '%s' with \"%s\", got '%s': %s", at_status_name(wanted), words, at_status_name(got), error->message);
}
