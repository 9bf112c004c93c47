# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Tokens with PIN: made, changed, used by cryptsetup's own prompts, locked by wrong ones."""

import json
import os

import tap
from enrolling import Bound
from fixture import run

PIN = b"1234"


class WithPin(Bound):
    def setUp(self):
        super().setUp()
        self.world.enroll("--with-pin", f"--pin-file={self.file(PIN)}", self.image)

    def file(self, content, name="pin"):
        path = self.world.path / name
        path.write_bytes(content)
        return path

    def opens(self, pin, image=None):
        """(opened, what was said) when cryptsetup's prompt gets `pin` once."""
        done = self.world.cryptsetup("open", "--test-passphrase", "--token-only", "--tries=1",
                                     image or self.image, check=False, input=pin + b"\n")
        return done.returncode == 0, done.stderr.decode()

    def change(self, *arguments, pin=PIN, **options):
        return self.world.enroll(*arguments, f"--unlock-pin-file={self.file(pin, 'current')}",
                                 self.image, passphrase=None, **options)

    def counters(self):
        return json.loads(self.world.ctl("pin", "list", "--json").stdout)["pins"]

    def lock(self):
        for _ in range(5):
            self.opens(b"wrong")


class Using(WithPin):
    def test_only_the_pin_opens(self):
        self.assertTrue(self.opens(PIN)[0])
        self.assertFalse(self.opens(b"12345")[0])
        self.assertTrue(self.world.opens_by_passphrase(self.image))

    def test_a_wrong_pin_says_how_many_tries_are_left(self):
        self.assertIn("tries left: 4", self.opens(b"wrong")[1])
        self.assertIn("tries left: 3", self.opens(b"wrong")[1])
        self.assertTrue(self.opens(PIN)[0])
        self.assertIn("tries left: 4", self.opens(b"wrong")[1])

    def test_a_locked_pin_is_enrolled_anew_by_another_way_in(self):
        self.lock()
        self.assertIn("locked", self.opens(PIN)[1])
        done = self.change("--test", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"PIN is locked", done.stderr)
        self.world.enroll("--rotate", f"--pin-file={self.file(b'new')}", self.image)
        self.assertTrue(self.opens(b"new")[0])
        self.assertEqual(len(self.tokens()), 1)
        self.assertEqual(len(self.counters()), 1)

    def test_its_slot(self):
        (token,) = self.tokens().values()
        self.assertIs(token["hsm4-pin"], True)
        kdf = self.world.header(self.image)["keyslots"]["1"]["kdf"]
        self.assertEqual(kdf["type"], "argon2id")
        kilobytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024
        self.assertLessEqual(kdf["memory"], min(kilobytes // 4, 1 << 20))

    def test_recognised_as_usable_and_as_changed(self):
        def state():
            (way,) = [way for way in json.loads(
                self.change("--list", "--json").stdout)["ways"] if way["type"] == "hsm4"]
            return way["state"]
        self.assertEqual(state(), "usable")
        self.assertIn(b"opens", self.change("--test").stdout)
        self.file(b"another key", "new")
        key = self.file(b"x", "old")
        # A key of the slot that a person chose, made as cryptsetup makes it by default.
        run(["cryptsetup", "luksKillSlot", "-q", "--disable-external-tokens", self.image, "1"])
        run(["cryptsetup", "luksAddKey", "-q", "--key-slot=1", "--pbkdf=argon2id",
             "--pbkdf-force-iterations=4", "--pbkdf-memory=64", "--disable-external-tokens",
             "--key-file=-", self.image, key], input=b"correct horse")
        (token,) = self.tokens().values()
        run(["cryptsetup", "token", "remove", "--token-id=0", self.image])
        run(["cryptsetup", "token", "import", "--disable-external-tokens", "--token-id=0",
             "--json-file=-", self.image], input=json.dumps({**token, "keyslots": ["1"]}).encode())
        self.assertEqual(state(), "key-changed")

    def test_rotating_keeps_the_pin(self):
        self.change("--rotate", "--unlock-hsm4", f"--pin-file={self.file(b'next')}")
        self.assertTrue(self.opens(b"next")[0])
        self.assertFalse(self.opens(PIN)[0])
        self.assertEqual([pin["tries-left"] for pin in self.counters()], [4])

    def ensure(self, **options):
        return self.world.enroll("--ensure", f"--pin-file={self.file(b'next', 'next')}", self.image, **options)

    def test_ensure_neither_asks_nor_counts_a_try(self):
        done = self.ensure(passphrase=None)
        self.assertIn(b"nothing to do", done.stdout)
        self.assertIn("tries left: 4", self.opens(b"wrong")[1])

    def assert_replaced_by_ensure(self):
        self.ensure()
        self.assertTrue(self.opens(b"next")[0])
        self.assertEqual((len(self.tokens()), len(self.keyslots()), len(self.counters())), (1, 2, 1))

    def test_ensure_replaces_a_locked_one(self):
        self.lock()
        self.assert_replaced_by_ensure()

    def test_ensure_replaces_a_revoked_one(self):
        self.world.ctl("revoke", "--give-up", self.image)
        self.assert_replaced_by_ensure()

    def test_ensure_without_the_module_changes_nothing(self):
        self.world.module.stop()
        self.fails("--ensure", passphrase=None, says="no module answers")

    def test_wiping_forgets_the_counter(self):
        self.assertEqual(len(self.counters()), 1)
        self.world.enroll("--wipe-slot=hsm4", self.image, passphrase=None)
        self.assertEqual(self.counters(), [])

    def test_wiping_without_the_module_says_what_stays(self):
        self.world.module.stop()
        done = self.world.enroll("--wipe-slot=hsm4", self.image, passphrase=None)
        self.assertIn(b"hsm4ctl pin", done.stderr)
        self.assertEqual(self.tokens(), {})


class Changing(WithPin):
    def test_change(self):
        self.change("--change-pin", f"--pin-file={self.file(b'new')}")
        self.assertTrue(self.opens(b"new")[0])
        self.assertFalse(self.opens(PIN)[0])
        self.assertEqual((len(self.tokens()), len(self.keyslots()), len(self.pins())), (1, 2, 1))
        self.assertEqual(len(self.counters()), 1)

    def test_the_wrong_current_pin_changes_nothing(self):
        self.fails("--change-pin", f"--pin-file={self.file(b'new')}",
                   f"--unlock-pin-file={self.file(b'wrong', 'current')}", passphrase=None,
                   says="tries left: 4")
        self.assertTrue(self.opens(PIN)[0])

    def test_by_another_way_in(self):
        self.world.enroll("--change-pin", f"--pin-file={self.file(b'new')}", self.image)
        self.assertTrue(self.opens(b"new")[0])

    def test_a_line_end_in_the_file_does_not_count(self):
        self.change("--change-pin", f"--pin-file={self.file(b'new' + bytes([10]))}")
        self.assertTrue(self.opens(b"new")[0])

    def test_pins_that_are_none(self):
        for pin in (b"", b"\n", b"x" * 65):
            self.fails("--change-pin", f"--pin-file={self.file(pin)}",
                       f"--unlock-pin-file={self.file(PIN, 'current')}", passphrase=None)
        self.assertTrue(self.opens(PIN)[0])

    def test_without_a_pin_there_is_none_to_change(self):
        image = self.world.image("other")
        self.fails("--change-pin", image=image, says="--with-pin")


if __name__ == "__main__":
    tap.main()
