# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4-enroll killed at each of its writing steps: no way in is lost, and the next run cleans up."""

import signal
import unittest

import tap
from enrolling import FAULT_POINTS, Bound, add_key
from fixture import run

MOST_STEPS = 40


@unittest.skipUnless(FAULT_POINTS, "built without the option fault_points")
class Killed(Bound):
    def killed_at(self, step, *arguments, sign=signal.SIGKILL, **options):
        """True when the run was killed at its writing step number `step`, False when it has fewer."""
        done = self.world.enroll(*arguments, self.image, check=False,
                                 env={"HSM4_FAULT_POINT": f"{step}:{int(sign)}"}, **options)
        if done.returncode == -sign:
            return True
        self.assertEqual(done.returncode, 0, done.stderr)
        return False

    def at_each_step(self, check, *arguments, prepare=lambda: None, **options):
        """Calls `check` after a kill at each step, with a new volume each time; there must be some."""
        for step in range(1, MOST_STEPS):
            self.image = self.world.image(f"image{step}")
            prepare()
            if not self.killed_at(step, *arguments, **options):
                self.assertGreater(step, 4)
                return
            with self.subTest(step=step):
                check()
        self.fail("there is no end to the steps")

    def assert_pinned_once(self):
        uuid = run(["cryptsetup", "luksUUID", self.image]).stdout.decode().strip()
        section = self.world.config.read_text().split(f"[volume {uuid}]")[1].split("[")[0]
        self.assertEqual(section.count("binding = "), 1)

    def test_enrolling(self):
        def check():
            self.assertTrue(self.world.opens_by_passphrase(self.image))
            self.world.enroll(self.image)
            self.assert_whole()
            self.assert_pinned_once()
        self.at_each_step(check)

    def kill_after_the_mark(self):
        """The mark is written, the slot is not."""
        self.assertTrue(self.killed_at(3))
        self.assertEqual(len(self.tokens(kind="hsm4-pending")), 1)
        self.assertEqual(self.keyslots(), [0])

    def test_a_foreign_slot_in_the_marked_place_stays(self):
        self.kill_after_the_mark()
        add_key(self.image, b"foreign key", "--key-slot=1", "--hash=sha512")
        self.world.enroll(self.image)
        self.assertTrue(self.world.opens_by_passphrase(self.image, b"foreign key"))
        self.assertEqual(self.keyslots(), [0, 1, 2])
        self.assert_whole(keyslots=3)

    def test_a_wrong_passphrase_cleans_nothing(self):
        self.kill_after_the_mark()
        self.fails(passphrase=b"wrong", says="no key slot")

    def test_signals_take_everything_back(self):
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for step in range(1, MOST_STEPS):
                self.image = self.world.image(f"image-{sign.name}-{step}")
                before = self.world.header(self.image)
                pins = self.pins()
                done = self.world.enroll(self.image, check=False,
                                         env={"HSM4_FAULT_POINT": f"{step}:{int(sign)}"})
                if done.returncode == 0:
                    break
                with self.subTest(signal=sign, step=step):
                    self.assertEqual(done.returncode, 1)
                    self.assertIn(b"interrupted", done.stderr)
                    self.assertEqual(self.world.header(self.image), before)
                    self.assertEqual(self.pins(), pins)
            self.assertGreater(step, 3)


if __name__ == "__main__":
    tap.main()
