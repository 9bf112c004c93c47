# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4-enroll adds a token: what it writes, how it is unlocked, and what it leaves alone."""

import contextlib
import json
import os

import tap
from enrolling import Bound, add_key
from fixture import PASSPHRASE, run


class Adding(Bound):
    def test_the_token_opens_the_volume(self):
        done = self.world.enroll(self.image)
        self.assertIn(b"key slot 1", done.stdout)
        self.assertIn(b"development", done.stderr)
        self.assert_whole()

    def test_what_is_written(self):
        self.world.enroll(self.image)
        header = self.world.header(self.image)
        (token,) = header["tokens"].values()
        self.assertEqual(sorted(token), [
            "hsm4-backend", "hsm4-format", "hsm4-locked-key", "hsm4-module-id", "hsm4-pin",
            "hsm4-public-key", "hsm4-verify-key", "hsm4-version", "keyslots", "type"])
        self.assertEqual(token["keyslots"], ["1"])
        self.assertLess(len(json.dumps(token)), 2048)
        kdf = header["keyslots"]["1"]["kdf"]
        self.assertEqual((kdf["type"], kdf["hash"], kdf["iterations"]), ("pbkdf2", "sha512", 1000))

    def test_the_binding_is_pinned(self):
        self.world.enroll(self.image)
        uuid = run(["cryptsetup", "luksUUID", self.image]).stdout.decode().strip()
        self.assertIn(f"[volume {uuid}]", self.world.config.read_text())
        self.assertEqual(len(self.pins()), 1)

    def test_keys_differ(self):
        other = self.world.image("other")
        self.world.enroll(self.image)
        self.world.enroll(other)
        blobs = {token["hsm4-locked-key"]
                 for image in (self.image, other) for token in self.tokens(image).values()}
        self.assertEqual(len(blobs), 2)
        self.assertEqual(len(self.pins()), 2)

    def test_a_second_run_refuses(self):
        self.world.enroll(self.image)
        said = self.fails(says="--rotate")
        self.assertIn("--ensure", said)
        self.fails(passphrase=None)  # and it does not ask first
        self.assert_whole()

    def test_a_token_whose_slot_was_killed_is_replaced(self):
        self.world.enroll(self.image)
        run(["cryptsetup", "luksKillSlot", "-q", "--disable-external-tokens", self.image, "1"])
        self.assertIn("no-key-slot", self.world.enroll("--list", self.image,
                                                     passphrase=None).stdout.decode())
        self.world.enroll(self.image)
        self.assert_whole()
        self.assertEqual(len(self.pins()), 1)

    def test_foreign_tokens_and_slots_stay(self):
        add_key(self.image, b"foreign key", "--key-slot=3")
        run(["cryptsetup", "token", "import", "--token-id=0", "--json-file=-", self.image],
            input=b'{"type": "zzz", "keyslots": ["3"]}')
        self.world.enroll(self.image)
        self.assertEqual(self.tokens(kind="zzz"), {0: {"type": "zzz", "keyslots": ["3"]}})
        self.assertEqual(self.keyslots(), [0, 1, 3])
        self.assertTrue(self.world.opens_by_passphrase(self.image, b"foreign key"))

    def test_detached_header(self):
        header = self.world.path / "header"
        data = self.world.path / "data"
        for path, size in ((header, 16), (data, 8)):
            with open(path, "wb") as file:
                file.truncate(size << 20)
        run(["cryptsetup", "luksFormat", "-q", "--type=luks2", "--pbkdf=pbkdf2",
             "--pbkdf-force-iterations=1000", f"--header={header}", data, "-"], input=PASSPHRASE)
        self.world.enroll(f"--header={header}", data)
        self.assertEqual(data.read_bytes(), bytes(8 << 20))
        opened, said, _ = self.world.opens_by_token(data, f"--header={header}")
        self.assertTrue(opened, said)
        self.world.enroll("--test", f"--header={header}", data, passphrase=None)

    def test_block_device(self):
        if not os.path.exists("/dev/loop-control"):
            self.skipTest("the kernel has no loop devices")
        device = run(["losetup", "--find", "--show", self.image]).stdout.decode().strip()
        with contextlib.ExitStack() as stack:
            stack.callback(run, ["losetup", "--detach", device])
            self.world.enroll(device)
            self.world.enroll("--test", device, passphrase=None)
        self.assert_whole()

    def test_named_module(self):
        uri = self.world.module.uri
        self.world.set_config("device = unix:/nonexistent\nwait = 0")
        self.world.enroll(f"--hsm4-device={uri}", self.image)
        self.world.enroll(f"--hsm4-device={uri}", "--test", self.image, passphrase=None)

    def test_nothing_stays_in_memory_file_systems(self):
        self.world.enroll(self.image)
        for place in ("/run", "/dev/shm", "/tmp"):
            self.assertEqual([name for name in os.listdir(place) if name.startswith("hsm4-enroll")],
                             [])


