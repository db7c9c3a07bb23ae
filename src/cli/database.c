/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/database.h"

#include "core/name.h"

#include <stdlib.h>
#include <string.h>

const char *at_database_path(const struct at_arguments *arguments)
{
    const char *path = at_argument(arguments, "db", 0);
    return path ? path : "attest.db";
}

struct at_filter at_database_filter(const struct at_arguments *arguments)
{
    return (struct at_filter){
        .study = at_argument(arguments, "study", 0),
        .label = at_argument(arguments, "case", 0),
        .variant = at_argument(arguments, "variant", 0),
    };
}

/* Refuses `wanted` (NULL: nothing to refuse) when no row of the query has it in `column`. */
static enum at_status check_name(struct at_store *store, const char *path, const char *query, const char *column, const char *what,
                                 const char *wanted, struct at_error *error)
{
    const struct at_filter everything = {0};
    struct at_table table;
    if (!wanted)
        return AT_OK;
    enum at_status status = at_query_run(store, query, &everything, &table, error);
    if (status)
        return status;
    const char **names = malloc((table.rows + 1) * sizeof *names);
    bool found = false;
    for (size_t i = 0; names && i < table.rows; i++) {
        names[i] = at_table_cell(&table, i, column)->text;
        found |= strcmp(names[i], wanted) == 0;
    }
    const char *nearest = names ? at_name_nearest(wanted, names, table.rows) : NULL;
    if (!names)
        status = at_fail(error, AT_ERR_MEMORY, "%s: no memory", path);
    else if (!found && nearest)
        status =
            at_fail(error, AT_ERR_NOT_FOUND, "%s: no %s '%s'; the nearest is '%s' (attest show %s)", path, what, wanted, nearest, query);
    else if (!found)
        status = at_fail(error, AT_ERR_NOT_FOUND, "%s: no %s '%s' (attest show %s)", path, what, wanted, query);
    free(names);
    at_table_done(&table);
    return status;
}

enum at_status at_database_explain(struct at_store *store, const char *path, const struct at_filter *filter, struct at_error *error)
{
    enum at_status status = check_name(store, path, "studies", "study", "study", filter->study, error);
    if (!status)
        status = check_name(store, path, "cases", "label", "case", filter->label, error);
    if (!status)
        status = check_name(store, path, "variants", "variant", "variant", filter->variant, error);
    if (!status && (filter->study || filter->label || filter->variant))
        status = at_fail(error, AT_ERR_UNDEFINED, "%s: no run has all of what --study, --case and --variant ask for", path);
    else if (!status)
        status = at_fail(error, AT_ERR_UNDEFINED, "%s: holds no run yet; attest run makes some", path);
    return status;
}
