/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench.h"

#include "study/bench_ceiling.h"
#include "study/machine.h"

#include <math.h>
#include <stdlib.h>

static struct at_time_fact time_of(const struct at_bench_time *t)
{
    return (struct at_time_fact){t->min_ns, t->low_ns, t->median_ns, t->high_ns, t->max_ns, t->launches};
}

static enum at_ceiling ceiling_of(const struct at_numerics *n)
{
    return at_formats[n->q.format].bits == 8 ? AT_CEILING_E4M3 : AT_CEILING_BF16;
}

/* The variant and its speed. */
static enum at_status put_variant(const struct at_benchmark *b, const struct at_bench_point *point, struct at_store *store,
                                  char *ret_numerics, struct at_speed_fact *ret_fact, struct at_error *error)
{
    const struct at_variant_choice *choice = &b->request->variants[point->variant];
    char spelled[AT_NUMERICS_TEXT_SIZE];
    at_numerics_print(&choice->numerics, spelled);
    at_numerics_print(&point->numerics, ret_numerics);
    const struct at_variant_fact variant = {.name = choice->name, .numerics = spelled};
    *ret_fact = (struct at_speed_fact){.problem = b->request->problems[point->problem],
                                       .kernel = point->kernel->name,
                                       .numerics = ret_numerics,
                                       .ceiling = at_ceiling_names[ceiling_of(&point->numerics)],
                                       .flop = at_bench_flop(&b->request->problems[point->problem]),
                                       .operand_bytes = point->operand_bytes,
                                       .operand_sets = point->operand_sets,
                                       .alone = time_of(&point->alone),
                                       .whole = time_of(&point->whole),
                                       .rel_rmse = point->rel_rmse,
                                       .rel_rmse_radius = point->rel_rmse_radius};
    return at_store_put_variant(store, &variant, &ret_fact->variant, error);
}

static enum at_status put_variants(const struct at_benchmark *b, struct at_store *store, char (*numerics)[AT_NUMERICS_TEXT_SIZE],
                                   struct at_speed_fact *speeds, struct at_error *error)
{
    size_t put = 0, last = SIZE_MAX;
    int64_t problem = -1; /* those with a kernel, counted: each had its ceilings measured before it */
    enum at_status status = AT_OK;
    for (size_t i = 0; i < b->count && !status; i++) {
        if (!b->points[i].kernel)
            continue;
        problem += b->points[i].problem != last;
        last = b->points[i].problem;
        status = put_variant(b, &b->points[i], store, numerics[put], &speeds[put], error);
        speeds[put++].nth = problem;
    }
    return status;
}

static size_t list_ceilings(const struct at_benchmark *b, struct at_ceiling_fact *ceilings)
{
    size_t count = 0;
    for (size_t round = 0; round < b->round_count; round++)
        for (int i = 0; i < AT_CEILING_COUNT; i++)
            if (!isnan(b->rounds[round].time[i].median_ns))
                ceilings[count++] = (struct at_ceiling_fact){.name = at_ceiling_names[i],
                                                             .nth = (int64_t)round,
                                                             .work = at_bench_ceiling_work(b->request, (enum at_ceiling)i),
                                                             .time = time_of(&b->rounds[round].time[i])};
    return count;
}

static enum at_status put_bench(const struct at_benchmark *b, struct at_store *store, const struct at_ceiling_fact *ceilings,
                                size_t ceiling_count, const struct at_speed_fact *speeds, int64_t *ret_id, struct at_error *error)
{
    const struct at_bench_request *r = b->request;
    char spelling[AT_DISTRIBUTION_TEXT_SIZE];
    at_distribution_print(&r->distribution, spelling);
    struct at_bench_fact fact = {.spelling = spelling,
                                 .format = at_formats[r->format].name,
                                 .seed = r->seed,
                                 .repeats = r->pace.repeats,
                                 .pairs = AT_BENCH_PAIRS,
                                 .rows = r->rows,
                                 .rows_seed = r->rows_seed,
                                 .oracle = r->rows ? b->oracle.oracle->name : "",
                                 .blas = (int64_t)b->blas_version,
                                 .no_product = b->no_product.message};
    enum at_status status = at_machine_put_build(store, &fact.build, error);
    if (!status)
        status = at_machine_put_gpu(store, &b->gpu, &fact.device, error);
    return status ? status : at_store_put_bench(store, &fact, ceilings, ceiling_count, speeds, b->computed, ret_id, error);
}

enum at_status at_benchmark_store(const struct at_benchmark *b, struct at_store *store, int64_t *ret_id, struct at_error *error)
{
    struct at_ceiling_fact *ceilings = calloc(b->round_count * AT_CEILING_COUNT, sizeof *ceilings);
    struct at_speed_fact *speeds = calloc(b->computed, sizeof *speeds);
    char(*numerics)[AT_NUMERICS_TEXT_SIZE] = calloc(b->computed, sizeof *numerics);
    enum at_status status =
        ceilings && speeds && numerics ? AT_OK : at_fail(error, AT_ERR_MEMORY, "bench: no memory for %zu points", b->computed);
    if (!status)
        status = put_variants(b, store, numerics, speeds, error);
    if (!status)
        status = put_bench(b, store, ceilings, list_ceilings(b, ceilings), speeds, ret_id, error);
    free(ceilings);
    free(speeds);
    free(numerics);
    return status;
}
