# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What bash offers after hsm4-enroll and a key called Tab."""

import pathlib
import re
import tempfile
import unittest

import tap
from fixture import ENROLL, run

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools/enroll/completion/hsm4-enroll"


def offers(*words, cwd="/"):
    """What is offered for the last word, as bash splits words."""
    program = (f". {SCRIPT}; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _hsm4_enroll; "
               "printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = run(["bash", "-c", program, "bash", ENROLL, *words], cwd=cwd)
    return [line for line in done.stdout.decode().splitlines() if line]


class Completion(unittest.TestCase):
    def test_options(self):
        options = set(re.findall(r"--[a-z0-9-]+=?", run([ENROLL, "--help"]).stdout.decode()))
        self.assertEqual(set(offers("--")), options)
        self.assertEqual(offers("--rot"), ["--rotate"])
        self.assertEqual(offers("--unlock-k"), ["--unlock-key-file="])

    def test_words(self):
        self.assertEqual(offers("--wipe-slot", "="),
                         ["all", "empty", "password", "recovery", "hsm4", "pkcs11", "fido2", "tpm2"])
        self.assertEqual(offers("--wipe-slot", "=", "re"), ["recovery"])
        self.assertIn("zymbit:", offers("--hsm4-device", "=", ""))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "volume one").touch()
            self.assertEqual(offers("", cwd=folder), ["volume one"])
            self.assertEqual(offers("--header", "=", "vol", cwd=folder), ["volume one"])
            self.assertEqual(offers("--list", "nothing", cwd=folder), [])


if __name__ == "__main__":
    tap.main()
