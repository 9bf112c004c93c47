# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4-rootfs convert --dry-run: it examines the machine that runs this test, whatever that is, and an
emulated module. Systems of every other kind are laid out by the unit tests."""

import json
import unittest

import fixture
import tap
from fixture import run


class DryRun(unittest.TestCase):
    def setUp(self):
        self.world = self.enterContext(fixture.World())
        self.world.set_config("wait = 1")

    def dry_run(self, *options):
        done = run([fixture.ROOTFS, "convert", "--dry-run", *options], check=False,
                   env=self.world.environment())
        self.assertNotIn(b"Sanitizer", done.stderr)
        return done

    def findings(self, *options):
        done = self.dry_run("--json", *options)
        report = json.loads(done.stdout)
        refused = any(one["severity"] == "refusal" for one in report["findings"])
        self.assertEqual(report["possible"], not refused)
        self.assertEqual(done.returncode, 1 if refused else 0)
        return report["findings"]

    def severity(self, check, *options):
        return [one["severity"] for one in self.findings(*options) if one["check"] == check]

    def test_a_module_that_serves_this_host_is_good(self):
        self.world.bind()
        self.assertEqual(self.severity("module"), ["good", "warning"])  # bound for development

    def test_an_unbound_host_is_refused(self):
        self.assertIn("refusal", self.severity("module"))

    def test_a_module_that_is_absent_is_refused(self):
        self.world.bind()
        self.assertEqual(self.severity("module", "--hsm4-device=unix:/nonexistent"), ["refusal"])

    def test_every_refusal_says_something(self):
        for one in self.findings():
            self.assertTrue(one["what"], one)

    def test_text_ends_with_the_verdict(self):
        done = self.dry_run()
        verdict = done.stdout.decode().strip().splitlines()[-1]
        self.assertIn(verdict, ("This system cannot be converted as it is.",
                                "Nothing stands in the way. Nothing was changed."))
        self.assertEqual(done.returncode, 0 if verdict.startswith("Nothing") else 1)

    def test_wrong_usage(self):
        for words in ([], ["convert", "--dry-run", "--cipher=rot13"], ["convert", "--dry-run", "/dev/sda"],
                      ["convert", "--dry-run", "--yes"], ["convert", "--escrow-to=x"], ["elsewhere"]):
            done = run([fixture.ROOTFS, *words], check=False, env=self.world.environment())
            self.assertEqual(done.returncode, 2, words)
            self.assertTrue(done.stderr, words)


if __name__ == "__main__":
    tap.main()
