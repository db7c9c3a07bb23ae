/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_EXCEEDANCE_H
#define AT_STATS_EXCEEDANCE_H

#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

enum at_decision { AT_DECISION_OPEN, AT_DECISION_MET, AT_DECISION_NOT_MET };

/* What `exceeding` of `heads` say about the requirement "at most the share `allowed` of heads exceeds the threshold". */
struct at_exceedance {
    int64_t exceeding, heads;
    double confidence, allowed;
    double lower, upper; /* Clopper and Pearson's one-sided limits of the share, each at `confidence` */
    enum at_decision decision;
    int64_t clean_heads; /* open: so many further heads, none exceeding, would decide met; -1: above 1e9; 0 when decided */
    int64_t bad_heads;   /* open: so many further heads, all exceeding, would decide not met; as above */
};

/*
 * Met when the upper limit is <= allowed, not met when the lower limit is > allowed, else open; each with an error of at most
 * 1 - confidence, for a threshold and a number of heads fixed beforehand. Deciding again after further heads is another look:
 * stats/sequential.h stays valid then.
 *   0.5 <= confidence < 1, 0 < allowed < 1, 0 <= exceeding <= heads <= 1e9: else AT_ERR_ARGUMENT
 */
enum at_status at_exceedance_decide(int64_t exceeding, int64_t heads, double allowed, double confidence,
                                    struct at_exceedance *ret_exceedance, struct at_error *error);

/* What a head does that counts against it: its value lies beyond an edge, or beyond either of two. */
enum at_edge_side { AT_ABOVE, AT_AT_OR_ABOVE, AT_BELOW, AT_AT_OR_BELOW, AT_OTHER_THAN };
struct at_beyond {
    struct at_edge {
        enum at_edge_side side;
        double at;
    } edges[2];
    size_t count; /* 1 or 2 */
};

#ifdef __cplusplus
}
#endif

#endif
