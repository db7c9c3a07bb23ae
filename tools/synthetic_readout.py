#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""Writes a readout matrix of random numbers for trying `attest run --readout` where a model's own is not at hand.

Its elements are independent normal numbers with standard deviation GAIN / sqrt(width), so that its rows are nearly orthogonal to each
other and a logit has the standard deviation GAIN |o| / sqrt(width). It is no model's: what attest makes of it says nothing about tokens.

    tools/synthetic_readout.py FILE --tokens 4096 --width 768 [--gain 3] [--seed 1]
"""
import argparse
import array
import json
import random
import struct
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('file')
    parser.add_argument('--tokens', type=int, required=True)
    parser.add_argument('--width', type=int, required=True)
    parser.add_argument('--gain', type=float, default=3)
    parser.add_argument('--seed', type=int, default=1)
    a = parser.parse_args()
    if a.tokens < 2 or a.width < 1:
        parser.error('give 2 tokens or more, and a width of 1 or more')
    draw = random.Random(a.seed)
    sigma = a.gain / a.width ** 0.5
    size = 4 * a.tokens * a.width
    header = json.dumps({'__metadata__': {'made_by': 'tools/synthetic_readout.py', 'gain': str(a.gain), 'seed': str(a.seed)},
                         'w': {'dtype': 'F32', 'shape': [a.tokens, a.width], 'data_offsets': [0, size]}}).encode()
    with open(a.file, 'wb') as file:
        file.write(struct.pack('<Q', len(header)) + header)
        for _ in range(a.tokens):
            row = array.array('f', (draw.gauss(0, sigma) for _ in range(a.width)))
            if sys.byteorder == 'big':
                row.byteswap()
            file.write(row.tobytes())


if __name__ == '__main__':
    main()
