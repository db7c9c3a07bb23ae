/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/rule.h"

#include "core/name.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum at_status at_rule_find(const char *name, const struct at_rule **ret_rule, struct at_error *error)
{
    for (size_t i = 0; i < at_rule_count; i++)
        if (!strcmp(at_rules[i]->name, name)) {
            *ret_rule = at_rules[i];
            return AT_OK;
        }
    const char **names = calloc(at_rule_count, sizeof *names);
    if (!names)
        return at_fail(error, AT_ERR_MEMORY, "rule '%s': no memory to look for the nearest name", name);
    for (size_t i = 0; i < at_rule_count; i++)
        names[i] = at_rules[i]->name;
    const char *nearest = at_name_nearest(name, names, at_rule_count);
    free(names);
    if (nearest)
        return at_fail(error, AT_ERR_NOT_FOUND, "rule '%s' does not exist; the nearest is '%s' (docs/acceptance_rules.md)", name, nearest);
    return at_fail(error, AT_ERR_NOT_FOUND, "rule '%s' does not exist; see docs/acceptance_rules.md", name);
}
