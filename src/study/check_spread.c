/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_spread.h"

#include <math.h>

const struct at_check_spread at_check_spreads[] = {
    {"normal", "fa3-fp8", 64, 512, 64, true, true, false, {{3072, 1.3267, 2.2059}, {48, 1.0166, 0.0410}}, {1.58, 1.034}},
    {"iid-outlier", "fa3-fp8", 64, 384, 128, false, true, false, {{3072, 1.3696, 3.0021}, {48, 1.0165, 0.0592}}, {1.66, 1.043}},
    {"v-mean", "fa3-fp8", 64, 2048, 64, false, true, false, {{3072, 1.0221, 1.0533}, {48, 0.8809, 0.0099}}, {1.09, 0.884}},
    {"sink", "fa3-fp8", 64, 192, 256, true, true, false, {{3072, 1.2505, 1.7300}, {48, 1.0182, 0.0787}}, {1.37, 1.044}},
    {"k-channel", "fa3-fp8", 64, 64, 64, true, true, false, {{3072, 1.7029, 3.0490}, {48, 1.0652, 0.1820}}, {2.12, 1.119}},
    {"normal:sigma=3", "fa3-fp8", 64, 192, 32, false, true, false, {{3072, 1.8106, 2.1161}, {48, 1.1422, 0.1299}}, {2.15, 1.188}},
    {"needle", "fa3-fp8", 64, 768, 128, true, true, false, {{3072, 1.3002, 1.8329}, {48, 1.0731, 0.1317}}, {1.47, 1.130}},
    {"diffuse", "fa3-fp8", 64, 512, 64, true, true, false, {{3072, 1.3342, 1.7232}, {48, 1.0118, 0.0742}}, {1.51, 1.048}},
    {"cancelling", "fa3-fp8", 64, 384, 128, false, true, false, {{3072, 0.0125, 4.8138}, {48, 0.0081, 0.1442}}, {0.02, 0.009}},
    {"normal", "fa3-fp16", 64, 2048, 64, false, false, false, {{3072, 1.2768, 1.2617}, {48, 1.0115, 0.0394}}, {1.42, 1.032}},
    {"iid-outlier", "fa3-fp16", 64, 192, 256, true, false, false, {{3072, 1.2290, 2.9801}, {48, 1.0299, 0.1187}}, {1.62, 1.073}},
    {"v-mean", "fa3-fp16", 64, 64, 64, true, false, false, {{3072, 1.2097, 1.9397}, {48, 1.0059, 0.0343}}, {1.57, 1.016}},
    {"sink", "fa3-fp16", 64, 192, 32, false, false, false, {{3072, 1.2855, 2.2473}, {48, 1.0184, 0.0440}}, {1.45, 1.036}},
    {"k-channel", "fa3-fp16", 64, 768, 128, true, false, false, {{3072, 1.2437, 1.7360}, {48, 1.0062, 0.0362}}, {1.41, 1.019}},
    {"normal:sigma=3", "fa3-fp16", 64, 512, 64, true, false, false, {{3072, 1.3193, 2.6994}, {48, 1.0089, 0.0688}}, {1.64, 1.027}},
    {"needle", "fa3-fp16", 64, 384, 128, false, false, false, {{3072, 1.1449, 0.7416}, {48, 1.0635, 0.1003}}, {1.21, 1.095}},
    {"diffuse", "fa3-fp16", 64, 2048, 64, false, false, false, {{3072, 1.2728, 1.3975}, {48, 1.0087, 0.0277}}, {1.44, 1.020}},
    {"cancelling", "fa3-fp16", 64, 192, 256, true, false, false, {{3072, 0.3738, 10.8690}, {48, 0.1205, 0.7239}}, {0.71, 0.150}},
    {"normal", "fp8-two-level", 64, 64, 64, true, true, false, {{3072, 1.5986, 3.5573}, {48, 1.0799, 0.1757}}, {1.97, 1.136}},
    {"iid-outlier", "fp8-two-level", 64, 192, 32, false, true, false, {{3072, 1.5189, 3.9518}, {48, 1.0786, 0.1388}}, {1.94, 1.121}},
    {"v-mean", "fp8-two-level", 64, 768, 128, true, true, false, {{3072, 2.0439, 4.2459}, {48, 1.1692, 0.1008}}, {2.77, 1.228}},
    {"sink", "fp8-two-level", 64, 512, 64, true, true, false, {{3072, 1.2882, 2.1529}, {48, 1.0423, 0.0383}}, {1.48, 1.052}},
    {"k-channel", "fp8-two-level", 64, 384, 128, false, true, false, {{3072, 1.4944, 3.0565}, {48, 1.0192, 0.1981}}, {1.92, 1.099}},
    {"normal:sigma=3", "fp8-two-level", 64, 2048, 64, false, true, false, {{3072, 1.7573, 2.6453}, {48, 0.9567, 0.0668}}, {2.01, 0.986}},
    {"needle", "fp8-two-level", 64, 192, 256, true, true, false, {{3072, 1.3351, 2.6063}, {48, 1.0817, 0.3290}}, {1.45, 1.232}},
    {"diffuse", "fp8-two-level", 64, 64, 64, true, true, false, {{3072, 1.5540, 3.8948}, {48, 1.0834, 0.0974}}, {1.93, 1.146}},
    {"cancelling", "fp8-two-level", 64, 192, 32, false, true, false, {{3072, 0.0172, 8.7981}, {48, 0.0091, 0.3424}}, {0.03, 0.010}},
    {"normal", "fp8-block128", 64, 768, 128, true, true, false, {{3072, 1.2505, 1.7643}, {48, 0.9973, 0.0333}}, {1.45, 1.012}},
    {"iid-outlier", "fp8-block128", 64, 512, 64, true, true, false, {{3072, 1.4423, 4.6577}, {48, 1.0565, 0.2355}}, {1.97, 1.148}},
    {"v-mean", "fp8-block128", 64, 384, 128, false, true, false, {{3072, 2.0733, 4.1195}, {48, 1.1083, 0.0504}}, {2.66, 1.136}},
    {"sink", "fp8-block128", 64, 2048, 64, false, true, false, {{3072, 1.2318, 1.5683}, {48, 1.0148, 0.0575}}, {1.34, 1.039}},
    {"k-channel", "fp8-block128", 64, 192, 256, true, true, false, {{3072, 1.4649, 3.4527}, {48, 1.0378, 0.0941}}, {1.85, 1.068}},
    {"normal:sigma=3", "fp8-block128", 64, 64, 64, true, true, false, {{3072, 1.7950, 2.7158}, {48, 1.1825, 0.2748}}, {2.07, 1.271}},
    {"needle", "fp8-block128", 64, 192, 32, false, true, false, {{3072, 1.4297, 1.5248}, {48, 1.2240, 0.3604}}, {1.54, 1.379}},
    {"diffuse", "fp8-block128", 64, 768, 128, true, true, false, {{3072, 1.2438, 1.5500}, {48, 1.0027, 0.0365}}, {1.39, 1.018}},
    {"cancelling", "fp8-block128", 64, 512, 64, true, true, false, {{3072, 0.1531, 14.1805}, {48, 0.0423, 0.6108}}, {0.33, 0.055}},
    {"normal", "fa3-bf16", 64, 384, 128, false, false, false, {{3072, 1.2123, 1.4224}, {48, 1.0137, 0.0203}}, {1.37, 1.021}},
    {"iid-outlier", "fa3-bf16", 64, 2048, 64, false, false, false, {{3072, 1.3043, 2.5810}, {48, 1.0439, 0.1779}}, {1.74, 1.180}},
    {"v-mean", "fa3-bf16", 64, 192, 256, true, false, false, {{3072, 1.0848, 0.7962}, {48, 1.0050, 0.0136}}, {1.16, 1.009}},
    {"sink", "fa3-bf16", 64, 64, 64, true, false, false, {{3072, 1.4512, 0.8656}, {48, 1.0574, 0.0716}}, {1.54, 1.090}},
    {"k-channel", "fa3-bf16", 64, 192, 32, false, false, false, {{3072, 1.4080, 1.8542}, {48, 1.0385, 0.0330}}, {1.63, 1.050}},
    {"normal:sigma=3", "fa3-bf16", 64, 768, 128, true, false, false, {{3072, 1.2596, 2.1346}, {48, 0.9857, 0.0483}}, {1.42, 1.007}},
    {"needle", "fa3-bf16", 64, 512, 64, true, false, false, {{3072, 1.1425, 0.8773}, {48, 1.0200, 0.1762}}, {1.19, 1.089}},
    {"diffuse", "fa3-bf16", 64, 384, 128, false, false, false, {{3072, 1.2112, 1.2400}, {48, 1.0134, 0.0341}}, {1.36, 1.026}},
    {"cancelling", "fa3-bf16", 64, 2048, 64, false, false, false, {{3072, 0.0242, 1.0687}, {48, 0.0201, 0.0160}}, {0.03, 0.020}},
    {"normal", "fp8-hadamard", 64, 192, 256, true, true, false, {{3072, 1.3340, 2.1894}, {48, 1.0383, 0.0441}}, {1.54, 1.052}},
    {"iid-outlier", "fp8-hadamard", 64, 64, 64, true, true, false, {{3072, 1.5918, 3.6849}, {48, 1.0682, 0.1370}}, {1.95, 1.110}},
    {"v-mean", "fp8-hadamard", 64, 192, 32, false, true, false, {{3072, 2.1834, 4.0561}, {48, 1.1027, 0.0762}}, {2.80, 1.129}},
    {"sink", "fp8-hadamard", 64, 768, 128, true, true, false, {{3072, 1.2959, 1.2797}, {48, 1.1011, 0.0527}}, {1.39, 1.120}},
    {"k-channel", "fp8-hadamard", 64, 512, 64, true, true, false, {{3072, 1.5943, 2.7375}, {48, 1.0165, 0.1022}}, {1.97, 1.056}},
    {"normal:sigma=3", "fp8-hadamard", 64, 384, 128, false, true, false, {{3072, 1.8070, 2.6884}, {48, 1.1174, 0.0793}}, {2.12, 1.154}},
    {"needle", "fp8-hadamard", 64, 2048, 64, false, true, false, {{3072, 1.3254, 2.4812}, {48, 1.0498, 0.1172}}, {1.56, 1.088}},
    {"diffuse", "fp8-hadamard", 64, 192, 256, true, true, false, {{3072, 1.3003, 2.3725}, {48, 1.0305, 0.0474}}, {1.51, 1.055}},
    {"cancelling", "fp8-hadamard", 64, 64, 64, true, true, false, {{3072, 1.0416, 9.3571}, {48, 0.2507, 1.2302}}, {1.66, 0.405}},
    {"normal", "fp8-smooth-kv", 64, 192, 32, false, true, false, {{3072, 1.4383, 2.8728}, {48, 1.0337, 0.0356}}, {1.68, 1.044}},
    {"iid-outlier", "fp8-smooth-kv", 64, 768, 128, true, true, false, {{3072, 1.3638, 3.9687}, {48, 1.0250, 0.1211}}, {1.79, 1.087}},
    {"v-mean", "fp8-smooth-kv", 64, 512, 64, true, true, false, {{3072, 1.2761, 1.6463}, {48, 1.0166, 0.0275}}, {1.46, 1.024}},
    {"sink", "fp8-smooth-kv", 64, 384, 128, false, true, false, {{3072, 1.1809, 1.4727}, {48, 1.0154, 0.0371}}, {1.36, 1.033}},
    {"k-channel", "fp8-smooth-kv", 64, 2048, 64, false, true, false, {{3072, 1.4840, 2.8531}, {48, 0.9632, 0.0863}}, {1.77, 0.986}},
    {"normal:sigma=3", "fp8-smooth-kv", 64, 192, 256, true, true, false, {{3072, 1.7841, 2.9170}, {48, 1.1531, 0.2292}}, {2.21, 1.266}},
    {"needle", "fp8-smooth-kv", 64, 64, 64, true, true, false, {{3072, 1.4947, 4.7232}, {48, 1.1811, 0.2442}}, {1.97, 1.306}},
    {"diffuse", "fp8-smooth-kv", 64, 192, 32, false, true, false, {{3072, 1.4472, 2.4338}, {48, 1.0433, 0.0867}}, {1.72, 1.071}},
    {"cancelling", "fp8-smooth-kv", 64, 768, 128, true, true, false, {{3072, 0.1393, 19.2787}, {48, 0.0448, 0.7202}}, {0.41, 0.057}},
    {"normal", "standard-fp16", 64, 512, 64, true, false, true, {{3072, 1.3602, 3.5292}, {48, 1.0414, 0.1740}}, {1.75, 1.094}},
    {"iid-outlier", "standard-fp16", 64, 384, 128, false, false, true, {{3072, 1.5681, 4.7992}, {48, 1.1353, 0.6569}}, {2.35, 1.651}},
    {"v-mean", "standard-fp16", 64, 2048, 64, false, false, true, {{3072, 1.1362, 1.1241}, {48, 1.0097, 0.0287}}, {1.24, 1.018}},
    {"sink", "standard-fp16", 64, 192, 256, true, false, true, {{3072, 1.3277, 1.5332}, {48, 1.0113, 0.0875}}, {1.46, 1.061}},
    {"k-channel", "standard-fp16", 64, 64, 64, true, false, true, {{3072, 1.8055, 3.4696}, {48, 1.0370, 0.3814}}, {2.33, 1.140}},
    {"normal:sigma=3", "standard-fp16", 64, 192, 32, false, false, true, {{3072, 1.9158, 4.1506}, {48, 1.0891, 0.1417}}, {2.43, 1.143}},
    {"needle", "standard-fp16", 64, 768, 128, true, false, true, {{3072, 1.3204, 1.9906}, {48, 0.9863, 0.0796}}, {1.52, 1.015}},
    {"diffuse", "standard-fp16", 64, 512, 64, true, false, true, {{3072, 1.3458, 3.6310}, {48, 1.0441, 0.1425}}, {1.70, 1.100}},
    {"cancelling", "standard-fp16", 64, 384, 128, false, false, true, {{3072, 0.0063, 3.4391}, {48, 0.0037, 0.0733}}, {0.01, 0.004}},
    {"v-mean", "fp8-two-level", 64, 16384, 32, false, true, false, {{1536, 1.7923, 1.4523}, {24, 1.4026, 0.0364}}, {2.05, 1.437}},
    {"v-mean", "fa3-fp16", 64, 16384, 32, false, false, false, {{1536, 1.2003, 0.9963}, {24, 1.0144, 0.0290}}, {1.36, 1.029}},
};
const size_t at_check_spread_count = sizeof at_check_spreads / sizeof at_check_spreads[0];

