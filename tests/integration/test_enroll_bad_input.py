# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What hsm4-enroll refuses: one line, the documented exit code, and the volume as it was."""

import json
import os
import socket
import threading
import unittest

import luks2_edit
import tap
from enrolling import Bound, add_key
from fixture import ENROLL, PASSPHRASE, run


class Usage(unittest.TestCase):
    def test_no_device(self):
        done = run([ENROLL], check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"DEVICE", done.stderr)

    def test_unknown_option(self):
        self.assertEqual(run([ENROLL, "--nonsense", "x"], check=False).returncode, 2)

    def test_help_and_version(self):
        self.assertIn(b"--unlock-key-file", run([ENROLL, "--help"]).stdout)
        self.assertRegex(run([ENROLL, "--version"]).stdout, rb"hsm4-enroll \d")


class WrongVolume(Bound):
    def test_wrong_path(self):
        done = self.world.enroll("/nonexistent", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"/nonexistent: No such file", done.stderr)
        done = self.world.enroll(self.world.path, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"neither a block device nor an image file", done.stderr)

    def test_no_luks(self):
        path = self.world.path / "plain"
        path.write_bytes(bytes(20 << 20))
        self.fails(image=path, says="no LUKS2 header")
        path.write_bytes(b"")
        self.fails(image=path)

    def test_luks1(self):
        path = self.world.path / "luks1"
        path.write_bytes(bytes(20 << 20))
        run(["cryptsetup", "luksFormat", "-q", "--type=luks1", "--pbkdf-force-iterations=1000",
             path, "-"], input=PASSPHRASE)
        self.fails(image=path, says="LUKS1")

    def test_damaged_header(self):
        with open(self.image, "r+b") as file:
            for offset in (0x1000, 0x4000 + 0x1000):
                file.seek(offset)
                file.write(b"garbage")
        self.fails(says="no LUKS2 header that can be read")

    def test_wrong_passphrase(self):
        self.fails(passphrase=b"wrong", says="no key slot")

    def test_no_passphrase(self):
        self.fails(passphrase=None, says="--unlock-key-file", code=1)

    def test_tokens_full(self):
        for number in range(32):
            run(["cryptsetup", "token", "import", f"--token-id={number}", "--json-file=-",
                 self.image], input=b'{"type": "zzz", "keyslots": []}')
        self.fails(says="all tokens")

    def test_key_slots_full(self):
        def copy(header):
            for slot in range(1, 32):
                offset = str(int(header["keyslots"]["0"]["area"]["offset"]) + slot * 258048)
                twin = json.loads(json.dumps(header["keyslots"]["0"]))
                twin["area"]["offset"] = offset
                header["keyslots"][str(slot)] = twin
                header["digests"]["0"]["keyslots"].append(str(slot))
        luks2_edit.edit(self.image, copy)
        self.fails(says="all key slots")

    def test_no_room_for_another_key(self):
        image = self.world.image("small", PASSPHRASE, 20, "--luks2-keyslots-size=256k")
        before = self.world.header(image)
        done = self.world.enroll(image, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        self.assertEqual(self.world.header(image), before)
        self.assertEqual(self.pins(), [])

    def test_null_cipher_in_the_segment(self):
        luks2_edit.edit(self.image, lambda header: header["segments"]["0"].update(
            encryption="cipher_null-ecb"))
        self.fails(says="null cipher")

    def test_null_cipher_in_another_key_slots_area(self):
        add_key(self.image, b"other")
        luks2_edit.edit(self.image, lambda header: header["keyslots"]["1"]["area"].update(
            encryption="cipher_null-ecb"))
        self.fails(says="null cipher")

    def test_pending_reencryption(self):
        run(["cryptsetup", "reencrypt", "-q", "--init-only", "--pbkdf=pbkdf2",
             "--pbkdf-force-iterations=1000", "--key-file=-", self.image], input=PASSPHRASE)
        self.fails(says="reencryption")


class WrongModule(Bound):
    def test_absent(self):
        self.world.module.stop()
        self.fails(says="no module answers")

    def test_not_bound(self):
        self.world.config.write_text(f"device = {self.world.module.uri}\n")
        self.fails(says="hsm4ctl bind")
        self.fails(passphrase=None, says="hsm4ctl bind")  # and it does not ask first

    def test_damaged_configuration(self):
        self.world.config.write_text("nonsense\n")
        self.fails(says="hsm4.conf")

    def test_unusable_uri(self):
        self.fails("--hsm4-device=nonsense:", code=2)

    def test_identity_that_cannot_be_read(self):
        self.world.identity.unlink()
        self.fails(says="measured component")

    def test_refusing(self):
        self.world.identity.write_text("20000000abcdef02\n")
        self.fails(says="refused")

    def test_another_module(self):
        self.world.module.stop()
        other = self.world.another_module().start()
        self.fails(f"--hsm4-device={other.uri}")

    def test_garbage(self):
        path = self.world.path / "garbage.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(8)
            threading.Thread(target=_answer_garbage, args=[listener], daemon=True).start()
            self.fails(f"--hsm4-device=unix:{path}")

    def test_configuration_that_cannot_be_written(self):
        run(["chattr", "+i", self.world.config.parent], check=False)
        probe = self.world.config.parent / "probe"
        try:
            probe.write_text("")
        except OSError:
            try:
                self.fails(says="hsm4.conf")
            finally:
                run(["chattr", "-i", self.world.config.parent])
            return
        os.unlink(probe)
        self.skipTest("no directory here can be made read-only for root")

    def test_plugin_missing(self):
        """The token is proven through the plugin, so without it nothing stays behind."""
        before = self.world.header(self.image)
        done = self.world.enroll(self.image, check=False, env={"HSM4_TEST_TOKEN_PATH": "/nonexistent"})
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"libcryptsetup-token-hsm4.so", done.stderr)
        self.assertEqual(self.world.header(self.image), before)
        self.assertEqual(self.pins(), [])


def _answer_garbage(listener):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(100)
            connection.sendall(bytes(range(256)) * 4)


if __name__ == "__main__":
    tap.main()
