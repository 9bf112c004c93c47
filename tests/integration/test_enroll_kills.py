# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4-enroll killed at each of its writing steps: no way in is lost, and the next run cleans up."""

import json
import os
import signal
import unittest

import tap
from enrolling import FAULT_POINTS, Bound, add_key
from fixture import run

MOST_STEPS = 60
# Each step costs seconds where Argon2 is at work; without this every third is tried there, and where
# another test goes through the same steps.
STRIDE = 1 if os.environ.get("HSM4_EVERY_STEP") == "1" else 3


class Killing(Bound):
    def killed_at(self, step, *arguments, sign=signal.SIGKILL, **options):
        """True when the run was killed at its writing step number `step`, False when it has fewer."""
        done = self.world.enroll(*arguments, self.image, check=False,
                                 env={"HSM4_FAULT_POINT": f"{step}:{int(sign)}"}, **options)
        if done.returncode == -sign:
            return True
        self.assertEqual(done.returncode, 0, done.stderr)
        return False

    def at_each_step(self, check, *arguments, prepare=lambda: None, every=1, **options):
        """Calls `check` after a kill at each step, with a new volume each time; there must be some."""
        for step in range(1, MOST_STEPS, every):
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

    def assert_no_stray_files(self):
        """Neither temporary files nor unfinished copies."""
        for folder in (self.world.config.parent, self.world.path):
            for path in folder.iterdir():
                self.assertNotRegex(path.name, r"^\.|tmp|XXXX|~$")


@unittest.skipUnless(FAULT_POINTS, "built without the option fault_points")
class Killed(Killing):
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


@unittest.skipUnless(FAULT_POINTS, "built without the option fault_points")
class KilledWhileChanging(Killing):
    """A volume that has a token: one valid way in at each instant, and no orphan after the next run."""

    def enroll(self):
        self.world.enroll(self.image)

    def assert_opens_by_token(self):
        opened, said, _ = self.world.opens_by_token(self.image)
        self.assertTrue(opened, said)

    def test_rotating(self):
        def check():
            self.assertTrue(self.world.opens_by_passphrase(self.image))
            self.assert_opens_by_token()
            self.world.enroll("--rotate", self.image)
            self.assert_whole()
            self.assert_pinned_once()
            self.assert_no_stray_files()
        self.at_each_step(check, "--rotate", prepare=self.enroll)

    def test_rotating_by_the_token_alone(self):
        """Nothing else opens the volume at any time."""
        def prepare():
            self.enroll()
            self.world.enroll("--wipe-slot=password", self.image, passphrase=None)

        def check():
            self.assert_opens_by_token()
            self.world.enroll("--rotate", "--unlock-hsm4", self.image, passphrase=None)
            self.assertEqual((len(self.tokens()), len(self.keyslots())), (1, 1))
            self.assert_opens_by_token()
            self.assert_pinned_once()
        self.at_each_step(check, "--rotate", "--unlock-hsm4", prepare=prepare, passphrase=None,
                          every=STRIDE)

    def test_wiping(self):
        def prepare():
            self.enroll()
            self.world.enroll("--recovery-key", self.image)

        def check():
            self.assertTrue(self.world.opens_by_passphrase(self.image))
            self.world.enroll("--wipe-slot=hsm4,recovery", self.image, passphrase=None)
            self.assert_whole(tokens=0, keyslots=1)
            self.assertEqual(self.world.header(self.image)["tokens"], {})
            uuid = run(["cryptsetup", "luksUUID", self.image]).stdout.decode().strip()
            self.assertNotIn(f"[volume {uuid}]\nbinding", self.world.config.read_text())
        self.at_each_step(check, "--wipe-slot=hsm4,recovery", prepare=prepare, passphrase=None)

    def test_wiping_the_passphrase(self):
        def check():
            self.assert_opens_by_token()
            self.world.enroll("--rotate", "--unlock-hsm4", "--wipe-slot=password", self.image,
                              passphrase=None)
            self.assertEqual((len(self.tokens()), len(self.keyslots())), (1, 1))
            self.assert_opens_by_token()
        self.at_each_step(check, "--rotate", "--unlock-hsm4", "--wipe-slot=password",
                          prepare=self.enroll, passphrase=None, every=STRIDE)


@unittest.skipUnless(FAULT_POINTS, "built without the option fault_points")
class KilledWithPin(Killing):
    def opens_by_pin(self, pin):
        return self.world.cryptsetup("open", "--test-passphrase", "--token-only", "--tries=1", self.image,
                                     check=False, input=pin + b"\n").returncode == 0

    def test_changing_the_pin(self):
        old, new, again = (self.world.path / name for name in ("old.pin", "new.pin", "again.pin"))
        for path in (old, new, again):
            path.write_text(path.stem)

        def check():
            self.assertTrue(self.world.opens_by_passphrase(self.image))
            self.assertTrue(self.opens_by_pin(b"old") or self.opens_by_pin(b"new"))
            self.world.enroll("--change-pin", f"--pin-file={again}", self.image)
            self.assertEqual((len(self.tokens()), len(self.keyslots())), (1, 2))
            self.assertTrue(self.opens_by_pin(b"again"))
            self.assert_pinned_once()
        self.at_each_step(check, "--change-pin", f"--unlock-pin-file={old}", f"--pin-file={new}",
                          prepare=lambda: self.world.enroll("--with-pin", f"--pin-file={old}", self.image),
                          passphrase=None, every=STRIDE)


@unittest.skipUnless(FAULT_POINTS, "built without the option fault_points")
class KilledWhileEscrowing(Killing):
    def test_escrow(self):
        certificate, key = self.world.path / "fleet.pem", self.world.path / "fleet.key"
        run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-out",
             certificate, "-days", "36500", "-subj", "/CN=fleet"])
        kept = self.world.path / "escrow.pem"
        arguments = [f"--recovery-escrow={certificate}", f"--escrow-to={kept}"]

        def check():
            self.assertTrue(self.world.opens_by_passphrase(self.image))
            finished = not self.world.header(self.image)["tokens"].get("0", {}).get(
                "pending-hsm4") and len(self.keyslots()) == 2
            if not finished:
                self.world.enroll(*arguments, self.image)
            recovered = run(["openssl", "cms", "-decrypt", "-inform", "PEM", "-in", kept, "-inkey",
                             key]).stdout
            self.assertTrue(self.world.opens_by_passphrase(self.image, recovered))
            self.assert_whole(tokens=0)
            self.assertEqual(len(self.tokens(kind="systemd-recovery")), 1)
            self.assert_no_stray_files()
        self.at_each_step(check, *arguments, prepare=lambda: kept.unlink(missing_ok=True))

    def test_a_shown_key_counts(self):
        """Once the key was shown, a kill does not take it back without the next run saying so."""
        for step in range(1, MOST_STEPS):
            self.image = self.world.image(f"image{step}")
            done = self.world.enroll("--json", "--recovery-key", self.image, check=False,
                                     env={"HSM4_FAULT_POINT": f"{step}:9"})
            if done.returncode == 0:
                self.assertGreater(step, 3)
                return
            said = self.world.enroll(self.image).stdout
            self.assert_whole()
            if done.stdout:
                self.assertIn(b"interrupted run", said)
                key = json.loads(done.stdout.splitlines()[0])["recovery-key"].encode()
                self.assertFalse(self.world.opens_by_passphrase(self.image, key))


if __name__ == "__main__":
    tap.main()
