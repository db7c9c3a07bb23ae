/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/text.h"

#include <assert.h>
#include <string.h>

const char *at_text_of(const char *name)
{
    for (size_t i = 0; i < at_text_count; i++)
        if (strcmp(at_texts[i].name, name) == 0)
            return at_texts[i].text;
    assert(!"a file that reports/meson.build does not list");
    return "";
}
