# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The steps of hsm4(7), RECOVERY, when a part of the device is replaced, as they stand there."""

import pathlib
import re
import shutil

import tap
from enrolling import Bound
from fixture import run

PAGE = (pathlib.Path(__file__).resolve().parents[2] / "man/hsm4.7.scd").read_text("utf-8")


def steps(title):
    """The commands below a title of the page."""
    (block,) = re.findall(rf"(?s)^\*{title}.*?```\n(.*?)```", PAGE, re.M)[:1]
    return [line.split() for line in block.splitlines() if line.strip()]


class Replacement(Bound):
    """A volume that opens by the module and by a recovery key, as it left the factory."""

    def setUp(self):
        super().setUp()
        self.world.enroll(self.image)
        shown = self.world.enroll("--recovery-key", "--wipe-slot=password", self.image).stdout
        (self.recovery,) = [line.strip() for line in shown.splitlines() if line.count(b"-") == 7]
        self.copy = self.world.path / "copy of the old card"
        shutil.copy(self.image, self.copy)
        self.old_config = self.world.config.read_bytes()
        self.assertTrue(self.world.opens_by_token(self.copy)[0])

    def follow(self, title):
        commands = steps(title)
        self.assertTrue(0 < len(commands) <= 3, commands)
        for program, *arguments in commands:
            arguments = [self.image if word == "DEVICE" else word for word in arguments]
            if program == "hsm4-enroll":
                asks = "--unlock-hsm4" not in arguments
                self.world.enroll(*arguments, passphrase=self.recovery if asks else None)
            elif arguments == ["bind"]:
                self.world.ctl("bind", f"--component=board-serial {self.world.identity}")
            else:
                # What udev would show of the machine's disks.
                self.world.ctl(*arguments, self.image)

    def assert_whole_again(self):
        opened, said, _ = self.world.opens_by_token(self.image)
        self.assertTrue(opened, said)
        self.assertTrue(self.world.opens_by_passphrase(self.image, self.recovery))
        self.assertEqual((len(self.tokens()), len(self.keyslots()), len(self.pins())), (1, 2, 1))
        self.world.enroll("--test", self.image, passphrase=None)

    def old_copy_opens(self, identity):
        """The old card, with the configuration that is on it, in a board of that identity."""
        now = self.world.config.read_bytes(), self.world.identity.read_text()
        self.world.config.write_bytes(self.old_config)
        self.world.identity.write_text(identity)
        try:
            return self.world.opens_by_token(self.copy)[0]
        finally:
            self.world.config.write_bytes(now[0])
            self.world.identity.write_text(now[1])

    def test_module(self):
        self.world.module.stop()
        self.assertFalse(self.world.opens_by_token(self.image)[0])
        new = self.world.another_module().start()
        self.world.set_config(f"device = {new.uri}\nwait = 1")
        self.follow("The module was replaced")
        self.assert_whole_again()
        new.stop()
        self.world.module.start()
        self.assertFalse(self.world.opens_by_token(self.image)[0])

    def test_board_or_card(self):
        before = self.world.identity.read_text()
        self.world.identity.write_text("30000000abcdef03\n")
        self.assertFalse(self.world.opens_by_token(self.image)[0])
        self.follow("The board was replaced, or the card was copied")
        self.assert_whole_again()
        for identity in (before, self.world.identity.read_text()):
            self.assertFalse(self.old_copy_opens(identity))
        # Nor with the present configuration, whose pins the copy does not meet.
        self.assertFalse(self.world.opens_by_token(self.copy)[0])

    def test_changed_volume(self):
        run(["cryptsetup", "luksUUID", "-q", "--uuid=0c1f6a9e-5f0e-4d0d-9f0a-0123456789ab", self.image])
        self.assertIn(b"--rotate", self.world.enroll("--list", self.image, passphrase=None).stdout)
        self.world.enroll("--rotate", self.image, passphrase=self.recovery)
        self.assertTrue(self.world.opens_by_token(self.image)[0])


if __name__ == "__main__":
    tap.main()
