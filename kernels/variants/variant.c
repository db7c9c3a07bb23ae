/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

#include "core/name.h"

#include <stdlib.h>
#include <string.h>

static const struct family {
    const char *name, *variant;
} families[] = {{"fp8", "fa3-fp8"}, {"fp16", "fa3-fp16"}, {"bf16", "fa3-bf16"}};

enum { FAMILY_COUNT = sizeof families / sizeof families[0] };

static const struct at_variant *find_registered(const char *name)
{
    for (size_t i = 0; i < at_variant_count; i++)
        if (strcmp(at_variants[i]->name, name) == 0)
            return at_variants[i];
    return NULL;
}

static const struct at_variant *find_base(const char *name)
{
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        if (strcmp(families[i].name, name) == 0)
            return find_registered(families[i].variant);
    return find_registered(name);
}

bool at_variant_family(size_t i, const char **ret_name, const struct at_variant **ret_variant)
{
    if (i >= FAMILY_COUNT)
        return false;
    *ret_name = families[i].name;
    *ret_variant = find_registered(families[i].variant);
    return true;
}

static enum at_status unknown_variant(const char *name, struct at_error *error)
{
    const char **names = malloc((at_variant_count + FAMILY_COUNT) * sizeof *names);
    if (!names)
        return at_fail(error, AT_ERR_MEMORY, "variant '%s': out of memory", name);
    for (size_t i = 0; i < at_variant_count; i++)
        names[i] = at_variants[i]->name;
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        names[at_variant_count + i] = families[i].name;
    const char *nearest = at_name_nearest(name, names, at_variant_count + FAMILY_COUNT);
    free(names);
    return at_fail(error, AT_ERR_NOT_FOUND, "no variant named '%s'%s%s%s (attest list variants)", name, nearest ? "; did you mean " : "",
                   nearest ? nearest : "", nearest ? "?" : "");
}

enum at_status at_variant_choose(const char *text, struct at_variant_choice *ret_choice, struct at_error *error)
{
    struct at_variant_choice choice;
    if (strlen(text) >= sizeof choice.name)
        return at_fail(error, AT_ERR_ARGUMENT, "variant '%.40s...': a name has at most %zu characters", text, sizeof choice.name - 1);
    strcpy(choice.name, text);
    char *colon = strchr(choice.name, ':');
    if (colon)
        *colon = '\0';
    const struct at_variant *base = find_base(choice.name);
    if (!base)
        return unknown_variant(choice.name, error);
    choice.numerics = base->numerics;
    enum at_status status = colon ? at_numerics_apply(&choice.numerics, colon + 1, error) : AT_OK;
    if (!status)
        status = at_numerics_check(&choice.numerics, error);
    strcpy(choice.name, text);
    if (status)
        return at_fail_in(error, status, choice.name);
    *ret_choice = choice;
    return AT_OK;
}

/* Whether the piece [text, text + length) continues a spelling: a field without a base of its own. */
static bool continues(const char *text, size_t length)
{
    return memchr(text, '=', length) && !memchr(text, ':', length);
}

enum at_status at_variant_split(const char *list, enum at_status (*each)(void *context, const char *text, struct at_error *error),
                                void *context, struct at_error *error)
{
    char piece[AT_VARIANT_NAME_SIZE];
    for (const char *at = list;;) {
        size_t length = strcspn(at, ",");
        while (at[length] == ',' && continues(at + length + 1, strcspn(at + length + 1, ",")))
            length += 1 + strcspn(at + length + 1, ",");
        if (length == 0)
            return at_fail(error, AT_ERR_ARGUMENT, "variants '%s': an empty name; write A,B without further commas", list);
        if (length >= sizeof piece)
            return at_fail(error, AT_ERR_ARGUMENT, "variant '%.40s...': a name has at most %zu characters", at, sizeof piece - 1);
        memcpy(piece, at, length);
        piece[length] = '\0';
        enum at_status status = each(context, piece, error);
        if (status || at[length] == '\0')
            return status;
        at += length + 1;
    }
}
