# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Stock cryptsetup with our plugin under valgrind. Valgrind and the sanitizers exclude each other, so the
plugin is that of another, optimised build, which HSM4_PLAIN_BUILD names (else the build's own)."""

import json
import os
import pathlib
import shutil
import unittest

import fixture
import tap
from fixture import run

PLAIN = pathlib.Path(os.environ.get("HSM4_PLAIN_BUILD", fixture.BUILD))
PLUGIN = PLAIN / "plugin"


def has_sanitizer():
    return b"libasan" in run(["ldd", PLUGIN / "libcryptsetup-token-hsm4.so"]).stdout


@unittest.skipIf(has_sanitizer(), "the plugin was built with a sanitizer, and no other build is named")
class Valgrind(unittest.TestCase):
    def setUp(self):
        self.assertTrue(shutil.which("valgrind"), "valgrind is not installed")
        self.world = fixture.World()
        self.addCleanup(self.world.__exit__)
        self.world.bind()
        self.image = self.world.image()
        self.world.enroll(self.image)

    def under_valgrind(self, *arguments):
        """Exit code of cryptsetup; what valgrind finds fails the test."""
        environment = self.world.environment(
            HSM4_TEST_TOKEN_PATH=str(PLUGIN), LD_PRELOAD=str(PLAIN / "tests/integration/libtoken-path.so"))
        redirect = ([f"--external-tokens-path={PLUGIN}"]
                    if fixture.cryptsetup_version() >= (2, 7) else [])
        done = run(["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
                    "--errors-for-leak-kinds=definite,possible", "cryptsetup", *redirect, *arguments],
                   env=environment, check=False)
        self.assertNotEqual(done.returncode, 99, done.stderr.decode())
        self.assertNotIn("== ", done.stderr.decode())
        return done

    def opened(self):
        return self.under_valgrind("open", "--test-passphrase", "--token-only", self.image)

    def test_opening_by_token(self):
        self.assertEqual(self.opened().returncode, 0)

    def test_a_module_that_is_gone(self):
        self.world.module.stop()
        done = self.opened()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"hsm4: ", done.stderr)

    def test_a_refusal(self):
        self.world.set_config(f"device = {self.world.another_module().start().uri}\nwait = 1")
        self.assertNotEqual(self.opened().returncode, 0)

    def test_showing_a_token_and_a_damaged_one(self):
        self.assertIn(b"Locked key:", self.under_valgrind("luksDump", self.image).stdout)
        token = {"type": "hsm4", "keyslots": [], "hsm4-version": "\x1b[2J" * 100}
        run(["cryptsetup", "token", "import", "--disable-external-tokens", "--token-id=5",
             "--json-file=-", self.image], input=json.dumps(token).encode())
        self.under_valgrind("luksDump", self.image)


if __name__ == "__main__":
    tap.main()
