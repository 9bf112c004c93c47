# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A Zymbit host's initramfs: what our hook puts there, and that it unlocks by the stand-alone program alone.

    hook part (initramfs-zymbit) -- a directory -- chroot -- stock cryptsetup -- plugin -- zkunlockifs

The hook runs with the distribution's own functions, in a mount namespace whose /var/lib is the test's.
Needs root.
"""

import pathlib
import re
import shutil
import subprocess
import unittest

import fixture
import tap
import zymbit
from fixture import run

PART = pathlib.Path(__file__).resolve().parents[2] / "tools/initramfs-tools/initramfs-zymbit"
SERIAL = "00000123ABC"

# $1 the vendor's files, $2 the device of hsm4.conf, $3 the hook's part, then pairs: file, its place.
HOOK = """
mount -t tmpfs none /var/lib && cp -a "$1" /var/lib/zymbit
. /usr/share/initramfs-tools/hook-functions
manual_add_modules() { echo "$*" >>"$DESTDIR/modules"; }
lacks() { echo "$*" >>"$DESTDIR/lacks"; }
device=$2
. "$3"
shift 3
while [ $# -gt 0 ]; do
    copy_exec "$1" "$2"
    shift 2
done
"""


def plugin_directory():
    said = run(["cryptsetup", "--help"]).stdout.decode()
    return re.search(r"external token plugin path: (.*)\.$", said, re.M).group(1)


def can_mount():
    return run(["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/var/lib"], check=False).returncode == 0


@unittest.skipUnless(can_mount(), "needs root that may mount")
class Initramfs(unittest.TestCase):
    def setUp(self):
        self.world = zymbit.VendorWorld(zymbit.BY_PROGRAM)
        self.addCleanup(self.world.__exit__)
        self.tree = self.world.path / "tree"
        self.state = self.world.path / "var-lib-zymbit"
        for name, text in {"zkenv.conf": "ZK_GPIO_WAKE_PIN=516\n", "state": "bound",
                           f"{SERIAL}/s1_fp_salt.bin": "salt", "key.bin.lock": "a vendor's key",
                           f"{SERIAL}/other": "nobody needs this at boot"}.items():
            path = self.state / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def hook(self, device=zymbit.BY_PROGRAM, copies=()):
        for name in ("bin", "lib", "lib64", "sbin"):  # as mkinitramfs begins
            (self.tree / "usr" / name).mkdir(parents=True)
            (self.tree / name).symlink_to(f"usr/{name}")
        run(["unshare", "--mount", "sh", "-euc", HOOK, "hook", self.state, device, PART,
             *(word for pair in copies for word in pair)],
            env=self.world.environment(DESTDIR=str(self.tree), verbose="n", version="none"))

    def said(self, name):
        path = self.tree / name
        return path.read_text() if path.exists() else ""

    def test_carries_what_is_needed_and_no_more_of_the_vendors_state(self):
        self.hook()
        carried = sorted(str(path.relative_to(self.tree / "var/lib/zymbit"))
                         for path in (self.tree / "var/lib/zymbit").rglob("*") if path.is_file())
        self.assertEqual(carried, [f"{SERIAL}/s1_fp_salt.bin", "state", "zkenv.conf"])
        self.assertEqual(self.said("lacks"), "")
        self.assertTrue((self.tree / str(zymbit.UNLOCK).lstrip("/")).is_file())
        self.assertIn("lan78xx", self.said("modules"))

    def test_says_what_is_missing(self):
        shutil.rmtree(self.state)
        self.state.mkdir()
        self.hook(device="zymbit-exec:/nonexistent/zkunlockifs")
        self.assertIn("zksaapps", self.said("lacks"))
        self.assertIn("zkenv.conf", self.said("lacks"))

    def in_initramfs(self, *command):
        preload = fixture.sanitizer_runtime()
        variables = {"LD_PRELOAD": preload, "ASAN_OPTIONS": "detect_leaks=0"} if preload else {}
        inside = [f"{name}={value}" for name, value in variables.items()]
        return subprocess.run(["unshare", "--mount", "sh", "-c", 'tree=$1; shift; '
                               'mount --bind /dev "$tree/dev" && mount --bind /proc "$tree/proc" && '
                               'exec chroot "$tree" "$@"', "sh",
                               self.tree, "/usr/bin/env", *inside, *map(str, command)],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=fixture.LIMIT,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})

    def test_unlocks_there_by_the_program_alone(self):
        image = self.world.image()
        self.world.enroll(image)
        plugin = fixture.PLUGIN_DIR / "libcryptsetup-token-hsm4.so"
        copies = [("/sbin/cryptsetup", "/sbin/cryptsetup"), ("/usr/bin/env", "/usr/bin/env"),
                  (plugin, f"{plugin_directory()}/{plugin.name}")]
        # As Debian's own hook for cryptsetup does.
        copies += [(path, path) for path in pathlib.Path("/usr/lib").glob("*/ossl-modules/legacy.so")]
        if preload := fixture.sanitizer_runtime():
            copies.append((preload, preload))
        (self.world.stand_in / "wake-pin").write_text("516")
        self.hook(copies=copies)
        for name in ("run", "dev", "proc", "tmp", "etc/hsm4"):
            (self.tree / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(self.world.config, self.tree / "etc/hsm4/hsm4.conf")
        shutil.copy(image, self.tree / "image")
        # The module: what the stand-in has for one, where it looks without its variable.
        shutil.copytree(self.world.stand_in, self.tree / "var/lib/zymbit/stand-in")
        opened = ("cryptsetup", "open", "--test-passphrase", "--token-only", "/image")
        done = self.in_initramfs(*opened)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        # The wake pin came out of zkenv.conf.
        (self.tree / "var/lib/zymbit/zkenv.conf").write_text("ZK_GPIO_WAKE_PIN=4\n")
        done = self.in_initramfs(*opened)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"wake pin", done.stderr)


if __name__ == "__main__":
    tap.main()
