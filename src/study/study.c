/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/study.h"

#include <stdlib.h>

void at_study_done(struct at_study *study)
{
    for (size_t i = 0; i < study->input_count; i++) {
        struct at_study_input *input = &study->inputs[i];
        free(input->label);
        free(input->place);
        free(input->capture);
        free(input->q_name);
        free(input->k_name);
        free(input->v_name);
        free(input->layout);
        free(input->readout);
        free(input->readout_tensor);
        free(input->seeds);
    }
    free(study->inputs);
    free(study->variants);
    free(study->name);
    *study = (struct at_study){0};
}
