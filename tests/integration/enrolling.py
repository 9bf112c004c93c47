# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What tests of hsm4-enroll share: a bound host with a volume, and what must hold of it."""

import hashlib
import json
import os
import sys
import unittest

import fixture
from fixture import PASSPHRASE, PLUGIN_DIR, run

FAULT_POINTS = os.environ.get("HSM4_FAULT_POINTS") == "1"


def checksum(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def add_key(image, key, *options, passphrase=PASSPHRASE):
    """Another passphrase, quick to open, by cryptsetup itself."""
    read_end, write_end = os.pipe()
    os.write(write_end, key)
    os.close(write_end)
    try:
        run(["cryptsetup", "luksAddKey", "-q", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000",
             "--disable-external-tokens", "--key-file=-", *options, image, f"/dev/fd/{read_end}"],
            input=passphrase, pass_fds=[read_end])
    finally:
        os.close(read_end)


class Bound(unittest.TestCase):
    """A bound host with one volume that is not enrolled yet."""

    def setUp(self):
        self.world = fixture.World()
        self.addCleanup(self.world.__exit__)
        self.world.bind()
        self.image = self.world.image()

    def tokens(self, image=None, kind="hsm4"):
        """{number: token} of one type."""
        tokens = self.world.header(image or self.image)["tokens"]
        return {int(number): token for number, token in tokens.items() if token["type"] == kind}

    def keyslots(self, image=None):
        return sorted(int(slot) for slot in self.world.header(image or self.image)["keyslots"])

    def pins(self):
        """The bindings that hsm4.conf pins, of all volumes."""
        lines = self.world.config.read_text().splitlines()
        return [line.split(" = ")[1] for line in lines if line.startswith("binding = ")]

    def fails(self, *arguments, code=1, says="", image=None, **options):
        """Runs hsm4-enroll, which must refuse in one line and leave the volume as it was."""
        image = image or self.image
        before = checksum(image)
        done = self.world.enroll(*arguments, image, check=False, **options)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, code, said)
        self.assertIn(says, said)
        self.assertTrue(said.startswith("hsm4-enroll: "), said)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertEqual(checksum(image), before)
        return said

    def assert_whole(self, image=None, tokens=1, keyslots=2):
        """Nothing is left over, and every way in works."""
        image = image or self.image
        header = self.world.header(image)
        for token in header["tokens"].values():
            self.assertNotIn("pending-hsm4", token)
            self.assertNotEqual(token["type"], "hsm4-pending")
        self.assertEqual(len(self.tokens(image)), tokens)
        self.assertEqual(len(header["keyslots"]), keyslots)
        self.assertTrue(self.world.opens_by_passphrase(image))
        if tokens:
            opened, said, _ = self.world.opens_by_token(image)
            self.assertTrue(opened, said)


# What libcryptsetup does when it opens a volume by our token, except that the key comes out.
ASK_THE_PLUGIN = """
import ctypes, sys
image, token = sys.argv[2].encode(), int(sys.argv[3])
cryptsetup = ctypes.CDLL("libcryptsetup.so.12", ctypes.RTLD_GLOBAL)
plugin = ctypes.CDLL(sys.argv[1])
device, key, size = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_size_t()
assert cryptsetup.crypt_init(ctypes.byref(device), image) == 0
assert cryptsetup.crypt_load(device, None, None) == 0
assert plugin.cryptsetup_token_open(device, token, ctypes.byref(key), ctypes.byref(size), None) == 0
sys.stdout.buffer.write(ctypes.string_at(key, size.value))
"""


def key_in_the_module(world, image, token=0):
    """The passphrase of the token's slot, which no user ever sees."""
    return run([sys.executable, "-c", ASK_THE_PLUGIN, PLUGIN_DIR / "libcryptsetup-token-hsm4.so", image,
                token], env=world.environment(**world.plugin_environment())).stdout


class Enrolled(Bound):
    """A volume that has a token, by which it opens."""

    def setUp(self):
        super().setUp()
        self.world.enroll(self.image)
        self.first = self.tokens()[0]

    def change(self, *arguments, passphrase=None, **options):
        return self.world.enroll(*arguments, self.image, passphrase=passphrase, **options)

    def change_key(self, new, *options):
        """cryptsetup luksChangeKey on the token's slot."""
        path = self.world.path / "new.key"
        path.write_bytes(new)
        run(["cryptsetup", "luksChangeKey", "-q", "--key-slot=1", "--key-file=-", *options, self.image,
             path], input=key_in_the_module(self.world, self.image))
        path.unlink()

    def states(self):
        """{token: (state, remedy)} as --list tells."""
        line = json.loads(self.change("--list", "--json").stdout)
        return {way["token"]: (way["state"], way.get("remedy", ""))
                for way in line["ways"] if "state" in way}