class KeyFiles(Bound):
    """Read as cryptsetup reads them: all of the file, whatever is in it."""

    def enrolls_with(self, key):
        image = self.world.image("keyed", passphrase=key)
        path = self.world.path / "key"
        path.write_bytes(key)
        self.world.enroll(f"--unlock-key-file={path}", image, passphrase=None)
        self.assertTrue(self.world.opens_by_token(image)[0])
        os.unlink(image)
        image = self.world.image("keyed", passphrase=key)
        self.world.enroll(image, passphrase=key)
        self.assertTrue(self.world.opens_by_token(image)[0])

    def test_binary(self):
        self.enrolls_with(bytes(range(256)) * 16)

    def test_newlines(self):
        self.enrolls_with(b"two\nlines\n")

    def test_a_newline_at_the_end_counts(self):
        self.fails(passphrase=PASSPHRASE + b"\n", says="no key slot")

    def test_unreadable(self):
        self.fails(f"--unlock-key-file={self.world.path}/none", passphrase=None,
                   says="No such file")
        self.fails(passphrase=b"", says="empty")
        self.fails("--unlock-key-file=/dev/null", passphrase=None)
        empty = self.world.path / "empty"
        empty.touch()
        self.fails(f"--unlock-key-file={empty}", passphrase=None, says="empty")


class ListAndTest(Bound):
    def listed(self, image=None):
        text = self.world.enroll("--list", image or self.image, passphrase=None).stdout.decode()
        return [line.split() for line in text.splitlines()[1:]]

    def test_list(self):
        self.assertEqual(self.listed()[0][:2], ["0", "password"])
        self.world.enroll(self.image)
        self.assertEqual([line[:2] for line in self.listed()], [["0", "password"], ["1", "hsm4"]])

    def test_list_and_test_change_nothing(self):
        self.world.enroll(self.image)
        before = self.world.header(self.image), self.image.stat().st_mtime_ns
        self.listed()
        self.world.enroll("--test", self.image, passphrase=None)
        self.assertEqual((self.world.header(self.image), self.image.stat().st_mtime_ns), before)

    def test_test(self):
        self.fails("--test", passphrase=None, says="no hsm4 token")
        self.world.enroll(self.image)
        self.assertIn(b"opens", self.world.enroll("--test", self.image, passphrase=None).stdout)
        self.world.module.stop()
        self.fails("--test", passphrase=None, says="no module answers")

    def test_test_sees_a_changed_key(self):
        self.world.enroll(self.image)
        run(["cryptsetup", "luksKillSlot", "-q", "--disable-external-tokens", self.image, "1"])
        (number, token), = self.tokens().items()
        add_key(self.image, b"other", "--key-slot=1")
        run(["cryptsetup", "token", "remove", f"--token-id={number}", self.image])
        run(["cryptsetup", "token", "import", "--disable-external-tokens", f"--token-id={number}",
             "--json-file=-", self.image], input=json.dumps({**token, "keyslots": ["1"]}).encode())
        self.fails("--test", passphrase=None, says="--rotate")


if __name__ == "__main__":
    tap.main()
