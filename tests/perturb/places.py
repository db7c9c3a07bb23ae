# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Where each rounding of docs/numerics.md is performed, how that line could be wrong, and the test that must notice.

PLACES: (source, places); a place is (tag, what its line does, perturbations); a perturbation is (text on the line, its replacement, test
file, test case). The line is the one of the source that carries the tag in a comment, at its end or alone on the line above; the text
occurs on it once. cut(x) is an fp32 number truncated toward zero (perturb.py gives it to every perturbed file).

{path} in a test's name stands for avx2 and avx512: a header that both include is perturbed once for each.
"""

ROTATE, PREPARE, SCALE = (f'tests/kernels/prepare/test_{name}.c' for name in ('rotate', 'prepare', 'scale'))
HEAD, ROW, SCORES, SOFTMAX, VALUES, ATTENTION, PANEL, WGMMA, MUFU, LANES, FA3 = (
    f'tests/kernels/twin/test_{name}.c'
    for name in ('head', 'row', 'scores', 'softmax', 'values', 'attention', 'panel', 'wgmma', 'mufu', 'lanes', 'fa3'))
AVX2, AVX512, PATH = (f'tests/kernels/twin/test_wgmma_{name}.c' for name in ('avx2', 'avx512', '{path}'))
LOOPS = 'tests/kernels/twin/test_lanes_{path}.c'
FORMAT, NUMERICS, PROBLEM = (f'tests/core/test_{name}.c' for name in ('format', 'numerics', 'problem'))

IN_PLACE = 'every_rounding_is_in_its_place'
BITS, CODES, MEANS = 'means_and_shift_to_the_bit', 'codes_are_encodings_of_scaled_elements', 'means_and_what_they_take_from_the_scores'
FORMS, THRICE = 'scores_and_coefficients_of_every_form', 'rounded_scores_round_three_times'
OUTPUT_BITS, ROW_LSE_BITS = (f'every_rounding_of_the_{what}_is_in_its_place' for what in ('output', 'log_sum_exp'))
TILE_BITS, LANE_SUMS, LSE_BITS = 'every_rounding_of_a_tile_is_in_its_place', 'sums_follow_the_lanes_of_the_quad', 'log_sum_exp_to_the_bit'
REGIMES, HAND, SPECIALS = 'every_regime_gives_the_bits_of_the_specification', 'figures_by_hand', 'specials_follow_their_rules'
TINY, SAME, RANGE = 'tiny_sums_follow_the_hardware', 'gives_the_scalar_bits', 'leaves_its_range_to_scalar'
LARGEST = 'holds_the_largest_sums'
PINS, NEAREST = 'outputs_are_pinned', 'exact_functions_are_the_nearest_floats'
BY_HAND = 'every_distance_between_product_and_accumulator'

PLACES = (
    ('kernels/prepare/rotate.c', (
        ('E1a', 'the signs, first', (('signs[c]', 'signs[dim - 1 - c]', ROTATE, IN_PLACE),)),
        ('E1b', 'distances 1, 2, 4, …', (
            ('int distance = 1; distance < width; distance *= 2', 'int distance = width / 2; distance > 0; distance /= 2',
             ROTATE, IN_PLACE),)),
        ('E1c', 'a sum', (('a + b', 'cut((double)a + (double)b)', ROTATE, IN_PLACE),)),
        ('E1d', 'a difference', (('a - b', 'cut((double)a - (double)b)', ROTATE, IN_PLACE),)),
        ('E1e', '1/√w', (('(float)(1.0 / sqrt(width))', 'nextafterf((float)(1.0 / sqrt(width)), 1.0f)', ROTATE, IN_PLACE),)),
        ('E1f', 'the product with it, last; −0 is +0', (
            ('(x[c] + 0.0f) * norm', '(x[c] + 0.0f) / sqrtf((float)width) + 0 * norm', ROTATE, IN_PLACE),
            ('(x[c] + 0.0f)', 'x[c]', ROTATE, 'zeros_of_a_rotated_row_are_positive'))),
        ('E22b', '1/√w on the way back', (
            ('(float)(1.0 / sqrt(width))', 'nextafterf((float)(1.0 / sqrt(width)), 1.0f)', ROTATE, IN_PLACE),)),
        ('E22c', 'product with it and sign on the way back', (
            ('x[c] * norm', 'x[c] / sqrtf((float)width) + 0 * norm', ROTATE, IN_PLACE),)),
    )),
    ('kernels/prepare/prepare.c', (
        ('E2a', 'rows that are summed first', (('128', '64', PREPARE, BITS),)),
        ('E2b', 'a row added, in order', (
            ('values[s * dim + c]', 'values[(first + last - 1 - s) * dim + c]', PREPARE, BITS),
            ('part[c] += values[s * dim + c]', 'part[c] = cut((double)part[c] + (double)values[s * dim + c])', PREPARE, BITS))),
        ('E2c', 'a sum of 128 rows added', (('mean[c] += part[c]', 'mean[c] = cut((double)mean[c] + (double)part[c])', PREPARE, BITS),)),
        ('E2d', 'the division', (('/= (float)rows', '*= 1.0f / (float)rows', PREPARE, BITS),)),
        ('E2e', 'rows of a mean of Q', (('{AT_Q_MEAN_ROWS', '{64', PREPARE, BITS),)),
        ('E3a', 'x − mean', (('x[s * dim + c] -= m[c]', 'x[s * dim + c] = cut((double)x[s * dim + c] - (double)m[c])', PREPARE, MEANS),)),
        ('E3b', 'the chain of q·mean(K)', (
            ('fmaf(q[c], mean[c], dot)', 'q[c] * mean[c] + dot', PREPARE, BITS),
            ('fmaf(q[c], mean[c], dot)', 'fmaf(q[p->dim - 1 - c], mean[p->dim - 1 - c], dot)', PREPARE, BITS))),
        ('E3c', 'times the softmax scale', (('dot * scale', 'cut((double)dot * (double)scale)', PREPARE, BITS),)),
        ('E5a', '1/s', (('1.0f / at_scale_of(&operand->scale, head / t->heads, head % t->heads, s, c)',
                           'cut(1.0 / (double)at_scale_of(&operand->scale, head / t->heads, head % t->heads, s, c))', PREPARE, CODES),)),
        ('E5b', 'x · fl(1/s)', (('x[c] * reciprocal[c]', 'x[c] / (1.0f / reciprocal[c])', PREPARE, CODES),)),
        ('E6a', 'the cast to the stored format', (
            ('numerics->storage, scaled,', 'numerics->storage, at_decode(AT_FP16, at_encode(AT_FP16, scaled, AT_OVERFLOW_IEEE)),', PREPARE,
             CODES),
            ('numerics->storage, scaled', 'numerics->format, scaled', PREPARE, CODES))),
        ('E6b', '8-bit formats saturate, 16-bit ones overflow', (
            ('eight ? AT_OVERFLOW_SATURATE', '!eight ? AT_OVERFLOW_SATURATE', PREPARE, 'specials_in_the_inputs'),)),
        ('E6c', 'widening to the unit\'s format', (('kept, overflow', 'scaled, overflow', PREPARE, CODES),)),
    )),
    ('kernels/prepare/scale.c', (
        ('E4a', 'amax / F', (
            ('amax / (float)largest', 'amax * (float)(1.0 / largest)', SCALE, 'groups_are_those_of_the_granularity'),)),
        ('E4b', 'up to a power of two', (('< (double)amax', '<= (double)amax', SCALE, 'powers_of_two_fit_and_do_not_waste'),)),
        ('E4c', 'at least 2^−126', (('0x1p-126f ?', '0x1p-127f ?', SCALE, 'scales_from_amax_and_at_the_edges'),)),
        ('E4d', '1 for zeros and infinities', ((' || isinf(amax)', '', PREPARE, 'specials_in_the_inputs'),)),
        ('E4f', 'rows that share a scale', (('s / block', 's / block / 2', SCALE, 'groups_are_those_of_the_granularity'),)),
        ('E4g', 'query heads that share a scale', (('i, share', 'i, 1', SCALE, 'groups_are_those_of_the_granularity'),)),
        ('E4e', 'NaN stays out of amax', (('magnitude > amax[g]', '!(magnitude <= amax[g])', SCALE, 'nan_does_not_enter_the_maximum'),)),
    )),
    ('src/core/format.c', (
        ('E6d', 'every cast (E6, E10, E15, E23): nearest, ties to even', (
            ('rest > half || (rest == half && (kept & 1))', 'rest >= half', FORMAT, 'neighbourhoods_of_values_and_midpoints'),
            ('rest > half || (rest == half && (kept & 1))', 'rest > half && half == 0', FORMAT, 'neighbourhoods_of_values_and_midpoints'))),
        ('E6e', 'beyond the largest: saturation or infinity', (
            ('== AT_OVERFLOW_SATURATE', '!= AT_OVERFLOW_SATURATE', FORMAT, 'random_floats'),)),
    )),
    ('src/core/problem.c', (
        ('E7e', 'the softmax scale in fp32', (
            ('(float)(p->scale > 0 ? p->scale : 1.0 / sqrt((double)p->dim))',
             'cut(p->scale > 0 ? p->scale : 1.0 / sqrt((double)p->dim))', PROBLEM, 'the_scale_is_the_nearest_float'),)),
        ('T7', 'keys that a row sees under the mask', (('row + 1 +', 'row +', PROBLEM, 'keys_are_those_of_the_mask'),)),
    )),
    ('src/core/numerics.c', (
        ('E8c', 'products of one WGMMA', (('256', '128', WGMMA, HAND),)),
        ('T6a', 'a single query has no mask', ((' && p->seq_q > 1', '', NUMERICS, 'automatic_tiles'),)),
        ('T6b', 'keys of a tile, d ≤ 64', (('160', '128', FA3, 'fp8_of_64_columns_and_grouped_queries'),
                                           ('two_level ? 128', 'two_level ? 160', FA3, 'vllm_fp8_in_two_levels'),
                                           ('128 : 192', '128 : 176', FA3, 'fp16_of_64_columns_and_grouped_queries'))),
        ('T6c', 'keys of a tile, d ≤ 128', (('224', '192', FA3, 'fp8_of_128_columns_and_a_ragged_length'),
                                            ('two_level ? 192', 'two_level ? 224', FA3, 'vllm_fp8_in_two_levels'),
                                            ('176', '128', FA3, 'fp16_of_128_columns_and_a_ragged_length'),
                                            ('causal ? 128', 'causal ? 176', FA3, 'vllm_bf16_causal_of_128_columns'))),
        ('T6d', 'keys of a tile, d = 256', (('128 : 80', '112 : 80', FA3, 'vllm_fp8_in_two_levels'),
                                            ('128 : 80', '128 : 96', FA3, 'vllm_fp16_causal_of_256_columns'))),
        ('T6f', 'query rows of a tile, d ≤ 64', (('192', '128', NUMERICS, 'automatic_tiles'),)),
        ('T6g', 'query rows of a tile, d ≤ 128', (('128', '192', NUMERICS, 'automatic_tiles'),)),
        ('T6h', 'query rows of a tile, d = 256', (('128', '64', NUMERICS, 'automatic_tiles'),)),
        ('T6e', 'tiles beside scale blocks', (('BLOCK_TILE', 'BLOCK_TILE / 2', NUMERICS, 'blocks_and_promotion_take_tiles_of_128'),)),
    )),
    ('kernels/twin/head.c', (
        ('T1', 'the visiting order', (('AT_ORDER_REVERSE', 'AT_ORDER_FORWARD', HEAD, 'tiles_cover_the_keys'),)),
        ('T2', 'keys of the last tile', (('return left < head->numerics->tile_n ? left :', 'return left < 0 ? left :', HEAD,
                                          'tiles_cover_the_keys'),)),
        ('E7a', 'log2 scale: one rounding of a double product', (
            ('(float)((double)head.scale * 0x1.71547652b82fep+0)', 'head.scale * 0x1.715476p+0f', HEAD, 'the_softmax_scale_in_base_two'),)),
        ('E9a', 'which scores are multiplied one by one', (
            (' || block % n->tile_n', '', HEAD, 'the_form_of_the_scores_follows_the_scales'),
            ('(normalised || ', '((normalised && block > 128) || ', HEAD, 'the_form_of_the_scores_follows_the_scales'))),
        ('E15b', 'the largest token scale of V', (('at_scale_of(v, b, head.kv, s, 0)', '1.0f', HEAD,
                                                   'token_scales_fold_relative_to_the_largest'),)),
        ('E15g', 'of rows that are not all zero', (
            ('if (!is_zero_row(', 'if (s >= 0 || !is_zero_row(', HEAD, 'zero_rows_of_v_set_no_token_scale'),)),
        ('E15c', 's_v,j / s', (('/ head.v_scale', '* (1.0f / head.v_scale)', HEAD, 'token_scales_fold_relative_to_the_largest'),
                               ('? 1.0f :', '? 0.0f :', HEAD, 'zero_rows_of_v_set_no_token_scale'))),
    )),
    ('kernels/twin/scores.c', (
        ('E7b', 'c with one scale of K', (('(q_scale * at_scale_of(&o->k.scale, head->b, head->kv, first, 0))',
                                           'q_scale * at_scale_of(&o->k.scale, head->b, head->kv, first, 0)', SCORES, FORMS),)),
        ('E7c', 'c with scales inside a tile, or a smoothed Q', (
            ('head->log2_scale * q_scale', 'cut((double)head->log2_scale * (double)q_scale)', SCORES, FORMS),)),
        ('E7d', 'c of rounded scores', (('0x1.715476p+0f', '0x1.715474p+0f', SCORES, FORMS),)),
        ('E8a', 'the chain starts from zero', (('memset(w->scores, 0,', 'memset(w->scores, 0x3f,', SCORES, FORMS),)),
        ('E9b', 'S · s_k', (('s * k_scale', 'cut((double)s * (double)k_scale)', SCORES, FORMS),)),
        ('E9c', 'S with a smoothed Q, or S times both scales', (
            ('fmaf(s, scale, q_mean_score(head, row, j))', 's * scale + q_mean_score(head, row, j)', SCORES, FORMS),
            (': s * scale', ': cut((double)s * (double)scale)', SCORES, THRICE))),
        ('E9d', 'the chain of mean(Q)·k', (
            ('fmaf(mean[c], k[c], sum)', 'mean[c] * k[c] + sum', SCORES, FORMS),
            ('fmaf(mean[c], k[c], sum)', 'fmaf(mean[p->dim - 1 - c], k[p->dim - 1 - c], sum)', SCORES, FORMS))),
        ('E10a', 's_q · s_k', (('at_scale_of(&head->operands->q.scale, head->b, head->h, row->position, 0) * k_scale',
                                 'cut((double)at_scale_of(&head->operands->q.scale, head->b, head->h, row->position, 0) * (double)k_scale)',
                                 SCORES, THRICE),)),
        ('E10b', 'times the softmax scale, and the rounding', (
            ('at_encode(n->score_format, s * head->scale, AT_OVERFLOW_IEEE)',
             'at_encode(n->score_format, cut((double)s * (double)head->scale), AT_OVERFLOW_IEEE)', SCORES, THRICE),
            ('s * head->scale, AT_OVERFLOW_IEEE)', 's * head->scale, AT_OVERFLOW_SATURATE)', SCORES, THRICE))),
        ('T4', 'the mask inside a tile', (('first < 0 ? 0 :', 'first < 0 ? n :', SCORES, FORMS),
                                          ('rows[r]->keys - first : n', 'rows[r]->keys - first + 1 : n', SCORES, FORMS))),
        ('T5', 'masked scores are −infinity', (('-INFINITY', '-0x1p100f', SCORES, FORMS),)),
    )),
    ('kernels/twin/softmax.c', (
        ('E11a', 'the offset 8', (('8.0f', '7.0f', SOFTMAX, 'offsets_and_their_factors'),)),
        ('E11b', 'the offset log2(448)', (('0x1.19d5dap+3f', '0x1.19d5d8p+3f', SOFTMAX, 'offsets_and_their_factors'),)),
        ('E11c', 'the shift', (
            ('fmaf(most, c, -rule->offset)', 'most * c - rule->offset', SOFTMAX, TILE_BITS),
            ('fmaf(most, c, -rule->offset)', 'fmaf(most, c, -rule->offset) - rule->offset', SOFTMAX, TILE_BITS),
            ('? most - rule->offset', '? cut((double)most - (double)rule->offset)', SOFTMAX, TILE_BITS))),
        ('E11d', 'the maximum times c, where c changes', (
            ('tile_most *= c', 'tile_most = cut((double)tile_most * (double)c)', SOFTMAX, TILE_BITS),)),
        ('E11f', 'the first tile\'s maximum as it is', (
            ('row->started ?', 'true ?', SOFTMAX, 'maxima_are_those_of_the_unit'),)),
        ('E11g', 'of zeros +0', ((' || (a == b && signbit(a))', '', SOFTMAX, 'maxima_are_those_of_the_unit'),)),
        ('E12a', 'the exponent', ((
            'rule->lanes->shift(scores, n, c, -shift)', 'rule->lanes->shift(scores, n, c, 0), rule->lanes->shift(scores, n, 1, -shift)',
            SOFTMAX, TILE_BITS),)),
        ('E13a', 'the unit, or the nearest number', (('rule->exp2 == AT_MUFU', 'rule->exp2 != AT_MUFU', SOFTMAX, 'evaluation_is_chosen'),)),
        ('E14a', 'the first addition of a tile, fused', (
            ('fmaf(row->sum[lane], rescale, first)', 'row->sum[lane] * rescale + first', SOFTMAX, LANE_SUMS),)),
        ('E14b', 'a lane\'s columns, in order', (
            ('int64_t i = 0; i < n; i += 2 * AT_QUAD', 'int64_t i = (n - 1) / 8 * 8; i >= 0; i -= 2 * AT_QUAD', SOFTMAX, LANE_SUMS),
            ('int64_t i = 0; i < n', 'int64_t i = 8; i < n', SOFTMAX, LANE_SUMS))),
        ('E14c', 'an even column added', ((
            'sum[lane] += at[2 * lane]', 'sum[lane] = cut((double)sum[lane] + (double)at[2 * lane])', SOFTMAX, LANE_SUMS),)),
        ('E14d', 'an odd column added', ((
            'sum[lane] += at[2 * lane + 1]', 'sum[lane] = cut((double)sum[lane] + (double)at[2 * lane + 1])', SOFTMAX, LANE_SUMS),)),
        ('E14e', 'the lanes\' tree', (
            ('(row->sum[0] + row->sum[2]) + (row->sum[1] + row->sum[3])', '(row->sum[0] + row->sum[1]) + (row->sum[2] + row->sum[3])',
             SOFTMAX, LANE_SUMS),
            ('(row->sum[0] + row->sum[2]) + (row->sum[1] + row->sum[3])', 'row->sum[0] + row->sum[2] + row->sum[1] + row->sum[3]',
             SOFTMAX, LANE_SUMS))),
        ('E14f', 'P before its cast', (('== AT_SUM_UNQUANTISED', '== AT_SUM_QUANTISED', SOFTMAX, 'quantised_sums_wait_for_the_cast'),)),
        ('E15a', 'P times the fold', (('p[i] *= fold[i]', 'p[i] = cut((double)p[i] * (double)fold[i])', SOFTMAX,
                                       'folds_are_rounded_before_the_cast'),)),
        ('E17a', 'the difference', (('row->max - (most == -INFINITY ? 0.0f : most)',
                                     'cut((double)row->max - (double)(most == -INFINITY ? 0.0f : most))', SOFTMAX, TILE_BITS),)),
        ('E17b', 'times c', (
            (': difference * c', ': cut((double)difference * (double)c)', SOFTMAX, TILE_BITS),
            (': difference * c', ': fmaf(row->max, c, -(most == -INFINITY ? 0.0f : most) * c) + 0 * difference', SOFTMAX, TILE_BITS))),
        ('E17c', 'then E13', (('at_softmax_exp2(rule, &rescale, 1)', 'rescale = at_ex2_exact(rescale)', SOFTMAX, TILE_BITS),)),
        ('E20a', 'the unit\'s 1/sum, or the nearest', (('== AT_MUFU', '!= AT_MUFU', SOFTMAX, 'evaluation_is_chosen'),)),
        ('E20c', '0 where the sum is 0 or NaN', ((' || isnan(total)', '', SOFTMAX, 'evaluation_is_chosen'),)),
        ('E24b', 'the last fused multiply-add', (
            ('fmaf(max, max_to_natural, log2_sum * at_softmax_ln2)', 'max * max_to_natural + log2_sum * at_softmax_ln2', SOFTMAX, LSE_BITS),
            ('fmaf(max, max_to_natural, log2_sum * at_softmax_ln2)', 'fmaf(log2_sum, at_softmax_ln2, max * max_to_natural)',
             SOFTMAX, LSE_BITS))),
        ('E24c', '1/448', (('1.0f / 448.0f', '0x1.249248p-9f', SOFTMAX, 'offsets_and_their_factors'),)),
        ('E24d', 'sum · 2^−offset', (('total * rule->factor', 'cut((double)total * (double)rule->factor)', SOFTMAX, LSE_BITS),)),
        ('E24e', 'ln 2', (('0x1.62e43p-1f', '0x1.62e42ep-1f', SOFTMAX, LSE_BITS),)),
        ('E24g', 'the unit\'s log2, or the nearest', (('== AT_MUFU', '!= AT_MUFU', SOFTMAX, LSE_BITS),)),
    )),
    ('kernels/twin/lanes.c', (
        ('E13b', 'each exponential', (('at_ex2_approx(x[i])', 'at_ex2_exact(x[i])', SOFTMAX, 'evaluation_is_chosen'),)),
        ('E15d', 'the cast saturates in 8 bits', (('.bits == 8', '.bits != 8', SOFTMAX, 'casts_round_and_count'),)),
        ('E15e', 'the cast', (('at_encode(format, x[i], overflow)',
                               'at_encode(format, at_decode(AT_FP16, at_encode(AT_FP16, x[i], AT_OVERFLOW_IEEE)), overflow)', LANES,
                               'casts'),)),
        ('E12c', 'one fused multiply-add', (('fmaf(x[i], factor, addend)', 'x[i] * factor + addend', SOFTMAX, TILE_BITS),)),
    )),
    ('kernels/twin/values.c', (
        ('T8b', 'and NaN in one of them makes NaN of O', ((
            'isnan(weights[columns - 1])', 'false', ATTENTION, 'columns_without_a_key_are_computed'),)),
        ('E14g', 'P after its cast', (('== AT_SUM_QUANTISED', '== AT_SUM_UNQUANTISED', VALUES, 'sums_and_weights'),)),
        ('E16a', 'the chain starts from O', (
            ('n->promote == AT_PROMOTE_NONE', 'n->promote <= AT_PROMOTE_NONE',
             VALUES, 'promotion_decides_what_small_products_are_worth'),)),
        ('E16b', 'or from zero', (('memset(', 'if (k == 0) memset(', VALUES, 'promotion_within_a_tile'),)),
        ('E18a', 'keys of a promotion', (('? w->v.k :', '? 32 :', VALUES, 'promotion_within_a_tile'),)),
        ('E18b', 'the promotion', (
            ('fmaf(part[c], scale, o[c])', 'part[c] * scale + o[c]', VALUES, 'blocks_are_promoted_in_one_rounding'),
            ('o[c] + part[c]', 'cut((double)o[c] + (double)part[c])', FA3, 'vllm_fp8_in_two_levels'))),
    )),
    ('kernels/twin/attention.c', (
        ('T8a', 'columns that no key fills score −infinity', (('-INFINITY', '0.0f', ATTENTION, 'columns_without_a_key_are_computed'),)),
        ('E11e', 'the shift of normalised P', (('row->softmax.max * c', 'cut((double)row->softmax.max * (double)c)', ATTENTION,
                                                'normalised_weights_are_quotients'),)),
        ('E12b', 'the exponent of normalised P', ((
            'head->rule.lanes->shift(row->scores + first, n, c, -shift)',
            'head->rule.lanes->shift(row->scores + first, n, c, 0), head->rule.lanes->shift(row->scores + first, n, 1, -shift)', ATTENTION,
            'normalised_weights_are_quotients'),)),
        ('E17d', 'O · α', (('row->o[c] *= rescale[r]', 'row->o[c] = cut((double)row->o[c] * (double)rescale[r])', FA3,
                            'fp16_of_64_columns_and_grouped_queries'),)),
        ('E19a', 'the maximum of the whole row first', ((
            'head->rule.lanes->largest(row->scores + first, n, row->softmax.max)', 'row->scores[first + n - 1]', ATTENTION,
                                                         'normalised_weights_are_quotients'),)),
        ('E19b', 'e / sum, or e · rcp(sum)', (
            ('? e / total :', '? e * (1.0f / total) :', ATTENTION, 'normalised_weights_are_quotients'),
            (': e * row->normaliser', ': e / total', ATTENTION, 'normalised_weights_are_quotients'))),
    )),
    ('kernels/twin/row.c', (
        ('T3', 'tiles up to the last that the row tile sees', (('(position / tile_m + 1) * tile_m', 'position + tile_m / tile_m', ROW,
                                                                'rows_visit_the_tiles_of_their_row_tile'),)),
        ('E20b', 'times s_v', (('(n->p_offset == AT_P_NORMALISED ? 1.0f : reciprocal) * head->v_scale',
                               'cut((double)(n->p_offset == AT_P_NORMALISED ? 1.0f : reciprocal) * (double)head->v_scale)', ROW,
                               OUTPUT_BITS),)),
        ('E21a', 'O · factor', (('row->o[c] * factor', 'row->o[c] * reciprocal * head->v_scale + 0 * factor', ROW, OUTPUT_BITS),
                                ('row->o[c] * factor', 'cut((double)row->o[c] * (double)factor)', ROW, OUTPUT_BITS))),
        ('E21b', 'then · s_v,c', (
            ('o[c] *= at_scale_of(&operands->v.scale, head->b, head->kv, 0, c)',
             'o[c] = row->o[c] * (factor * at_scale_of(&operands->v.scale, head->b, head->kv, 0, c))', ROW, OUTPUT_BITS),)),
        ('E22a', 'O + mean', (
            ('o[c] += operands->v.mean[(head->b * head->problem->heads_kv + head->kv) * dim + c]',
             'o[c] = fmaf(row->o[c], factor, operands->v.mean[(head->b * head->problem->heads_kv + head->kv) * dim + c])',
              ROW, OUTPUT_BITS),)),
        ('E23a', 'the output\'s cast', (('AT_OVERFLOW_IEEE', 'AT_OVERFLOW_SATURATE', ROW, OUTPUT_BITS),
                                       ('at_encode(n->output, o[c],',
                                        'at_encode(n->output, at_decode(AT_FP16, at_encode(AT_FP16, o[c], AT_OVERFLOW_IEEE)),', ROW,
                                        OUTPUT_BITS))),
        ('E24a', 'c · ln 2', (('at_twin_coefficient(head, row, 0) * at_softmax_ln2',
                               'cut((double)at_twin_coefficient(head, row, 0) * 0x1.62e42fefa39efp-1)', ROW, ROW_LSE_BITS),)),
        ('E24f', 'plus what K\'s smoothing took', ((
            'head->out->lse[i] += operands->lse_shift[(head->b * head->problem->heads_q + head->h) * head->problem->seq_q + row->position]',
            'head->out->lse[i] = cut((double)head->out->lse[i] + (double)operands->lse_shift'
            '[(head->b * head->problem->heads_q + head->h) * head->problem->seq_q + row->position])', ROW, ROW_LSE_BITS),)),
    )),
    ('kernels/twin/panel.c', (
        ('E8b', 'one instruction after the other', (
            ('int64_t k = first; k < last; k += depth', 'int64_t k = last - depth; k >= first; k -= depth', PANEL,
             'chains_are_instructions_in_order'),)),
        ('W6a', 'exponents beyond ±100 go to the scalar path', (('>= -100', '>= -200', AVX2, RANGE), ('<= 100', '<= 200', AVX2, RANGE))),
        ('W6b', 'so do large accumulators', (('!(fabsf(d[i]) < limit)', 'fabsf(d[i]) >= limit', AVX2, RANGE),)),
        ('W6c', 'earlier beside 8 bits', (('0x1p116f', '0x1p120f', AVX2, RANGE),)),
    )),
    ('kernels/twin/wgmma.c', (
        ('W1a', 'rule 1: e(x) is at least the smallest normal exponent', (
            ('exponent < least ?', 'exponent < least - 99 ?', WGMMA, 'exponents_of_every_code'),)),
        ('W1b', 'rule 1: of fp32 the bits of tf32', (
            ('0xffffe000u', '0xfffff000u', WGMMA, REGIMES),
            ('at_bits_of_float(x) & 0xffffe000u', '(at_bits_of_float(x) + 0x1000) & 0xffffe000u', WGMMA, REGIMES))),
        ('W2a', 'rule 2: the largest e, not renormalised, the accumulator\'s too', (
            ('largest = terms[i].exponent > largest ? terms[i].exponent : largest',
             'largest = fmax(terms[i].exponent + (terms[i].significand >> terms[i].point > 1), largest)', WGMMA, HAND),
            ('largest = terms[i].exponent > largest ?', 'largest = i < r.depth && terms[i].exponent > largest ?', WGMMA, BY_HAND))),
        ('W2b', 'rule 2: at least −133', (('-133', '-132', WGMMA, TINY), ('-133', '-134', WGMMA, TINY))),
        ('W2c', 'rule 2: zeros have no e', (('AT_WGMMA_ZERO', 'ea < eb ? eb : ea', WGMMA, REGIMES),)),
        ('W3a', 'rule 3: F, and rule 4: the bits that are kept', (
            ('{depth, 13, 14}', '{depth, 14, 14}', WGMMA, HAND), ('{depth, 13, 14}', '{depth, 13, 15}', WGMMA, HAND),
            ('{depth, 25, 24}', '{depth, 24, 24}', WGMMA, REGIMES), ('{depth, 25, 24}', '{depth, 25, 25}', WGMMA, REGIMES))),
        ('W3b', 'rule 3: a term is truncated', (
            ('t->significand >> -shift', '(t->significand + (UINT64_C(1) << (-shift - 1))) >> -shift', WGMMA, HAND),
            ('t->significand >> -shift', 't->significand >> -shift | (t->significand << (64 + shift) != 0)', WGMMA, HAND))),
        ('W3c', 'rule 3: toward zero', (
            ('? -(int64_t)magnitude', '? -(int64_t)magnitude - (shift < 0)', WGMMA, HAND),)),
        ('W3d', 'rule 3: the sum is exact', (('sum += aligned(', 'sum = (int64_t)(float)sum + aligned(', WGMMA, REGIMES),)),
        ('W4a', 'rule 4: the sum is truncated to the significant bits', (
            ('magnitude >> drop << drop', '(magnitude + (UINT64_C(1) << (drop - 1))) >> drop << drop', WGMMA, HAND),)),
        ('W4b', 'rule 4: and to multiples of 2^−149', (('-149', '-126', WGMMA, TINY),)),
        ('W4c', 'rule 4: nothing left is +0', (('return 0.0f', 'return sum < 0 ? -0.0f : 0.0f', WGMMA, TINY),)),
        ('W4d', 'rule 4: infinity from 2^128', (('? INFINITY :', '? 0x1.fffffep127f :', WGMMA, SPECIALS),)),
        ('W5a', 'rule 5: the NaN', (('0x7fffffffu', '0x7fc00000u', WGMMA, SPECIALS),)),
        ('W5b', 'rule 5: infinity times zero', ((' || x == 0 || y == 0', '', WGMMA, SPECIALS),)),
        ('W5c', 'rule 5: infinities of both signs', ((' || (positive && negative)', '', WGMMA, SPECIALS),)),
    )),
    ('kernels/twin/wgmma_vector16.h', (
        ('E8b', 'one instruction after the other', (
            ('int64_t k = first; k < last; k += DEPTH16', 'int64_t k = last - DEPTH16; k >= first; k -= DEPTH16', PATH, SAME),)),
        ('W2a', 'rule 2: the largest e', (('vs_max(largest[r][p], ', 'vs_max(vs_spread(0xffa6ffa6u), ', PATH, SAME),)),
        ('W3d', 'rule 3: terms truncated, then added', (
            ('vf_mul(product, unit[r][v])', 'vf_mul(product, vf_mul(unit[r][v], vf_set(0x1.fffffep-1f)))', PATH, SAME),)),
        ('W3e', 'rule 3: the accumulator truncated', (
            ('vf_load(d + h * LANES)', 'vf_mul(vf_load(d + h * LANES), vf_set(0x1.000002p0f))', PATH, SAME),)),
        ('W4c', 'rule 4: nothing left is +0', (('vf_add(vf_load(d + h * LANES), vf_set(0))', 'vf_load(d + h * LANES)', PATH, SAME),)),
        ('W4e', 'rule 4: the significant bits', (
            ('vf_of_int_truncated(totals[h])', 'vf_clear(vf_of_int_truncated(totals[h]), 1)', PATH, SAME),)),
        ('W4f', 'rule 4: of sums beyond int32', (('53 - 24', '54 - 24', PATH, LARGEST),)),
    )),
    ('kernels/twin/wgmma_vector8.h', (
        ('E8b', 'one instruction after the other', (
            ('int64_t k = first; k < last; k += DEPTH8', 'int64_t k = last - DEPTH8; k >= first; k -= DEPTH8', PATH, SAME),)),
        ('W2a', 'rule 2: the largest e', (('vb_max(largest[r], ', 'vb_max(vb_set(-20), ', PATH, SAME),)),
        ('W2c', 'rule 2: zeros have no e', (('? AT_PANEL_NOTHING :', '? -20 :', PATH, SAME),)),
        ('W3a', 'rule 3: accumulators of 2^(E − F + 23)', (('23 - FRACTION8', '22 - FRACTION8', PATH, SAME),)),
        ('W3c', 'rule 3: positive terms truncated and added', (
            ('vf_load(above + v * LANES)', 'vf_mul(vf_load(above + v * LANES), vf_set(0x1.fffffep-1f))', PATH, SAME),)),
        ('W3d', 'rule 3: negative terms truncated and added', (
            ('vf_load(below + v * LANES)', 'vf_mul(vf_load(below + v * LANES), vf_set(0x1.fffffep-1f))', PATH, SAME),)),
        ('W3e', 'rule 3: the accumulator truncated', (
            ('vf_max(c, vf_set(0))', 'vf_mul(vf_max(c, vf_set(0)), vf_set(0x1.fffffep-1f))', PATH, SAME),)),
        ('W4e', 'rule 4: the significant bits', (('0x3ff', '0x1ff', PATH, SAME), ('0x3ff', '0x7ff', PATH, SAME))),
    )),
    ('kernels/twin/wgmma_avx2.c', (
        ('W1a', 'rule 1, of the accumulator', (('_mm256_set1_epi32(127)', '_mm256_set1_epi32(126)', AVX2, SAME),)),
        ('W2c', 'rule 2: zeros have no e', (('_mm256_set1_epi32(AT_WGMMA_ZERO)', '_mm256_set1_epi32(-20)', AVX2, SAME),)),
        ('W3a', 'rule 3: 2^(F − E)', (('fraction + 127', 'fraction + 126', AVX2, SAME),)),
        ('W3b', 'rule 3: truncation by the conversion', (
            ('cvttps_epi32(a)', 'cvttps_epi32(_mm256_add_ps(a, _mm256_set1_ps(0.5f)))', AVX2, SAME),)),
        ('W3f', 'rules 3 and 4: rounding toward zero', (('_MM_ROUND_TOWARD_ZERO', '_MM_ROUND_NEAREST', AVX2, SAME),)),
    )),
    ('kernels/twin/wgmma_avx512.c', (
        ('W1a', 'rule 1, of the accumulator', (('_mm512_set1_epi32(127)', '_mm512_set1_epi32(126)', AVX512, SAME),)),
        ('W2c', 'rule 2: zeros have no e', (('_mm512_set1_epi32(AT_WGMMA_ZERO)', '_mm512_set1_epi32(-20)', AVX512, SAME),)),
        ('W3a', 'rule 3: 2^(F − E)', (('fraction + 127', 'fraction + 126', AVX512, SAME),)),
        ('W3b', 'rule 3: truncation by the conversion', (('_mm512_cvttps_epi32', '_mm512_cvtps_epi32', AVX512, SAME),)),
        ('W3f', 'rule 3: the fused multiply-add truncates', (('_MM_FROUND_TO_ZERO', '_MM_FROUND_TO_NEAREST_INT', AVX512, SAME),)),
        ('W4e', 'rule 4: the significant bits', (('_MM_FROUND_TO_ZERO', '_MM_FROUND_TO_NEAREST_INT', AVX512, SAME),)),
    )),
    ('kernels/twin/lanes_loops.h', (
        ('E12c', 'one fused multiply-add', (
            ('__builtin_fmaf(x[i], factor, addend)', 'x[i] * factor + addend', LOOPS, 'maximum_and_shift'),)),
        ('E15d', 'the cast saturates in 8 bits', (('? beyond :', '? (beyond > max ? max : __builtin_inff()) :', LOOPS, 'casts'),)),
        ('E15e', 'the cast', (('(value * down + magic) - magic', '(cut((double)value * (double)down + (double)magic)) - magic', LOOPS,
                               'casts'),)),
        ('E15f', 'the cast\'s subnormals', (('field < least ? least :', 'field < least - 1 ? least - 1 :', LOOPS, 'casts'),)),
        ('W1a', 'rule 1, of P and Q', (('< floor ? floor :', '< floor - 1 ? floor - 1 :', LOOPS, 'exponents'),)),
        ('W2c', 'rule 2: zeros have no e', (('? AT_WGMMA_ZERO :', '? -133 :', LOOPS, 'exponents'),)),
    )),
    ('kernels/twin/lanes_codes.h', (
        ('W1a', 'rule 1, of 8-bit K and V', (('field < floor ?', 'field < floor - 1 ?', LOOPS, 'decoding'),)),
        ('W2c', 'rule 2: zeros have no e', (('? AT_PANEL_NOTHING :', '? -20 :', LOOPS, 'decoding'),)),
    )),
    ('kernels/twin/lanes_ex2.h', (
        ('U1a', 'ex2: the truncated squarer', (('(sum & 0xffff) >> 1', '((sum & 0xffff) + 1) >> 1', LOOPS, 'exponentials'),)),
        ('U1b', 'ex2: |x| truncated to fixed point', (
            ('where(down > 31, all(31), down)', 'where(down > 31, all(31), down) | 1', LOOPS, 'exponentials'),)),
        ('U1c', 'ex2: ones\' complement of a negative fraction', (('0x7fffff', '0x7ffffe', LOOPS, 'exponentials'),)),
        ('U1d', 'ex2: the quadratic and its rounding constant', (('0x77e2', '0x77e3', LOOPS, 'exponentials'),)),
        ('U1e', 'ex2: subnormal results are flushed', (('field <= 0', 'field < 0', LOOPS, 'exponentials'),)),
    )),
    ('kernels/twin/mufu.c', (
        ('U1a', 'the truncated squarer', (('sum >> 1', '(uint32_t)((uint64_t)x * x >> 19) + 0 * sum', MUFU, PINS),)),
        ('U1b', 'ex2: |x| truncated to fixed point', (
            ('? significand >> shift', '? (significand + (1u << shift >> 1)) >> shift', MUFU, PINS),)),
        ('U1c', 'ex2: ones\' complement of a negative fraction', (('~f & 0x7fffff', '-f & 0x7fffff', MUFU, PINS),)),
        ('U1d', 'ex2: the quadratic and its rounding constant', (('0x77e2', '0x77e1', MUFU, PINS), ('0x77e2', '0x4000', MUFU, PINS))),
        ('U1e', 'ex2: subnormal results are flushed', (('field <= 0', 'field < 0', MUFU, 'special_inputs'),)),
        ('U2a', 'rcp: the quadratic and its rounding constant', (('0x47e7', '0x47e6', MUFU, PINS),)),
        ('U2b', 'rcp: truncated to 24 bits', (('sum >> 15', '(sum + 0x4000) >> 15', MUFU, PINS),)),
        ('U2c', 'rcp: subnormal results are flushed', (('field <= 0', 'field < 0', MUFU, 'special_inputs'),)),
        ('U3a', 'lg2: the quadratic and its rounding constant', (('0x3345', '0x3343', MUFU, PINS),)),
        ('U3b', 'lg2: powers of two go through the table', (('bits != 0x3f800000u', 'f != 0', MUFU, 'powers_of_two_are_exact'),)),
        ('U3c', 'lg2: ones\' complement of a negative sum', (('~r', '-r', MUFU, PINS),)),
        ('U3d', 'lg2: truncated to 24 bits', (
            ('? magnitude >> (top - 23)', '? (magnitude + (UINT64_C(1) << (top - 23) >> 1)) >> (top - 23)', MUFU, PINS),)),
        ('E13c', 'the nearest 2^x', (('(float)at_exp2((double)x)', 'cut(at_exp2((double)x))', MUFU, NEAREST),)),
        ('E24h', 'the nearest log2', (('(float)(at_log((double)x) * log2_e)', '(float)at_log((double)x) * (float)log2_e', MUFU, NEAREST),)),
    )),
    ('kernels/twin/mufu_table.h', (
        ('U1f', 'ex2: coefficients', (('{33554432, 22713, 494}', '{33554432, 22713, 495}', MUFU, PINS),)),
        ('U2d', 'rcp: coefficients', (('{67108862, -65534, 1013}', '{67108862, -65534, 1014}', MUFU, PINS),)),
        ('U3e', 'lg2: coefficients', (('{4, 47272, -727}', '{4, 47272, -726}', MUFU, PINS),)),
    )),
)
