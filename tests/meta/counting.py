# SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception
# Copyright (C) 2026 the attest authors
"""scripts/count-tests counts what happened: never a pass for a failure, never a success for nothing.

Usage: counting.py ROOT
"""
import json
import os
import subprocess
import sys
import tempfile

CMOCKA = '[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n[       OK ] b\n'
FAILED = '[       OK ] a\n[  FAILED  ] b\n[  PASSED  ] 1 test(s).\n[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] b\n'
SKIPPED = '[       OK ] a\n[  SKIPPED ] gpu\n[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] gpu\n'
# name, [(result, stdout)], meson's status, the last line, the exit status
CASES = [
    ('cases, not programs', [('OK', CMOCKA), ('OK', 'ok 1 - x\nok 2 - y\nok 3 - z\n'), ('OK', 'no framework')], 0, '6 passed, 0 failed', 0),
    ('a failed case', [('FAIL', FAILED)], 1, '1 passed, 1 failed', 1),
    ('a failed case of a program that claims success', [('OK', FAILED)], 0, '1 passed, 1 failed', 1),
    ('a crash after good cases', [('FAIL', CMOCKA)], 1, '2 passed, 1 failed', 1),
    ('a time-out', [('TIMEOUT', '')], 1, '0 passed, 1 failed', 1),
    ('a failure that was expected', [('EXPECTEDFAIL', FAILED)], 0, '1 passed, 0 failed', 0),
    ('a pass that was not', [('UNEXPECTEDPASS', CMOCKA)], 1, '2 passed, 1 failed', 1),
    ('skipped cases and programs', [('OK', SKIPPED), ('SKIP', '')], 0, '1 passed, 0 failed, 2 skipped', 0),
    ('TAP', [('FAIL', 'ok 1 - x\nnot ok 2 - y\nok 3 - z # SKIP no GPU\n')], 1, '1 passed, 1 failed, 1 skipped', 1),
    ('nothing but skipped', [('SKIP', '')], 0, '0 passed, 0 failed, 1 skipped', 1),
    ('no test at all', [], 0, '0 passed, 0 failed', 1),
    ('no log', None, 1, '0 passed, 0 failed', 1),
    ('meson failed for another reason', [('OK', CMOCKA)], 2, '2 passed, 0 failed', 1),
]


def main():
    script = os.path.join(sys.argv[1], 'scripts', 'count-tests')
    wrong = 0
    print(f'1..{len(CASES)}')
    for number, (name, programs, status, last, code) in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, 'testlog.json')
            if programs is not None:
                with open(log, 'w', encoding='utf-8') as file:
                    for index, (result, stdout) in enumerate(programs):
                        file.write(json.dumps({'name': f'program {index}', 'result': result, 'stdout': stdout}) + '\n')
            done = subprocess.run([sys.executable, script, log, str(status)], capture_output=True, text=True, check=False)
        got = done.stdout.strip().split('\n')[-1]
        good = got == last and done.returncode == code
        wrong += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f'{name}: wanted "{last}" and {code}, got "{got}" and {done.returncode}: {done.stderr.strip()}', file=sys.stderr)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
