# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""One unlock by token against one by a key file of the same length and derivation, both by stock cryptsetup."""

import os
import subprocess

import fixture
from figures import cost, show, side_by_side
from fixture import PASSPHRASE, run


def key_file(world, image):
    """A key like the token's: 64 random bytes in a slot with PBKDF2-SHA512 of 1000 iterations."""
    path = world.path / "key"
    path.write_bytes(os.urandom(64))
    run(["cryptsetup", "luksAddKey", "-q", "--pbkdf=pbkdf2", "--hash=sha512",
         "--pbkdf-force-iterations=1000", "--key-file=-", image, path], input=PASSPHRASE)
    return path


def main():
    with fixture.World() as world:
        world.bind()
        image = world.image()
        world.enroll(image)
        key = key_file(world, image)
        slot = max(int(number) for number in world.header(image)["keyslots"])
        environment = world.environment(**world.plugin_environment())
        redirect = ([f"--external-tokens-path={fixture.PLUGIN_DIR}"]
                    if fixture.cryptsetup_version() >= (2, 7) else [])
        by_token = ["cryptsetup", *redirect, "open", "--test-passphrase", "--token-only", image]
        by_key = ["cryptsetup", "open", "--test-passphrase", "--disable-external-tokens",
                  f"--key-slot={slot}", f"--key-file={key}", image]
        token, file = side_by_side(lambda: cost(by_token, environment), lambda: cost(by_key, environment))
        show("CPU of an unlock", f"x {token[0] / file[0]:.2f}",
             f"({1000 * token[0]:.1f} : {1000 * file[0]:.1f} ms by key file)", "x 1.15")
        show("peak memory of an unlock", f"{token[1] - file[1]:+.0f} KiB", f"({file[1]:.0f} KiB by key file)",
             "+1024 KiB")

        before = world.module.stats()
        cost(by_token, environment)
        after = world.module.stats()
        moved = sum(after[name] - before[name] for name in ("bytes_written", "bytes_read"))
        show("bytes on the bus per unlock", str(moved), "", "450")

        plugin = world.path / "plugin.so"
        run(["objcopy", "--strip-unneeded", fixture.PLUGIN_DIR / "libcryptsetup-token-hsm4.so", plugin])
        stripped = plugin.read_bytes()
    packed = subprocess.run(["zstd", "-q", "-c"], input=stripped, check=True,
                            stdout=subprocess.PIPE).stdout
    show("plugin in an initramfs", f"{len(packed) / 1024:.0f} KiB", f"({len(stripped) / 1024:.0f} KiB stripped)",
         "600 KiB, with what it pulls in")


if __name__ == "__main__":
    main()
