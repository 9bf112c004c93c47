# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A host with the vendor's software on it: the stand-in's library and programs, and its defects."""

import contextlib
import os
import pathlib
import shutil
import subprocess

import fixture
from fixture import run

SOFTWARE = fixture.BUILD / "tests/zymbit"
LIBRARY = SOFTWARE / "libzk_app_utils.so"
UNLOCK = SOFTWARE / "zkunlockifs"
LOCK = SOFTWARE / "zklockifs"
BY_LIBRARY = f"zymbit:{LIBRARY}"
BY_PROGRAM = f"zymbit-exec:{UNLOCK}"
BOTH = (BY_LIBRARY, BY_PROGRAM)


class VendorWorld(fixture.World):
    """hsm4.conf names the vendor's software; `stand_in` is its module."""

    def __init__(self, uri=BY_LIBRARY, wait=1):
        super().__init__()
        self.stand_in = self.path / "zymbit"
        self.stand_in.mkdir()
        self.use(uri, wait)

    def environment(self, **more):
        return super().environment(HSM4_TEST_ZYMBIT=str(self.stand_in), **more)

    def use(self, uri, wait=1):
        """`wait` None is the default wait."""
        self.set_config(f"device = {uri}" + ("" if wait is None else f"\nwait = {wait}"))

    def set_defects(self, *words):
        (self.stand_in / "defects").write_text(" ".join(words))

    def calls(self):
        path = self.stand_in / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def another_stand_in(self):
        """From here on another module answers."""
        self.stand_in = self.path / "other-zymbit"
        self.stand_in.mkdir()

    def lock_as_the_vendor_does(self, key_file):
        """zklockifs KEY > KEY.lock"""
        locked = pathlib.Path(f"{key_file}.lock")
        locked.write_bytes(run([LOCK, key_file], env=self.environment()).stdout)
        return locked

    def vendor_volume(self):
        """(image, key.bin.lock): a volume as the vendor's scripts leave it, with 512 random bytes as
        its only key, in slot 0, and no passphrase."""
        key = self.path / "key.bin"
        key.write_bytes(os.urandom(512))
        image = self.path / "vendor-image"
        with open(image, "wb") as file:
            file.truncate(20 << 20)
        run(["cryptsetup", "luksFormat", "-q", "--type=luks2", "--pbkdf=pbkdf2",
             "--pbkdf-force-iterations=1000", "--key-size=512", image, key])
        locked = self.lock_as_the_vendor_does(key)
        key.unlink()
        return image, locked

    def opens_by_keyscript(self, image, locked):
        """As the vendor's line in crypttab does it: keyscript=… prints the key into cryptsetup."""
        script = self.path / "zk_get_key"
        script.write_text(f"#!/bin/sh\nexec {UNLOCK} {locked}\n")
        script.chmod(0o755)
        key = run([script], env=self.environment(), check=False)
        done = run(["cryptsetup", "open", "--test-passphrase", "--disable-external-tokens",
                    "--key-file=-", image], check=False, input=key.stdout)
        return key.returncode == 0 and done.returncode == 0

    @contextlib.contextmanager
    def zkifc(self):
        """The vendor's daemon, as far as it can be seen: a process of its name."""
        daemon = self.path / "zkifc"
        shutil.copy("/bin/sleep", daemon)
        process = subprocess.Popen([daemon, "60"])
        try:
            yield
        finally:
            process.kill()
            process.wait()

    def survivors(self):
        """Processes that still run with this world's environment."""
        mark = str(self.path).encode()
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if process.name != str(os.getpid()) and mark in (process / "environ").read_bytes():
                    found.append((process / "comm").read_text().strip())
        return found
