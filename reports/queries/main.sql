-- SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
-- Copyright (C) 2026 the attest authors

-- The main table: one row a case and variant. The whole error is against the truth of the original inputs, the kernel's part against that
-- of the dequantised operands.
SELECT titled.run, titled.input, titled.title AS "case", titled.label, titled.variant, titled.study, titled.computed_by, device.kind AS device_kind,
       device.name AS device, titled.rows, titled.seq_q,
       titled.seq_k,
       titled.heads_q * titled.batches AS heads, titled.seed,
       max(CASE WHEN reference.against = 'original' THEN reference.undefined_rows END) AS undefined_rows,
       max(CASE WHEN reference.against = 'original' AND measure.metric = 'rel_rmse' THEN measure.value END) AS rel_rmse,
       max(CASE WHEN reference.against = 'dequantised' AND measure.metric = 'rel_rmse' THEN measure.value END) AS kernel_rel_rmse,
       max(CASE WHEN reference.against = 'original' AND measure.metric = 'max_rel_sum_abs' THEN measure.value END) AS max_rel_sum_abs,
       max(CASE WHEN reference.against = 'original' AND measure.metric = 'nonfinite' THEN measure.value END) AS nonfinite,
       max(CASE WHEN reference.against = 'original' AND measure.metric = 'lse_error' THEN measure.value END) AS lse_error,
       max(CASE WHEN reference.against = 'original' AND measure.metric = 'saturated' THEN measure.value END) AS saturated,
       max(CASE WHEN reference.against = 'original' AND measure.metric = 'underflowed' THEN measure.value END) AS underflowed
FROM titled JOIN device ON device.id = titled.device LEFT JOIN reference ON reference.run = titled.run
     LEFT JOIN measure ON measure.reference = reference.id AND measure.scope = 'case'
GROUP BY titled.run ORDER BY titled.input, titled.rows, titled.rows_seed, titled.variant_id
