# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The units for systemd: systemd itself reads them without a complaint, and they hang together."""

import configparser
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import unittest

import fixture
import tap

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "tools/systemd"
UNITS = ["hsm4-attest.timer", "hsm4-lockdown.target", "hsm4-lockdown-poweroff.service",
         "hsm4-lockdown-suspend@.service"]


def settings(path):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(path)
    return parser


class Units(unittest.TestCase):
    def verify(self, folder):
        """What systemd says of the units in `folder`."""
        names = [path.name.replace("@.", "@data.") for path in pathlib.Path(folder).iterdir()]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], cwd=folder, check=False,
                              env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
                              capture_output=True, text=True, timeout=60)
        return done.returncode, "\n".join(line for line in done.stderr.splitlines() if "hsm4" in line)

    def gather(self, folder):
        for name in UNITS:
            shutil.copy(SOURCES / name, folder)
        service = (SOURCES / "hsm4-attest.service.in").read_text(encoding="utf-8")
        program = fixture.BUILD / "tools/ctl"
        (pathlib.Path(folder) / "hsm4-attest.service").write_text(
            service.replace("@sbindir@", str(program)), encoding="utf-8")

    def test_systemd_has_nothing_to_say_of_them(self):
        with tempfile.TemporaryDirectory() as folder:
            self.gather(folder)
            self.assertEqual(self.verify(folder), (0, ""))

    def test_it_would_say_so(self):
        with tempfile.TemporaryDirectory() as folder:
            self.gather(folder)
            with open(f"{folder}/hsm4-attest.service", "a", encoding="utf-8") as file:
                file.write("Restart=whenever\n")
            self.assertIn("hsm4-attest.service", self.verify(folder)[1])

    def test_a_failed_proof_leads_to_the_target_that_others_hang_on(self):
        target = settings(SOURCES / "hsm4-attest.service.in")["Unit"]["OnFailure"]
        self.assertIn(target, UNITS)
        for name in UNITS[2:]:
            self.assertEqual(settings(SOURCES / name)["Install"]["WantedBy"], target)

    def attempts(self, good):
        """(how often hsm4ctl was called, exit status), when the attempt number `good` is the first that succeeds."""
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            for name, text in (("hsm4ctl", f'echo "$@" >>{log}; [ $(wc -l <{log}) -ge {good} ]'), ("sleep", ":")):
                program = pathlib.Path(folder) / name
                program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
                program.chmod(0o755)
            command = settings(SOURCES / "hsm4-attest.service.in")["Service"]["ExecStart"]
            words = shlex.split(command.replace("@sbindir@", folder).replace("$$", "$"))
            done = subprocess.run(words, env={"PATH": f"{folder}:/usr/bin:/bin"}, check=False, timeout=60)
            calls = log.read_text(encoding="utf-8").splitlines()
            self.assertEqual(set(calls), {"attest"})
            return len(calls), done.returncode

    def test_only_three_failures_in_a_row_are_one(self):
        self.assertEqual([self.attempts(good) for good in (1, 2, 3, 4)], [(1, 0), (2, 0), (3, 0), (3, 1)])

    def test_nothing_of_it_runs_unasked(self):
        for name in ("hsm4-attest.service.in", "hsm4-lockdown.target"):
            self.assertNotIn("Install", settings(SOURCES / name))


if __name__ == "__main__":
    tap.main()
