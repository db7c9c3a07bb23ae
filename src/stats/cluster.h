/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_CLUSTER_H
#define AT_STATS_CLUSTER_H

#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Values that come in clusters (rows of heads), and statistics over all values of the clusters that a bootstrap picks. The values are
 * sorted once; a quantile of a resample then costs log(count) sums over the clusters, not a sort of all values.
 */
struct at_clusters {
    size_t count, clusters; /* clusters with at least one value */
    double *value;          /* [count] ascending; -infinity and infinity at the ends */
    size_t *of;             /* [count] cluster of each value */
    double *sum;            /* [clusters] */
    size_t *size;           /* [clusters] */
    size_t *before;         /* [blocks + 1][clusters] values of the cluster before each block of AT_CLUSTER_BLOCK values */
    size_t *weight;         /* [clusters] how often each was picked */
    double p;               /* of at_clusters_quantile */
};
enum { AT_CLUSTER_BLOCK = 256 };

/*
 *   value[count]: NaN is left out; cluster[count]: what each belongs to, equal numbers beside each other
 * Free with at_clusters_done. AT_ERR_MEMORY.
 */
enum at_status at_clusters_init(const double *value, const size_t *cluster, size_t count, struct at_clusters *ret_clusters);

void at_clusters_done(struct at_clusters *clusters);

/* Mean over the values of the picked clusters, infinite or NaN with infinite values; an at_cluster_statistic of struct at_clusters. */
double at_clusters_mean(void *clusters, const size_t *pick, size_t count);

/* Quantile `clusters->p` (type 7) of the same; infinite where an infinite value bears on it. NaN without values. */
double at_clusters_quantile(void *clusters, const size_t *pick, size_t count);

/* The statistic over all clusters; NaN where there is none. AT_ERR_MEMORY. */
enum at_status at_clusters_value(struct at_clusters *clusters, at_cluster_statistic *statistic, double *ret_value);

#ifdef __cplusplus
}
#endif

#endif