int64_t at_check_spread_rows(void)
{
    int64_t fewest = INT64_MAX;
    for (size_t i = 0; i < at_check_spread_count; i++)
        fewest = at_check_spreads[i].queries < fewest ? at_check_spreads[i].queries : fewest;
    return fewest;
}

double at_check_tail_bound(const struct at_check_tail *tail, double draws, double level)
{
    const double k = floor(sqrt(tail->count)), rarity = draws * (k + 1) / ((tail->count + 1) * level);
    return rarity > 1 ? tail->threshold * exp(tail->sum * expm1(log(rarity) / k)) : tail->threshold;
}

/* Whether a setting speaks for the numerics. */
static bool speaks(const struct at_check_spread *s, const struct at_numerics *n)
{
    bool eight = at_formats[n->p_format].bits == 8, rounded = n->score_format != AT_FP32;
    return s->rounded ? rounded : s->eight == eight;
}

double at_check_spread_bound(enum at_check_spread_of of, const struct at_numerics *numerics, int64_t rows, double draws, double level)
{
    double bound = NAN;
    if (of == AT_CHECK_SPREAD_HEADS && rows < at_check_spread_rows())
        return NAN;
    for (size_t i = 0; i < at_check_spread_count && draws > 0; i++)
        if (speaks(&at_check_spreads[i], numerics) && at_check_spreads[i].tail[of].threshold >= 1)
            bound = fmax(bound, at_check_tail_bound(&at_check_spreads[i].tail[of], draws, level));
    return bound;
}
