# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4ctl doctor: a healthy host, and each finding made to happen, on a system made of files."""

import json

import doctoring
import fixture
import luks2_edit
import tap
from doctoring import PLUGIN
from fixture import PASSPHRASE, run


class Doctor(doctoring.Examined):
    def setUp(self):
        self.make_system(fixture.World())
        self.world.bind()
        self.image = self.world.image()
        self.world.enroll(self.image)
        self.install()

    def test_a_healthy_host(self):
        self.assert_silent()
        code, findings = self.examine(self.image, "--verbose")
        self.assertEqual(code, 0, findings)
        self.assertEqual(json.loads(self.run_doctor("--json", self.image).stdout),
                         {"verdict": "healthy", "findings": []})
        checks = {finding["check"] for finding in findings if finding["severity"] == "good"}
        self.assertEqual(checks, {"config", "bus", "module", "binding", "plugin", "token", "recovery",
                                  "initramfs"})
        # Development is said, and is no fault.
        self.assertIn(("note", "module"), [(f["severity"], f["check"]) for f in findings])

    def test_one_line_per_finding(self):
        self.world.module.stop()
        lines = self.run_doctor("--verbose", self.image).stdout.decode().splitlines()
        self.assertGreater(len(lines), 5)
        for line in lines:
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
        self.assertIn(self.kernel, found["command"])

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
        (self.root / "lib/modules" / self.kernel / "modules.builtin").write_text("")
        self.assert_found("failure", "initramfs", "lacks the kernel module dm-crypt")

        def add(tree):
            module = tree / "usr/lib/modules" / self.kernel / "kernel/drivers/md/dm_crypt.ko.xz"
            module.parent.mkdir(parents=True)
            module.write_bytes(b"")
        self.initramfs(change=add)
        self.assertEqual(self.examine()[0], 0)

    def test_an_initramfs_without_all_of_the_cipher(self):
        def encrypt_otherwise(header):
            header["segments"]["0"]["encryption"] = "xchacha12,aes-adiantum-plain64"
        luks2_edit.edit(self.image, encrypt_otherwise)
        builtin = self.root / "lib/modules" / self.kernel / "modules.builtin"
        for module in ("nhpoly1305", "chacha_generic", "adiantum"):
            self.assert_found("failure", "initramfs", f"lacks the kernel module {module}")
            with open(builtin, "a") as modules:
                modules.write(f"kernel/crypto/{module}.ko\n")
        self.assertEqual([f for f in self.examine()[1] if f["check"] == "initramfs"], [])

    def drive(self, device, module):
        (self.root / "sys/module" / module).mkdir(parents=True)
        (device / "driver").mkdir()
        (device / "driver/module").symlink_to(self.root / "sys/module" / module)

    def test_an_initramfs_without_what_the_boot_medium_hangs_on(self):
        # The card with the boot files, while the root is elsewhere.
        host = self.root / "sys/devices/platform/soc/3f300000.mmc"
        card = host / "mmc_host/mmc0/mmc0:4567"
        (card / "block/mmcblk0").mkdir(parents=True)
        self.drive(host, "sdhci_iproc")
        self.drive(card, "mmc_block")
        (self.root / "sys/class/block").mkdir(parents=True)
        (self.root / "sys/class/block/mmcblk0").symlink_to(card / "block/mmcblk0")
        stable = self.root / "dev/disk/by-path/platform-3f300000.mmc"
        stable.parent.mkdir(parents=True)
        (self.root / "dev/mmcblk0").write_bytes(b"")
        stable.symlink_to("../../mmcblk0")
        self.world.config.write_text(self.world.config.read_text().replace(
            "component = ", f"component = boot-medium {stable}\ncomponent = ", 1))
        self.initramfs()
        for module in ("sdhci_iproc", "mmc_block"):
            self.assert_found("failure", "initramfs", f"lacks the kernel module {module}")

    def test_an_initramfs_without_what_the_bus_hangs_on(self):
        # A USB adapter, as sysfs shows it: its own driver, and the host controller's.
        controller = self.root / "sys/devices/pci0/0000:00:02.0"
        adapter = controller / "usb1/1-1/1-1:1.0/i2c-9"
        adapter.mkdir(parents=True)
        self.drive(controller, "xhci_pci")
        self.drive(adapter.parent, "i2c_tiny_usb")
        (self.root / "sys/bus/i2c/devices").mkdir(parents=True)
        (self.root / "sys/bus/i2c/devices/i2c-9").symlink_to(adapter)
        self.world.config.write_text(self.world.config.read_text().replace(
            f"device = {self.world.module.uri}", "device = i2c:/dev/i2c-9@0x30"))
        self.initramfs()
        for module in ("i2c-dev", "i2c_tiny_usb", "xhci_pci"):
            self.assert_found("failure", "initramfs", f"lacks the kernel module {module}")

    def test_a_second_kernel_without_an_initramfs(self):
        (self.root / "lib/modules/6.2.0-test").mkdir()
        self.assertEqual(self.examine()[0], 0)  # modules of a kernel that is gone
        (self.root / "boot/vmlinuz-6.2.0-test").write_bytes(b"")
        self.assert_found("failure", "initramfs", "6.2.0-test has no initramfs")

    def test_a_damaged_initramfs(self):
        (self.root / f"boot/initrd.img-{self.kernel}").write_bytes(b"\x1f\x8b" + b"damage" * 100)
        self.assert_found("failure", "initramfs", "")

    def test_what_the_firmware_loads(self):
        self.write("boot/firmware/config.txt", "arm_64bit=1\nauto_initramfs=1\n[cm5]\n")
        self.initramfs(name="boot/firmware/initramfs8")
        self.assert_silent()
        self.initramfs(name="boot/firmware/initramfs_2712", without=[PLUGIN])
        found = self.assert_found("failure", "initramfs", "initramfs_2712 has no", only=True)
        self.assertIn("initramfs_2712", found["command"])

    def test_an_initramfs_that_config_txt_names(self):
        self.write("boot/config.txt", "initramfs initrd.img followkernel\n")
        self.initramfs(name="boot/initrd.img", without=["hsm4.conf"])
        self.assert_found("failure", "initramfs", "boot/initrd.img has no hsm4.conf", only=True)

    def test_self_test(self):
        done = self.world.ctl("doctor", "--self-test", "--json")
        told = json.loads(done.stdout)
        self.assertTrue(told["passed"])
        self.assertEqual(told["backend"], "open")
        self.assertGreater(told["locked-size"], 32)
        self.world.identity.write_text("another board\n")
        failed = self.world.ctl("doctor", "--self-test", "--json", check=False)
        self.assertEqual(failed.returncode, 1)
        self.assertFalse(json.loads(failed.stdout)["passed"])
        self.assertEqual(failed.stderr.count(b"\n"), 1)

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
        done = self.run_doctor("--verbose")
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        self.assertIn("/dev/vda3, token", done.stdout.decode())

    def test_a_root_that_is_not_encrypted(self):
        done = self.run_doctor()
        self.assertEqual(done.returncode, 3)
        self.assertIn("no LUKS2 volume", done.stdout.decode())

    def test_wrong_usage(self):
        self.assertEqual(self.world.ctl("doctor", "--colour", check=False).returncode, 2)


if __name__ == "__main__":
    tap.main()
