# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4ctl doctor: a healthy host, and each finding made to happen, on a system made of files."""

import json
import os
import shutil
import subprocess
import unittest

import fixture
import tap
from fixture import PASSPHRASE, run

KERNEL = "6.1.0-test"
PLUGIN = "libcryptsetup-token-hsm4.so"


class Doctor(unittest.TestCase):
    def setUp(self):
        self.world = fixture.World()
        self.addCleanup(self.world.__exit__)
        self.root = self.world.path / "root"
        self.world.config = self.root / "etc/hsm4/hsm4.conf"
        self.world.config.parent.mkdir(parents=True)
        self.world.bind()
        self.image = self.world.image()
        self.world.enroll(self.image)
        plugins = self.root / str(fixture.PLUGIN_DIR).lstrip("/")
        plugins.mkdir(parents=True)
        self.plugin = plugins / PLUGIN
        shutil.copy(fixture.PLUGIN_DIR / PLUGIN, self.plugin)
        modules = self.root / "lib/modules" / KERNEL
        modules.mkdir(parents=True)
        (modules / "modules.builtin").write_text("kernel/drivers/md/dm-crypt.ko\n")
        (self.root / "boot").mkdir()
        self.initramfs()

    def initramfs(self, without=(), change=None, kernel=KERNEL):
        """An image as mkinitramfs makes it: a cpio archive in gzip."""
        tree = self.world.path / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        files = {f"usr/lib/cryptsetup/{PLUGIN}": self.plugin, "etc/hsm4/hsm4.conf": self.world.config}
        for name, source in files.items():
            if name in without or os.path.basename(name) in without:
                continue
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, tree / name)
        (tree / "bin").mkdir(parents=True, exist_ok=True)
        if change:
            change(tree)
        subprocess.run(f"find . | cpio -o -H newc --quiet | gzip -1 > {self.root}/boot/initrd.img-{kernel}",
                       shell=True, cwd=tree, check=True, timeout=fixture.LIMIT)

    def examine(self, *arguments):
        done = run([fixture.CTL, "doctor", "--json", f"--root={self.root}",
                    *(arguments or [self.image])], check=False,
                   env=self.world.environment(**self.world.plugin_environment()))
        return done.returncode, json.loads(done.stdout)["findings"], done

    def assert_found(self, severity, check, what, status=1, arguments=()):
        code, findings, _ = self.examine(*arguments)
        fitting = [finding for finding in findings
                   if finding["severity"] == severity and finding["check"] == check
                   and what in finding["what"]]
        self.assertTrue(fitting, findings)
        self.assertNotEqual(fitting[0]["why"], "")
        self.assertEqual(code, status, findings)
        return fitting[0]

    def test_a_healthy_host(self):
        code, findings, done = self.examine()
        self.assertEqual(code, 0, findings)
        self.assertEqual(json.loads(done.stdout)["verdict"], "healthy")
        checks = {finding["check"] for finding in findings if finding["severity"] == "good"}
        self.assertEqual(checks, {"config", "bus", "module", "binding", "plugin", "token", "recovery",
                                  "initramfs"})
        # Development is said, and is no fault.
        self.assertIn(("note", "module"), [(f["severity"], f["check"]) for f in findings])

    def test_one_line_per_finding(self):
        self.world.module.stop()
        done = run([fixture.CTL, "doctor", f"--root={self.root}", self.image], check=False,
                   env=self.world.environment(**self.world.plugin_environment()))
        for line in done.stdout.decode().splitlines():
            self.assertRegex(line, r"^(good|note|warning|failure) +[a-z]+: ")
            if line.startswith("failure"):
                self.assertIn("; run: ", line)

    def test_a_damaged_configuration(self):
        self.world.config.write_text("colour = blue\n")
        self.assert_found("failure", "config", "line 1")

    def test_no_binding(self):
        self.world.config.write_text(f"device = {self.world.module.uri}\nwait = 0\n")
        self.assertEqual(self.assert_found("failure", "binding", "not bound")["command"], "hsm4ctl bind")

    def test_no_bus_and_no_module(self):
        self.world.module.stop()
        self.assert_found("failure", "bus", "does not exist")
        self.assert_found("failure", "module", "no module answers")

    def test_another_host_costs_one_proof_and_never_the_last(self):
        self.world.identity.write_text("another board\n")
        self.assert_found("failure", "binding", "refused")
        for _ in range(4):
            self.examine()
        self.assertFalse(json.loads(self.world.ctl("status", "--json").stdout)["compromised"])
        self.assert_found("failure", "module", "one more shuts it")

    def test_a_wrong_proof_before_is_a_warning(self):
        self.world.identity.write_text("another board\n")
        self.world.ctl("attest", check=False)
        self.world.identity.write_text("10000000abcdef01\n")
        self.assert_found("warning", "module", "wrong proof", status=3)

    def test_an_identity_that_cannot_be_read(self):
        self.world.identity.unlink()
        self.assert_found("failure", "identity", "cannot be read")

    def test_a_shut_module(self):
        self.world.identity.write_text("another board\n")
        for _ in range(3):
            self.world.ctl("attest", check=False)
        self.assert_found("failure", "module", "shut after three wrong proofs")

    def test_no_plugin(self):
        self.plugin.unlink()
        self.assert_found("failure", "plugin", "missing")

    def test_a_volume_without_a_token(self):
        other = self.world.image("other")
        found = self.assert_found("failure", "token", "no hsm4 token", arguments=[other])
        self.assertEqual(found["command"], f"hsm4-enroll {other}")

    def test_a_token_that_does_not_open(self):
        run(["cryptsetup", "luksUUID", "-q", "--uuid=5a8f9a6e-0000-4000-8000-0123456789ab", self.image])
        self.assert_found("failure", "token", "not opened by its token")

    def test_no_volume_at_all(self):
        self.assert_found("failure", "volume", "", arguments=["/nowhere"])

    def test_no_other_way_in(self):
        run(["cryptsetup", "luksRemoveKey", "-q", "--disable-external-tokens", "--key-file=-", self.image],
            input=PASSPHRASE)
        self.assert_found("warning", "recovery", "by the module only", status=3)

    def test_an_initramfs_without_the_plugin(self):
        self.initramfs(without=[PLUGIN])
        found = self.assert_found("failure", "initramfs", "has no " + PLUGIN)
        self.assertIn(KERNEL, found["command"])

    def test_an_initramfs_with_an_older_plugin(self):
        def older(tree):
            with open(tree / "usr/lib/cryptsetup" / PLUGIN, "ab") as plugin:
                plugin.write(b"older")
        self.initramfs(change=older)
        self.assert_found("failure", "initramfs", "another version of the plugin")

    def test_an_initramfs_without_configuration(self):
        self.initramfs(without=["hsm4.conf"])
        self.assert_found("failure", "initramfs", "has no hsm4.conf")

    def test_an_initramfs_from_before_the_last_bind(self):
        self.world.bind()
        self.assert_found("failure", "initramfs", "another hsm4.conf")

    def test_remarks_in_the_configuration_do_not_matter(self):
        with open(self.world.config, "a") as config:
            config.write("# a remark\n")
        self.assertEqual(self.examine()[0], 0)

    def test_an_initramfs_without_a_kernel_module(self):
        (self.root / "lib/modules" / KERNEL / "modules.builtin").write_text("")
        self.assert_found("failure", "initramfs", "lacks the kernel module dm-crypt")

        def add(tree):
            module = tree / "usr/lib/modules" / KERNEL / "kernel/drivers/md/dm_crypt.ko.xz"
            module.parent.mkdir(parents=True)
            module.write_bytes(b"")
        self.initramfs(change=add)
        self.assertEqual(self.examine()[0], 0)

    def test_a_second_kernel_without_an_initramfs(self):
        (self.root / "lib/modules/6.2.0-test").mkdir()
        self.assertEqual(self.examine()[0], 0)  # modules of a kernel that is gone
        (self.root / "boot/vmlinuz-6.2.0-test").write_bytes(b"")
        self.assert_found("failure", "initramfs", "6.2.0-test has no initramfs")

    def test_a_damaged_initramfs(self):
        (self.root / f"boot/initrd.img-{KERNEL}").write_bytes(b"\x1f\x8b" + b"damage" * 100)
        self.assert_found("failure", "initramfs", "")

    def test_the_volume_below_the_root_is_found(self):
        # Root on LVM on LUKS2 on vda3, as sysfs shows it.
        (self.root / "proc/self").mkdir(parents=True)
        (self.root / "proc/self/mountinfo").write_text("22 1 254:1 / / rw - ext4 /dev/mapper/vg-root rw\n")
        block = self.root / "sys/devices/virtual/block"
        for name, below in (("dm-1", "dm-0"), ("dm-0", "vda3")):
            (block / name / "slaves").mkdir(parents=True)
            (block / below).mkdir(parents=True, exist_ok=True)
            (block / name / "slaves" / below).symlink_to(block / below)
        (block / "dm-0/dm").mkdir()
        (block / "dm-0/dm/uuid").write_text("CRYPT-LUKS2-00-root\n")
        (self.root / "sys/dev/block").mkdir(parents=True)
        (self.root / "sys/dev/block/254:1").symlink_to(block / "dm-1")
        (self.root / "dev").mkdir()
        (self.root / "dev/vda3").symlink_to(self.image)
        done = run([fixture.CTL, "doctor", "--json", f"--root={self.root}"], check=False,
                   env=self.world.environment(**self.world.plugin_environment()))
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        self.assertIn("/dev/vda3, token", done.stdout.decode())

    def test_a_root_that_is_not_encrypted(self):
        done = run([fixture.CTL, "doctor", "--json", f"--root={self.root}"], check=False,
                   env=self.world.environment(**self.world.plugin_environment()))
        self.assertIn("no LUKS2 volume", done.stdout.decode())

    def test_wrong_usage(self):
        self.assertEqual(self.world.ctl("doctor", "--colour", check=False).returncode, 2)


if __name__ == "__main__":
    tap.main()
