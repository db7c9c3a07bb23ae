/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/rule.h"

#include <math.h>

static bool accepts(const struct at_rule_sample *sample)
{
    double xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < at_rule_outputs(sample); i++) {
        double x = (double)sample->got[i], y = (double)sample->reference[i];
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    return xy / (sqrt(xx) * sqrt(yy)) >= 0.997;
}

const struct at_rule at_rule_polygraphy = {
    .name = "polygraphy",
    .criterion = "<out, ref> / (|out| |ref|) >= 0.997",
    .source = "NVIDIA TensorRT Polygraphy, CompareFunc.distance_metrics, cosine_similarity_threshold=0.997",
    .choices = "its file was not at hand, only the threshold: double arithmetic, a quotient 0/0 rejects, and the L2 tolerance that the "
               "function also takes is left out",
    .reference = AT_REFERENCE_INPUTS,
    .takes_8_bit = true,
    .takes_16_bit = true,
    .accepts = accepts,
};
