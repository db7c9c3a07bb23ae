# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""A study killed with SIGKILL at random moments and resumed each time ends with the facts of one never killed.

Usage: killed.py ATTEST [KILLS [SEED]]
"""
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

STUDY = """name: killed
rows: 16
variants: [fa3-fp16, fa3-fp8, fp8-two-level, fp8-block-hadamard, fp8-smooth-kv, standard-fp16]
inputs:
  - distribution: iid-outlier
    label: outliers
    shape: {heads: 4, lengths: [512, 1024], dim: 64}
    format: fp16
    seeds: [1, 2]
  - distribution: v-mean:mean=0.5
    label: shifted
    shape: {heads: 4, kv-heads: 2, keys: 384, dim: 128}
    causal: true
    format: bf16
    seeds: [7]
"""

# What a fact says, without row numbers, clocks and durations.
FACTS = {
    'run': """SELECT input.label, input.seed, input.seq_k, input.sha256, variant.name, variant.numerics, run.rows, run.rows_seed,
                     run.operands_sha256, run.output_sha256, run.elements, run.saturated, run.underflowed, run.p_elements, run.p_saturated,
                     run.p_underflowed
              FROM run JOIN input ON input.id = run.input JOIN variant ON variant.id = run.variant""",
    'measure': """SELECT input.label, input.seed, input.seq_k, variant.name, reference.against, reference.truth_sha256,
                         reference.precision_bits, reference.radius_log2, reference.undefined_rows, measure.scope, measure.batch,
                         measure.head, measure.row, measure.metric, measure.value, measure.radius
                  FROM measure JOIN reference ON reference.id = measure.reference JOIN run ON run.id = reference.run
                  JOIN input ON input.id = run.input JOIN variant ON variant.id = run.variant""",
    'histogram': """SELECT input.label, input.seed, input.seq_k, variant.name, reference.against, histogram.first, histogram.counts,
                           histogram.zeros, histogram.nonfinite, histogram.below, histogram.above
                    FROM histogram JOIN reference ON reference.id = histogram.reference JOIN run ON run.id = reference.run
                    JOIN input ON input.id = run.input JOIN variant ON variant.id = run.variant""",
    'study': 'SELECT sha256, name, text FROM study',
    'asked': 'SELECT study.sha256, asked.nth FROM asked JOIN study ON study.id = asked.study',
    'planned': """SELECT study.sha256, description.label, description.seed, description.seq_k, planned.copy, variant.name, planned.rows,
                         planned.rows_seed, planned.oracle
                  FROM planned JOIN study ON study.id = planned.study JOIN description ON description.id = planned.description
                  JOIN variant ON variant.id = planned.variant""",
    'found': 'SELECT study.sha256, found.copy, found.nth, input.sha256 FROM found JOIN study ON study.id = found.study '
             'JOIN input ON input.id = found.input',
}


def facts(database):
    connection = sqlite3.connect(database)
    found = {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in FACTS.items()}
    connection.close()
    return found


def command(attest, study, database):
    return [attest, 'run', study, '--db', database]


def run_killed(attest, study, database, kills, seed, whole):
    """Kills each of `kills` attempts within a tenth of the time that the whole study took, then lets it finish; how many kills struck."""
    chance, struck = random.Random(seed), 0
    for _ in range(kills):
        child = subprocess.Popen(command(attest, study, database), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(chance.uniform(0, whole / 10))
        child.send_signal(signal.SIGKILL)
        child.stderr.close()
        struck += child.wait() == -signal.SIGKILL
    subprocess.run(command(attest, study, database), check=True, stdout=subprocess.DEVNULL)
    return struck


def main(attest, kills=20, seed=1):
    with tempfile.TemporaryDirectory() as folder:
        study, calm, killed = (os.path.join(folder, name) for name in ('study.yaml', 'calm.db', 'killed.db'))
        with open(study, 'w', encoding='utf-8') as file:
            file.write(STUDY)
        start = time.monotonic()
        subprocess.run(command(attest, study, calm), check=True, stdout=subprocess.DEVNULL)
        whole = time.monotonic() - start
        struck = run_killed(attest, study, killed, kills, seed, whole)
        expected, got = facts(calm), facts(killed)
        counts = {name: len(rows) for name, rows in expected.items()}
        print(f'# {struck} of {kills} kills struck a study of {whole:.1f} s, seed {seed}; facts {counts}')
        for name, rows in expected.items():
            differ = [pair for pair in zip(rows, got[name]) if pair[0] != pair[1]]
            if len(rows) != len(got[name]) or differ or not rows:
                print(f'{name}: {len(rows)} facts never killed, {len(got[name])} killed; first difference {differ[:1]}')
                print(f'again: python3 {sys.argv[0]} {attest} {kills} {seed}')
                return 1
        if struck < kills // 2:
            print(f'only {struck} of {kills} kills struck: the study is too short to prove anything')
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
