# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What tests of hsm4ctl doctor share: a system made of files, with a kernel and its initramfs."""

import json
import os
import shutil
import subprocess
import unittest

import fixture
from fixture import run

PLUGIN = "libcryptsetup-token-hsm4.so"


class Examined(unittest.TestCase):
    """A healthy system below self.root, with a world's module and one enrolled volume."""

    kernel = "6.1.0-test"

    def make_system(self, world):
        self.world = world
        self.addCleanup(world.__exit__)
        self.root = world.path / "root"
        world.config = self.root / "etc/hsm4/hsm4.conf"
        world.config.parent.mkdir(parents=True)

    def install(self):
        """Plugin and kernel, as packages bring them. Below the root the plugin is compared, not loaded."""
        self.plugin = self.write(f"{fixture.PLUGIN_DIR}/{PLUGIN}", "plugin")
        self.write(f"lib/modules/{self.kernel}/modules.builtin", "kernel/drivers/md/dm-crypt.ko\n")
        (self.root / "boot").mkdir()
        self.initramfs()

    def write(self, name, content):
        path = self.root / str(name).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_text(content)
        return path

    def carried(self):
        """What the initramfs has of the system: {path: file}."""
        return {f"usr/lib/cryptsetup/{PLUGIN}": self.plugin, "etc/hsm4/hsm4.conf": self.world.config}

    def initramfs(self, without=(), change=None, kernel=None, name=None):
        """An image as mkinitramfs makes it: a cpio archive in gzip."""
        tree = self.world.path / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        for path, source in self.carried().items():
            if path in without or os.path.basename(path) in without:
                continue
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, tree / path)
        (tree / "bin").mkdir(parents=True, exist_ok=True)
        if change:
            change(tree)
        image = self.root / (name or f"boot/initrd.img-{kernel or self.kernel}")
        image.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(f"find . | cpio -o -H newc --quiet | gzip -n -1 > {image}",
                       shell=True, cwd=tree, check=True, timeout=fixture.LIMIT)
        return image

    def run_doctor(self, *arguments):
        return run([fixture.CTL, "doctor", f"--root={self.root}", *arguments], check=False,
                   env=self.world.environment(**self.world.plugin_environment()))

    def examine(self, *arguments):
        """(exit status, findings)"""
        done = self.run_doctor("--json", *(arguments or [self.image]))
        return done.returncode, json.loads(done.stdout)["findings"]

    def assert_found(self, severity, check, what, status=1, arguments=(), only=False):
        """A finding with `what` in its words; `only`: and no other."""
        code, findings = self.examine(*arguments)
        fitting = [finding for finding in findings
                   if finding["severity"] == severity and finding["check"] == check
                   and what in finding["what"]]
        self.assertTrue(fitting, findings)
        self.assertNotEqual(fitting[0]["why"], "")
        self.assertEqual(code, status, findings)
        if only:
            self.assertEqual(len(findings), 1, findings)
        return fitting[0]

    def assert_silent(self):
        done = self.run_doctor(self.image)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
