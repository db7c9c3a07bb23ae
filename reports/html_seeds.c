/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include <inttypes.h>
#include <stdlib.h>

/* Pooled values in the order of the columns. */
enum { COLUMNS = 4 };
static const struct {
    const char *heading, *metric, *against;
} columns[COLUMNS] = {
    {"RMSE", "rmse", "original"},
    {"RMSE, the kernel's part", "rmse", "dequantised"},
    {"Relative RMSE", "rel_rmse", "original"},
    {"Relative RMSE, the kernel's part", "rel_rmse", "dequantised"},
};

/* The pool of rows [from, to); pooled[column][row]. */
static void add_pool(struct at_page *page, const struct at_pools *pools, size_t from, size_t to, struct at_statistic *const *pooled)
{
    const struct at_pool *largest = at_pools_largest(pools, from, to);
    char looked_at[AT_POOL_TEXT_SIZE];
    at_pool_looked_at(largest, looked_at);
    at_buffer_markup(page->text, "<h3>%s", largest->title);
    at_buffer_printf(page->text, " <small>%zu seeds, ", largest->seeds);
    at_buffer_markup(page->text,
                     "%s</small></h3>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Variant</th>"
                     "<th scope=\"col\" class=\"n\">Seeds</th><th scope=\"col\" class=\"n\">Heads</th>",
                     looked_at);
    for (size_t c = 0; c < COLUMNS; c++)
        at_buffer_markup(page->text, "<th scope=\"col\" class=\"n\">%s</th>", columns[c].heading);
    at_buffer_text(page->text, "</tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++) {
        at_buffer_markup(page->text, "<tr><th scope=\"row\">%s</th>", pools->rows[i].variant);
        at_buffer_printf(page->text, "<td class=\"n\">%zu</td><td class=\"n\">%" PRId64 "</td>", pools->rows[i].seeds,
                         pools->rows[i].heads);
        for (size_t c = 0; c < COLUMNS; c++)
            at_page_cell(page, pooled[c][i]);
        at_buffer_text(page->text, "</tr>\n");
    }
    at_buffer_text(page->text, "</tbody></table></div>\n");
}

static void add_section(struct at_page *page, const struct at_pools *pools, struct at_statistic *const *pooled)
{
    bool begun = false;
    for (size_t from = 0, to; from < pools->count; from = to) {
        to = at_pools_next(pools, from);
        if (at_pools_largest(pools, from, to)->seeds < 2)
            continue;
        if (!begun)
            at_buffer_text(page->text, "<section id=\"seeds\">\n<h2>Over all seeds</h2>\n<p class=\"note\">Over all outputs of all heads "
                                       "of inputs that differ only in their seed; intervals draw from their key/value heads.</p>\n");
        begun = true;
        add_pool(page, pools, from, to, pooled);
    }
    if (begun)
        at_buffer_text(page->text, "</section>\n");
}

enum at_status at_page_seeds(struct at_page *page, struct at_error *error)
{
    struct at_pools pools;
    struct at_statistic *pooled[COLUMNS] = {NULL};
    enum at_status status = at_pools_load(page->store, page->filter, AT_POOL_SEEDS, &pools, error);
    if (status)
        return status;
    for (size_t c = 0; !status && c < COLUMNS && pools.count < pools.table.rows; c++) { /* as many as runs: nothing is pooled */
        pooled[c] = malloc(pools.count * sizeof *pooled[c]);
        status = pooled[c] ? at_pools_heads(page->store, page->filter, &pools, columns[c].metric, columns[c].against, pooled[c], error)
                           : at_fail(error, AT_ERR_MEMORY, "page: no memory for %zu pools", pools.count);
    }
    if (!status)
        add_section(page, &pools, pooled);
    for (size_t c = 0; c < COLUMNS; c++)
        free(pooled[c]);
    at_pools_done(&pools);
    return status;
}
