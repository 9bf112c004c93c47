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
                      ["convert", "--dry-run", "--yes"], ["convert", "--escrow-to=x"], ["elsewhere"],
                      ["migrate", "--max-size=large"], ["migrate", "--erase-source", "--keep-source"]):
            done = run([fixture.ROOTFS, *words], check=False, env=self.world.environment())
            self.assertEqual(done.returncode, 2, words)
            self.assertTrue(done.stderr, words)


class Provision(unittest.TestCase):
    """What is refused before a target is touched. The rest needs device-mapper: provision-amd64."""

    def setUp(self):
        self.world = self.enterContext(fixture.World())
        self.certificate = self.world.path / "fleet.pem"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
             "-keyout", self.world.path / "fleet.key", "-out", self.certificate, "-subj", "/CN=fleet"])
        self.archive = self.world.path / "root.tar"
        run(["tar", "--create", f"--file={self.archive}", "-C", self.world.path, "fleet.pem"])
        self.target = self.world.path / "card"
        self.target.write_bytes(bytes(1 << 20))

    def provision(self, *options, target=None, certificate=None, escrow="%u.pem"):
        return run([fixture.ROOTFS, "provision", f"--image={self.archive}",
                    f"--recovery-escrow={certificate or self.certificate}",
                    f"--escrow-to={self.world.path}/{escrow}", *options, target or self.target],
                   check=False, env=self.world.environment())

    def refused(self, status, reason, *options, **places):
        done = self.provision(*options, **places)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertRegex(done.stderr.decode(), reason)
        self.assertEqual(len(done.stderr.decode().strip().splitlines()), 1)
        self.assertEqual(done.stdout, b"")
        self.assertEqual(self.target.read_bytes(), bytes(1 << 20))

    def test_what_is_no_disk(self):
        self.refused(2, "no block device", "--yes")
        self.refused(2, "no block device", "--yes", target="/dev/null")
        self.refused(1, "No such file", "--yes", target="/dev/hsm4-nonexistent")

    def test_what_is_no_certificate(self):
        self.refused(1, "no certificate", "--yes", certificate=self.archive)

    def test_a_batch_needs_an_escrow_file_for_each_unit(self):
        self.refused(2, "%u", "--yes", "--batch", escrow="one.pem")

    def test_needs_all_of_it(self):
        for words in ([], ["--image=x", "/dev/x"], ["--image=x", "--recovery-escrow=x", "/dev/x"]):
            done = run([fixture.ROOTFS, "provision", *words], check=False, env=self.world.environment())
            self.assertEqual(done.returncode, 2, words)


if __name__ == "__main__":
    tap.main()
