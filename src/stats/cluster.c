/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct item {
    double value;
    size_t cluster;
};

static int ascending(const void *a, const void *b)
{
    double x = ((const struct item *)a)->value, y = ((const struct item *)b)->value;
    return (x > y) - (x < y);
}

static enum at_status allocate(struct at_clusters *c)
{
    size_t n = c->count + 1, k = c->clusters + 1, blocks = c->count / AT_CLUSTER_BLOCK + 2;
    c->value = malloc(n * sizeof *c->value);
    c->of = malloc(n * sizeof *c->of);
    c->sum = calloc(k, sizeof *c->sum);
    c->size = calloc(k, sizeof *c->size);
    c->weight = calloc(k, sizeof *c->weight);
    c->before = calloc(blocks * k, sizeof *c->before);
    return c->value && c->of && c->sum && c->size && c->weight && c->before ? AT_OK : AT_ERR_MEMORY;
}

/* Every block's counts follow from those of the block before. */
static void fill(struct at_clusters *c, const struct item *items)
{
    size_t *now = c->before;
    for (size_t i = 0; i < c->count; i++) {
        if (i && i % AT_CLUSTER_BLOCK == 0) {
            memcpy(now + c->clusters, now, c->clusters * sizeof *now);
            for (size_t j = i - AT_CLUSTER_BLOCK; j < i; j++)
                now[c->clusters + c->of[j]]++;
            now += c->clusters;
        }
        c->value[i] = items[i].value;
        c->of[i] = items[i].cluster;
        c->sum[items[i].cluster] += items[i].value;
        c->size[items[i].cluster]++;
    }
}

enum at_status at_clusters_init(const double *value, const size_t *cluster, size_t count, struct at_clusters *ret_clusters)
{
    struct at_clusters made = {0};
    struct item *items = malloc((count + 1) * sizeof *items);
    if (!items)
        return AT_ERR_MEMORY;
    for (size_t i = 0, last = 0; i < count; i++) {
        if (isnan(value[i]))
            continue;
        made.clusters += made.count == 0 || cluster[i] != last;
        last = cluster[i];
        items[made.count++] = (struct item){value[i], made.clusters - 1};
    }
    qsort(items, made.count, sizeof *items, ascending);
    enum at_status status = allocate(&made);
    if (!status) {
        fill(&made, items);
        *ret_clusters = made;
    } else {
        at_clusters_done(&made);
    }
    free(items);
    return status;
}

void at_clusters_done(struct at_clusters *c)
{
    free(c->value);
    free(c->of);
    free(c->sum);
    free(c->size);
    free(c->before);
    free(c->weight);
    *c = (struct at_clusters){0};
}

double at_clusters_mean(void *clusters, const size_t *pick, size_t count)
{
    const struct at_clusters *c = clusters;
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        sum += c->sum[pick[i]];
        n += c->size[pick[i]];
    }
    return n ? sum / (double)n : NAN;
}

/* Values of the resample before `block`. */
static size_t rank_of(const struct at_clusters *c, size_t block)
{
    const size_t *before = c->before + block * c->clusters;
    size_t rank = 0;
    for (size_t k = 0; k < c->clusters; k++)
        rank += c->weight[k] * before[k];
    return rank;
}

/* The order statistics `rank` and rank + 1 of the resample, counted from 0; the second means nothing where there are no more. */
static void order_statistics(const struct at_clusters *c, size_t rank, double ret_values[2])
{
    size_t low = 0, high = (c->count - 1) / AT_CLUSTER_BLOCK + 1; /* rank_of(low) <= rank; block `high` is past it, or past all */
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (rank_of(c, middle) <= rank)
            low = middle;
        else
            high = middle;
    }
    size_t i = low * AT_CLUSTER_BLOCK, passed = rank_of(c, low) + c->weight[c->of[i]];
    while (passed <= rank)
        passed += c->weight[c->of[++i]];
    ret_values[0] = ret_values[1] = c->value[i];
    for (; passed <= rank + 1 && i + 1 < c->count; ret_values[1] = c->value[i])
        passed += c->weight[c->of[++i]];
}

double at_clusters_quantile(void *clusters, const size_t *pick, size_t count)
{
    struct at_clusters *c = clusters;
    size_t n = 0;
    memset(c->weight, 0, c->clusters * sizeof *c->weight);
    for (size_t i = 0; i < count; i++) {
        c->weight[pick[i]]++;
        n += c->size[pick[i]];
    }
    if (n == 0)
        return NAN;
    double position = (double)(n - 1) * c->p, beside[2];
    size_t rank = (size_t)position;
    double part = position - (double)rank;
    order_statistics(c, rank < n ? rank : n - 1, beside);
    if (part == 0 || rank + 1 >= n || beside[0] == beside[1])
        return beside[0];
    double value = (1 - part) * beside[0] + part * beside[1];
    return isnan(value) ? NAN : fmin(fmax(value, beside[0]), beside[1]);
}

enum at_status at_clusters_value(struct at_clusters *c, at_cluster_statistic *statistic, double *ret_value)
{
    size_t *all = malloc((c->clusters + 1) * sizeof *all);
    if (!all)
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < c->clusters; i++)
        all[i] = i;
    *ret_value = c->clusters ? statistic(c, all, c->clusters) : NAN;
    free(all);
    return AT_OK;
}
