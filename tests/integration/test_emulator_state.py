# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The emulator's state directory, damaged in every way: one clear line, exit status 1, in time, and
never a new, unbound module in place of the one that was lost."""

import os
import pathlib
import random
import shutil
import stat
import subprocess
import tempfile
import unittest

import host
import fixture
import tap
from fixture import World

REFUSED = 1
ADVICE = "restore a copy, or begin a new --state=DIR"


class Damaged(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.__exit__)
        cls.module = cls.world.module.start()
        cls.binding = host.bind(cls.module.socket)
        cls.module.stop()
        cls.kept = cls.world.path / "kept"
        shutil.copytree(cls.module.state, cls.kept)
        cls.good = (cls.kept / "state").read_bytes()

    def setUp(self):
        self.restore()
        self.state = self.module.state / "state"

    def restore(self):
        shutil.rmtree(self.module.state)
        shutil.copytree(self.kept, self.module.state)

    def run_emulator(self, **options):
        """(exit status, what it said); it must end by itself."""
        done = subprocess.run(
            [fixture.EMULATOR, "run", f"--state={self.module.state}",
             f"--unix={self.module.socket}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=fixture.LIMIT, check=False, **options)
        return done.returncode, done.stderr.decode()

    def assert_refused(self, says=ADVICE, **options):
        before = self.content()
        status, said = self.run_emulator(**options)
        self.assertEqual(status, REFUSED, said)
        greeting, *complaint = said.splitlines()
        self.assertIn("no security hardware", greeting)
        self.assertEqual(len(complaint), 1, said)
        self.assertIn(says, complaint[0])
        self.assertFalse(self.module.socket.exists())
        self.assertEqual(self.content(), before)

    def content(self):
        return {path.name: path.read_bytes() if path.is_file() else None
                for path in self.module.state.iterdir()}

    def assert_still_bound(self):
        self.module.start()
        self.assertEqual(host.hello(self.module.socket).state, host.DEVELOPMENT)
        host.attest(self.module.socket, self.binding)
        self.module.stop()

    def test_undamaged_it_is_bound(self):
        self.assert_still_bound()

    def test_truncated_anywhere(self):
        for size in [*range(0, len(self.good), 9), len(self.good) - 1]:
            with self.subTest(size):
                self.state.write_bytes(self.good[:size])
                self.assert_refused()

    def test_lengthened(self):
        for more in b"\0", self.good, bytes(1 << 17):
            self.state.write_bytes(self.good + more)
            self.assert_refused()

    def test_one_bit_turned_anywhere(self):
        for at in range(0, len(self.good), 9):
            with self.subTest(at):
                damaged = bytearray(self.good)
                damaged[at] ^= 1 << at % 8
                self.state.write_bytes(damaged)
                self.assert_refused()

    def test_garbage(self):
        chance = random.Random(6)
        for size in 1, 32, 33, len(self.good), 5000:
            self.state.write_bytes(chance.randbytes(size))
            self.assert_refused()

    def test_state_lost(self):
        self.state.unlink()
        self.assert_refused()

    def test_something_else_in_its_place(self):
        self.state.unlink()
        self.state.mkdir()
        self.assert_refused()
        self.state.rmdir()
        self.state.symlink_to("nowhere")
        self.assert_refused()

    def test_the_mark_lost_or_garbled_costs_nothing(self):
        mark = self.module.state / "created"
        mark.unlink()
        self.assert_still_bound()
        self.assertTrue(mark.exists())
        mark.write_bytes(b"\xff\0")
        self.assert_still_bound()
        mark.unlink()
        mark.mkdir()
        self.assert_still_bound()

    def test_what_a_crash_left_beside_it_is_removed(self):
        (self.module.state / "state.abcdef").write_bytes(self.good[:20])
        self.assert_still_bound()
        self.assertEqual(sorted(self.content()), ["created", "state"])

    def test_open_permissions_are_closed(self):
        self.module.state.chmod(0o777)
        self.state.chmod(0o666)
        self.assert_still_bound()
        self.assertEqual(stat.S_IMODE(self.module.state.stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(self.state.stat().st_mode), 0o600)

    @unittest.skipUnless(os.geteuid() == 0, "only root can give files to somebody else")
    def test_permissions_of_somebody_else(self):
        nobody = {"user": 65534, "group": 65534, "extra_groups": []}
        # The program must be readable for him, and the way to the directory open.
        base = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        base.chmod(0o755)
        program = base / "hsm4-emulator"
        shutil.copy(fixture.EMULATOR, program)
        program.chmod(0o755)
        state = base / "state"
        for of_directory, of_file, mine in (0o700, 0o600, True), (0o755, 0o600, False):
            shutil.rmtree(state, ignore_errors=True)
            shutil.copytree(self.kept, state)
            os.chown(state, 0 if mine else 65534, 0)
            state.chmod(of_directory)
            (state / "state").chmod(of_file)
            done = subprocess.run([program, "run", f"--state={state}", f"--unix={base}/socket"],
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                                  timeout=fixture.LIMIT, **nobody)
            self.assertEqual(done.returncode, REFUSED, done.stderr)
            self.assertIn("Permission denied", done.stderr.decode().splitlines()[-1])
            self.assertEqual((state / "state").read_bytes(), self.good)

    def test_no_directory_and_an_empty_one_are_new_modules(self):
        for prepare in (lambda: None, self.module.state.mkdir):
            shutil.rmtree(self.module.state)
            prepare()
            self.module.start()
            self.assertEqual(host.hello(self.module.socket).state, host.UNBOUND)
            self.module.stop()
            self.assertEqual(sorted(self.content()), ["created", "state"])

    def test_a_file_in_place_of_the_directory(self):
        shutil.rmtree(self.module.state)
        self.module.state.write_bytes(b"")
        self.addCleanup(self.module.state.mkdir)
        self.addCleanup(self.module.state.unlink)
        status, said = self.run_emulator()
        self.assertEqual(status, REFUSED)
        self.assertIn("state directory", said.splitlines()[-1])

    def test_no_place_for_the_directory(self):
        shutil.rmtree(self.module.state)
        self.addCleanup(shutil.copytree, self.kept, self.module.state)
        done = subprocess.run([fixture.EMULATOR, "run", "--state=/nowhere/at/all",
                               f"--unix={self.module.socket}"], stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=fixture.LIMIT, check=False)
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn("No such file or directory", done.stderr.decode().splitlines()[-1])

    def test_a_directory_in_use(self):
        self.module.start()
        status, said = self.run_emulator()
        self.assertEqual(status, REFUSED)
        self.assertIn("in use by another emulator", said.splitlines()[-1])
        host.attest(self.module.socket, self.binding)
        self.module.stop()


if __name__ == "__main__":
    tap.main()
