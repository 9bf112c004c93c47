# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Runs a unittest module's tests and reports each as a line of TAP, which meson counts.

A test file ends with:   if __name__ == "__main__": tap.main()
"""

import os
import sys
import traceback
import unittest


class _TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0

    def _line(self, verdict, test, remark=""):
        self.number += 1
        print(f"{verdict} {self.number} - {test.id().split('.', 1)[-1]}{remark}", flush=True)

    def _diagnose(self, error):
        for line in "".join(traceback.format_exception(*error)).splitlines():
            print(f"# {line}", flush=True)

    def addSuccess(self, test):
        self._line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line("not ok", test)
        self._diagnose(err)

    def addError(self, test, err):
        super().addError(test, err)
        self._line("not ok", test)
        self._diagnose(err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line("ok", test, f" # SKIP {reason}")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._line("not ok", subtest)
            self._diagnose(err)


def main():
    """Runs __main__'s tests, or those named by arguments; only what matches HSM4_TESTS, if set."""
    loader = unittest.TestLoader()
    wanted = os.environ.get("HSM4_TESTS")
    if wanted:
        loader.testNamePatterns = [f"*{wanted}*"]
    module = sys.modules["__main__"]
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    if wanted and suite.countTestCases() == 0:
        print(f"1..0 # SKIP no test is named *{wanted}*", flush=True)
        return
    result = _TapResult()
    suite.run(result)
    print(f"1..{result.number}", flush=True)
    sys.exit(0 if result.wasSuccessful() and result.number else 1)
