#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Counts the tests in meson's logs and says how many passed and failed, last.

Usage: summary.py [--failed STEP]… LOG.json…

A program that speaks TAP counts once for each of its lines, any other once. What one build skips and
another runs is not skipped.
"""

import json
import re
import sys

TAP_LINE = re.compile(r"(ok|not ok)\b\s*\d*\s*-?\s*(.*)")
SKIPPED = re.compile(r"(.*?)\s*#\s*skip\b:?\s*(.*)", re.IGNORECASE)


def parts(test):
    """(name, verdict, remark) of each test in one program's output, or of the program itself."""
    found = []
    for line in test.get("stdout", "").splitlines():
        match = TAP_LINE.match(line)
        if not match:
            continue
        name, remark = match.group(2), ""
        verdict = "passed" if match.group(1) == "ok" else "failed"
        skip = SKIPPED.match(name)
        if skip:
            name, remark = skip.groups()
            verdict = "skipped" if verdict == "passed" else verdict
        found.append((f"{test['name']}: {name}", verdict, remark))
    result = test["result"]
    whole = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}.get(result, "failed")
    # A program may end badly after good lines: a crash, a leak, the time limit, too few lines.
    if whole == "failed" and not any(verdict == "failed" for _, verdict, _ in found):
        found.append((f"{test['name']}: {result.lower()}", "failed", ""))
    return found or [(test["name"], whole, "")]


def main(arguments):
    failed, skipped, run, passed = [], {}, set(), 0
    while arguments[:1] == ["--failed"]:
        failed.append(arguments[1])
        arguments = arguments[2:]
    for path in arguments:
        try:
            with open(path, encoding="utf-8") as file:
                tests = [json.loads(line) for line in file if line.strip()]
        except OSError:
            tests = []
        if not tests:
            failed.append(f"{path}: no test ran")
        for test in tests:
            for name, verdict, remark in parts(test):
                if verdict == "skipped":
                    skipped[name] = remark
                    continue
                run.update((name, test["name"]))
                if verdict == "failed":
                    failed.append(name)
                passed += verdict == "passed"
    for name in failed:
        print(f"failed: {name}")
    skipped = {name: why for name, why in skipped.items() if name not in run}
    if skipped:
        names = "; ".join(f"{name} ({why})" if why else name for name, why in skipped.items())
        print(f"{len(skipped)} skipped: {names}")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
