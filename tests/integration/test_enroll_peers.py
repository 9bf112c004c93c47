# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What the tests of cryptsetup's ssh token and of clevis' LUKS commands go through, with hsm4-enroll.

Each test is named for theirs. What has no counterpart here is left out: choosing a slot or a token number,
printing the passphrase (clevis luks pass), LUKS1.
"""

import hashlib
import os

import tap
from enrolling import Bound, add_key
from fixture import PASSPHRASE, run


class Peer(Bound):
    def header_checksum(self, image=None):
        """Of what luksHeaderBackup saves: all that cryptsetup itself takes for the header."""
        backup = self.world.path / "header.backup"
        backup.unlink(missing_ok=True)
        run(["cryptsetup", "luksHeaderBackup", f"--header-backup-file={backup}", image or self.image])
        return hashlib.sha256(backup.read_bytes()).hexdigest()

    def assert_refused(self, *arguments, image=None, **options):
        image = image or self.image
        before = self.header_checksum(image)
        done = self.world.enroll(*arguments, image, check=False, **options)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(self.header_checksum(image), before)

    def opens(self, image=None):
        return self.world.opens_by_token(image or self.image)[0]


class CryptsetupSsh(Peer):
    def setUp(self):
        super().setUp()
        add_key(self.image, b"sshtest2")

    def test_adding_a_token(self):
        self.world.enroll(self.image)
        dump = self.world.cryptsetup("luksDump", self.image).stdout.decode()
        tokens = dump.split("Tokens:")[1].split("Digests:")[0]
        self.assertIn("0: hsm4", tokens)
        self.assertRegex(tokens, r"Keyslot: +2")

    def test_activating(self):
        self.world.enroll(self.image)
        disabled = self.world.cryptsetup("open", "--test-passphrase", "--token-only",
                                         "--disable-external-tokens", self.image, check=False)
        self.assertNotEqual(disabled.returncode, 0)
        for choice in (["--token-id=0"], ["--token-type=hsm4"], ["--token-only"], []):
            with self.subTest(choice):
                self.world.cryptsetup("open", "--test-passphrase", "-q", *choice, self.image)
        for choice in (["--token-id=7", "--token-only"], ["--token-type=zzz", "--token-only"]):
            with self.subTest(choice):
                wrong = self.world.cryptsetup("open", "--test-passphrase", *choice, self.image,
                                              check=False)
                self.assertNotEqual(wrong.returncode, 0)

    def test_adding_again_after_the_token_was_removed(self):
        self.world.enroll(self.image)
        run(["cryptsetup", "token", "remove", "--token-id=0", self.image])
        self.assertFalse(self.opens())
        self.world.enroll(self.image)
        self.assertEqual(self.tokens()[0]["keyslots"], ["3"])
        self.assertTrue(self.opens())


class ClevisBind(Peer):
    def test_bind(self):
        self.assertFalse(self.opens())
        self.world.enroll(self.image)
        self.assertTrue(self.opens())
        self.assertTrue(self.world.opens_by_passphrase(self.image))

    def test_bind_wrong_pass(self):
        for key in (b"wrong", PASSPHRASE[:-1], PASSPHRASE + b"x", PASSPHRASE + b"\n"):
            self.assert_refused(passphrase=key)

    def test_bind_binary_keyfile(self):
        for key in (os.urandom(4096), b"\0" * 32, b"\0leading", b"\xff\xfe\n\r\0"):
            image = self.world.image("keyed", key)
            path = self.world.path / "key"
            path.write_bytes(key)
            self.world.enroll(f"--unlock-key-file={path}", image, passphrase=None)
            self.assertTrue(self.opens(image))

    def test_bind_pass_with_newline(self):
        for key in (b"two\nlines", b"ends with one\n", b"\nbegins with one"):
            image = self.world.image("keyed", key)
            self.world.enroll(image, passphrase=key)
            self.assertTrue(self.opens(image))
            self.assert_refused("--rotate", image=image, passphrase=key.replace(b"\n", b""))

    def test_bind_key_file_non_interactive(self):
        path = self.world.path / "key"
        path.write_bytes(PASSPHRASE)
        self.world.enroll("--no-prompt", f"--unlock-key-file={path}", self.image, passphrase=None)
        self.assertTrue(self.opens())

    def test_bind_already_used_slot(self):
        self.world.enroll(self.image)
        self.assert_refused()

    def test_bind_next_to_an_external_token(self):
        run(["cryptsetup", "token", "add", "--token-id=5", "--key-description=testkey", self.image])
        run(["cryptsetup", "token", "add", "--token-id=0", "--key-description=other", self.image])
        foreign = self.tokens(kind="luks2-keyring")
        self.world.enroll(self.image)
        self.assertEqual(self.tokens(kind="luks2-keyring"), foreign)
        self.assertEqual(list(self.tokens()), [1])
        self.world.enroll("--wipe-slot=hsm4", self.image, passphrase=None)
        self.assertEqual(self.tokens(kind="luks2-keyring"), foreign)

    def test_backup_restore(self):
        self.world.enroll(self.image)
        backup = self.world.path / "backup"
        run(["cryptsetup", "luksHeaderBackup", f"--header-backup-file={backup}", self.image])
        kept = self.header_checksum()
        self.image = self.world.image()
        self.assertEqual((self.keyslots(), self.tokens()), ([0], {}))
        self.assertNotEqual(self.header_checksum(), kept)
        self.assertFalse(self.opens())
        run(["cryptsetup", "luksHeaderRestore", "-q", f"--header-backup-file={backup}", self.image])
        self.assertEqual(self.header_checksum(), kept)
        self.assertTrue(self.opens())


class ClevisUnbind(Peer):
    def setUp(self):
        super().setUp()
        self.world.enroll(self.image)

    def test_unbind(self):
        self.world.enroll("--wipe-slot=1", self.image, passphrase=None)
        self.assertFalse(self.opens())
        self.assertEqual((self.keyslots(), self.tokens()), ([0], {}))
        self.assertTrue(self.world.opens_by_passphrase(self.image))
        self.world.enroll(self.image)
        self.assertTrue(self.opens())

    def test_unbind_unbound_slot(self):
        for slot in (2, 7, 31):
            self.assert_refused(f"--wipe-slot={slot}", passphrase=None)
        self.assertTrue(self.opens())

    def test_unbind_the_only_way_in(self):
        """Which clevis allows."""
        self.world.enroll("--wipe-slot=0", self.image, passphrase=None)
        self.assert_refused("--wipe-slot=1", passphrase=None)
        self.assertTrue(self.opens())

    def test_unlock(self):
        self.world.enroll("--test", self.image, passphrase=None)
        self.world.module.stop()
        self.assert_refused("--test", passphrase=None)
        self.assertFalse(self.opens())
        self.world.module.start()
        self.world.enroll("--test", self.image, passphrase=None)

    def test_regen_in_place(self):
        """Without a passphrase: the token opens the volume for its successor."""
        old = self.tokens()[0]["hsm4-locked-key"]
        self.world.enroll("--rotate", "--unlock-hsm4", self.image, passphrase=None)
        (token,) = self.tokens().values()
        self.assertNotEqual(token["hsm4-locked-key"], old)
        self.assert_whole()

    def test_regen_not_in_place(self):
        """By the passphrase, as the token opens nothing now."""
        run(["cryptsetup", "luksUUID", "-q", "--uuid=0c1f6a9e-5f0e-4d0d-9f0a-0123456789ab", self.image])
        self.assert_refused("--rotate", "--unlock-hsm4", passphrase=None)
        self.world.enroll("--rotate", self.image)
        self.assert_whole()

    def test_edit(self):
        """Another configuration that is wrong changes nothing; the right one does."""
        elsewhere = f"--hsm4-device=unix:{self.world.path}/nothing.sock"
        self.assert_refused("--rotate", elsewhere)
        self.assert_refused("--rotate", "--with-pin", "--pin-file=/nonexistent")
        self.assert_refused("--change-pin")
        self.assertTrue(self.opens())
        pin = self.world.path / "pin"
        pin.write_bytes(b"1234")
        self.world.enroll("--rotate", "--with-pin", f"--pin-file={pin}", self.image)
        self.world.enroll("--test", f"--unlock-pin-file={pin}", self.image, passphrase=None)
        self.assertFalse(self.opens())

    def test_list_multiple_slots(self):
        add_key(self.image, b"other", "--key-slot=4")
        self.world.enroll("--recovery-key", self.image)
        text = self.world.enroll("--list", self.image, passphrase=None).stdout.decode()
        rows = [line.split()[:2] for line in text.splitlines()[1:]]
        self.assertEqual(rows, [["0", "password"], ["1", "hsm4"], ["2", "recovery"],
                                ["4", "password"]])


if __name__ == "__main__":
    tap.main()
