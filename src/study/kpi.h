/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_H
#define AT_STUDY_KPI_H

#include "study/kpi_figure.h"
#include "study/requirement.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A KPI: what a variant must meet, read from YAML (docs/kpi.md). All text is owned by the KPI unless it says static. */

enum at_kpi_statistic { AT_KPI_VALUE, AT_KPI_MEAN, AT_KPI_QUANTILE, AT_KPI_WORST_ROW, AT_KPI_WORST_HEAD, AT_KPI_MAXIMUM };
enum { AT_KPI_STATISTICS = AT_KPI_MAXIMUM + 1, AT_KPI_TERMS = 2 };

/* "worst-row" */
extern const char *const at_kpi_statistic_names[AT_KPI_STATISTICS];

/* Which runs or shapes a term judges; a member that is NULL, 0 or -1 takes all. */
struct at_kpi_scope {
    char *distribution; /* a name ("v-mean") or a canonical spelling ("v-mean:mean=1,sigma=1") */
    char *label;        /* of the case */
    int64_t *heads;     /* query heads of each batch element, from 0 */
    size_t head_count;
    int64_t *dims;
    size_t dim_count;
    int64_t from, to; /* keys, both included */
    int causal;       /* 1, 0, or -1: both */
};

struct at_kpi_requirement {
    const struct at_metric *metric;
    const struct at_kpi_figure *figure; /* of a readout, whose metric it is; NULL: of the outputs themselves */
    bool by_interval;                   /* of a figure: judged by its interval at `confidence`, not by its value */
    const char *against;                /* static */
    enum at_kpi_statistic statistic;
    struct at_requirement terms[AT_KPI_TERMS]; /* all hold; bounds are multiples where relative_to is given */
    size_t term_count;
    char *relative_to; /* name of the baseline variant, or NULL */
    double coverage;   /* of the quantile: the share of heads that must meet the bound */
    double confidence; /* of mean and quantile */
    bool any_look;     /* of the quantile: the verdict stays valid whenever one looks, and however often */
    struct at_kpi_scope scope;
    char *text; /* one line, as people read it: "rel_rmse of 90 % of heads <= 4 x e4m3 (0.106)" */
};

/* An input that must be there and pass. */
struct at_kpi_input {
    char *name;     /* as written */
    char *spelling; /* canonical, where `name` is a distribution with parameters; else NULL: a label or a distribution's name */
};

struct at_kpi_cost {
    double speed_at_least; /* multiple of the baseline's speed */
    char *relative_to;
    bool with_prepare; /* the whole time, not the kernel alone */
    struct at_kpi_scope scope;
    char *text;
};

struct at_kpi {
    char *name, *description;
    struct at_kpi_requirement *requirements;
    size_t requirement_count;
    struct at_kpi_input *must_pass;
    size_t must_pass_count;
    struct at_kpi_cost *costs;
    size_t cost_count;
};

/*
 * Reads a KPI: a ready-made one by its name (attest list kpis), else a file. Refusals are one line with file, line and key; unknown
 * names get the nearest one. Free with at_kpi_done.
 */
enum at_status at_kpi_read(const char *name, struct at_kpi *ret_kpi, struct at_error *error);

/* The same from a text; `name` stands in messages. */
enum at_status at_kpi_parse(const char *name, const char *text, size_t length, struct at_kpi *ret_kpi, struct at_error *error);

void at_kpi_done(struct at_kpi *kpi);

/*
 * Root-mean-square relative error of rounding to a format with t stored fraction bits, for values whose logarithm is uniform over a
 * binade: 2^-t / sqrt(32 ln 2) (docs/kpi.md, eq. 1). The unit of bounds "in-units-of" a format.
 */
double at_kpi_rounding(int fraction_bits);

#ifdef __cplusplus
}
#endif

#endif
