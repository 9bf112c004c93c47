# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Enrolling against cryptsetup luksAddKey: the same volume, existing key and key derivation of the new slot."""

import os
import shutil
import statistics
import subprocess
import time

import fixture
from figures import show
from fixture import ENROLL, PASSPHRASE, run

RUNS = 9


def seconds(command, environment):
    start = time.perf_counter()
    subprocess.run([str(word) for word in command], env=environment, input=PASSPHRASE,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def ratio(world, image, environment, key):
    """Medians, run in turns on copies of the volume so that a busy machine hits both alike."""
    copy = world.path / "copy"
    add = ["cryptsetup", "luksAddKey", "-q", "--pbkdf=pbkdf2", "--hash=sha512",
           "--pbkdf-force-iterations=1000", "--disable-external-tokens", "--key-file=-", copy, key]
    times = []
    for _ in range(RUNS):
        shutil.copy(image, copy)
        adding = seconds(add, environment)
        shutil.copy(image, copy)
        times.append((seconds([ENROLL, "--unlock-key-file=-", copy], environment), adding))
    return [statistics.median(each[side] for each in times) for side in (0, 1)]


def main():
    with fixture.World() as world:
        world.bind()
        environment = world.environment(**world.plugin_environment())
        key = world.path / "key"
        key.write_bytes(os.urandom(64))
        usual = world.path / "usual"
        with open(usual, "wb") as file:
            file.truncate(20 << 20)
        run(["cryptsetup", "luksFormat", "-q", "--type=luks2", usual, "-"], input=PASSPHRASE)
        for what, image in (("by a passphrase of cryptsetup's defaults", usual),
                            ("by a random key file", world.image())):
            ours, theirs = ratio(world, image, environment, key)
            show(f"enrolling {what}", f"x {ours / theirs:.2f}",
                 f"({1000 * ours:.0f} : {1000 * theirs:.0f} ms by luksAddKey)", "x 1.5")


if __name__ == "__main__":
    main()
