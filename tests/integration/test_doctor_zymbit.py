# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4ctl doctor on a system with a Zymbit module: healthy, and each of the ways in which they break."""

import hashlib
import json
import shutil

import doctoring
import fixture
import tap
import zymbit

SERIAL = "00000123ABC"
HOOK = "#!/bin/sh\nupdate-initramfs -c -k $1\n"
KEYSCRIPT = "lib/cryptsetup/scripts/zk_get_key"
VENDOR_LINE = ("cryptrfs\t/dev/mmcblk0p2\t/etc/cryptroot/key.bin\t"
               "luks,discard,keyscript=/lib/cryptsetup/scripts/zk_get_key,tries=100,timeout=30s\n")


class VendorSystem(doctoring.Examined):
    """A Raspberry Pi 4 whose root opens by token."""

    kernel = "6.12.25+rpt-rpi-v8"

    def setUp(self):
        self.make_system(zymbit.VendorWorld())
        self.world.use(zymbit.BY_LIBRARY, wait=1)
        self.make_vendor_files()
        self.image = self.enrolled()
        self.install()

    def enrolled(self):
        image = self.world.image()
        self.world.enroll(image)
        return image

    def make_vendor_files(self):
        self.write("var/lib/zymbit/zkenv.conf", "ZK_GPIO_WAKE_PIN=516\n")
        self.write(f"var/lib/zymbit/{SERIAL}/s1_fp_salt.bin", "salt")
        self.write("sbin/zkunlockifs", "program")
        self.write("proc/1/stat", "1 (init) S 0")
        self.write("proc/77/stat", "77 (zkifc) S 1")
        self.write("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")
        self.write("sys/kernel/debug/gpio", "gpiochip0: GPIOs 512-569, parent: platform:\n"
                   " gpio-512 (ID_SDA              )\n gpio-516 (GPIO4               |zk )\n")
        self.write("sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "performance\n")
        self.card("eth0", "lan78xx")
        self.card("wlan0", "brcmfmac")
        self.write("sys/class/net/wlan0/wireless/status", "")
        self.write("sys/class/net/lo/mtu", "65536")
        self.write("etc/kernel/postinst.d/initramfs-tools", HOOK)
        checksum = hashlib.md5(HOOK.encode()).hexdigest()
        self.write("var/lib/dpkg/status", "Package: initramfs-tools\nConffiles:\n"
                   " /etc/initramfs-tools/update-initramfs.conf 0\n"
                   f" /etc/kernel/postinst.d/initramfs-tools {checksum}\n\n")
        self.write("etc/crypttab", "# zk_get_key was here\ncryptrfs UUID=1 none luks,initramfs\n")

    def card(self, name, module):
        driver = self.write(f"sys/class/net/{name}/device/driver/module", None)
        driver.symlink_to(f"../../../module/{module}")

    def carried(self):
        network = self.write("lan78xx.ko", "module")
        return {**super().carried(),
                "usr/sbin/zkunlockifs": self.root / "sbin/zkunlockifs",
                "var/lib/zymbit/zkenv.conf": self.root / "var/lib/zymbit/zkenv.conf",
                f"var/lib/zymbit/{SERIAL}/s1_fp_salt.bin":
                    self.root / f"var/lib/zymbit/{SERIAL}/s1_fp_salt.bin",
                f"usr/lib/modules/{self.kernel}/kernel/drivers/net/usb/lan78xx.ko": network}


class Healthy(VendorSystem):
    def test_is_silent(self):
        self.assert_silent()
        code, findings = self.examine(self.image, "--verbose")
        self.assertEqual(code, 0, findings)
        self.assertIn(("note", "module"), [(f["severity"], f["check"]) for f in findings])

    def test_is_silent_in_production_and_by_the_programs(self):
        self.world.set_defects("production")
        self.assert_silent()
        shutil.rmtree(self.root / "proc/77")  # so that the programs may be tried
        self.world.use(zymbit.BY_PROGRAM)
        self.initramfs()
        self.assert_found("warning", "zymbit-zkifc", "does not run", status=3, only=True)

    def test_without_a_configured_device_the_vendors_software_decides(self):
        self.world.set_config("wait = 1")
        self.initramfs()
        findings = self.examine(self.image, "--verbose")[1]
        self.assertIn("module zymbit:", [f["what"] for f in findings if f["check"] == "config"][0])

    def test_self_test(self):
        for uri in zymbit.BOTH:
            for convention in ("", "wrapper"):
                self.world.use(uri)
                self.world.set_defects(convention)
                told = json.loads(self.world.ctl("doctor", "--self-test", "--json").stdout)
                self.assertTrue(told["passed"])
                self.assertEqual(told["backend"], "zymbit")
                self.assertIn("unlock-ms", told)
        self.world.set_defects("unverified-output")
        done = self.world.ctl("doctor", "--self-test", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count(b"\n"), 1)


class Broken(VendorSystem):
    """The ten most common ways, and a few more."""

    def test_stale_salt_in_an_initramfs(self):
        self.write(f"var/lib/zymbit/{SERIAL}/s1_fp_salt.bin", "new salt")
        # Harmless in development, fatal once the binding is locked.
        self.assert_found("warning", "initramfs", "s1_fp_salt.bin", status=3, only=True)
        self.world.set_defects("production")
        self.assert_found("failure", "initramfs", "s1_fp_salt.bin", only=True)

    def test_lost_state_of_the_vendor(self):
        shutil.rmtree(self.root / f"var/lib/zymbit/{SERIAL}")
        self.assert_found("warning", "zymbit-salt", "s1_fp_salt.bin", status=3, only=True)
        self.world.set_defects("production")
        self.assert_found("failure", "zymbit-salt", "s1_fp_salt.bin", only=True)

    def test_initramfs_without_the_vendors_files(self):
        self.initramfs(without=["zkenv.conf", "s1_fp_salt.bin", "zkunlockifs"])
        self.assert_found("failure", "initramfs", "has no zkunlockifs")
        self.assert_found("failure", "initramfs", "has no var/lib/zymbit/zkenv.conf")
        self.assert_found("warning", "initramfs", "s1_fp_salt.bin")

    def test_wake_pin_of_an_older_kernel(self):
        self.write("var/lib/zymbit/zkenv.conf", "ZK_GPIO_WAKE_PIN=4\n")
        self.initramfs()
        found = self.assert_found("failure", "zymbit-wake-pin", "wake pin 4", only=True)
        self.assertIn("ZK_GPIO_WAKE_PIN=516", found["command"])
        (self.root / "sys/kernel/debug/gpio").unlink()  # the kernel's version tells as well
        self.assert_found("failure", "zymbit-wake-pin", "wake pin 4", only=True)
        self.write("var/lib/zymbit/zkenv.conf", "#ZK_GPIO_WAKE_PIN=516\n")
        self.initramfs()
        self.assert_found("failure", "zymbit-wake-pin", "no wake pin", only=True)

    def test_daemon_that_does_not_run(self):
        shutil.rmtree(self.root / "proc/77")
        self.assert_found("warning", "zymbit-zkifc", "does not run", status=3, only=True)

    def test_network_driver_missing_in_an_initramfs(self):
        self.initramfs(without=["lan78xx.ko"])
        found = self.assert_found("warning", "initramfs", "lan78xx", status=3, only=True)
        self.assertIn("/etc/initramfs-tools/modules", found["command"])

    def test_governor_that_disturbs_the_bus(self):
        self.write("sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "ondemand\n")
        self.assert_found("warning", "zymbit-governor", "ondemand", status=3, only=True)

    def test_kernel_without_an_initramfs(self):
        self.write("lib/modules/6.12.47+rpt-rpi-2712/modules.builtin", "")
        self.write("boot/vmlinuz-6.12.47+rpt-rpi-2712", "")
        found = self.assert_found("failure", "initramfs", "6.12.47+rpt-rpi-2712", only=True)
        self.assertEqual(found["command"], "update-initramfs -c -k 6.12.47+rpt-rpi-2712")

    def test_overwritten_kernel_hook(self):
        self.write("etc/kernel/postinst.d/initramfs-tools", "#!/bin/sh\nexit 0\n")
        self.assert_found("warning", "zymbit-postinst", "not the distribution's", status=3, only=True)
        (self.root / "etc/kernel/postinst.d/initramfs-tools").unlink()
        self.assert_found("warning", "zymbit-postinst", "is missing", status=3, only=True)

    def test_old_line_in_crypttab(self):
        self.write(KEYSCRIPT, "script")
        self.write("etc/crypttab", VENDOR_LINE)
        found = self.assert_found("warning", "zymbit-crypttab", "cryptrfs", status=3, only=True)
        # Do as it says.
        command = found["command"].split(" && ")[0].replace("/etc/", f"{self.root}/etc/")
        fixture.run(["sh", "-c", command])
        self.assertEqual((self.root / "etc/crypttab").read_text(),
                         "cryptrfs /dev/mmcblk0p2 none luks,initramfs,discard\n")
        self.assert_found("warning", "zymbit-leftover", "zk_get_key", status=3, only=True)
        (self.root / KEYSCRIPT).unlink()
        self.assert_silent()

    def test_image_of_the_boot_partition_left_behind(self):
        self.write("boot/config.txt", "initramfs initrd.img followkernel\n")
        self.initramfs(name="boot/initrd.img", without=["libcryptsetup-token-hsm4.so"])
        self.assert_found("failure", "initramfs", "boot/initrd.img has no", only=True)

    def test_module_that_is_not_bound_or_locked_elsewhere(self):
        self.world.set_defects("unbound")
        self.assert_found("failure", "module", "not bound")
        self.world.set_defects("foreign")
        self.assert_found("failure", "module", "another board, card or salt")

    def test_opened_perimeter(self):
        self.world.set_defects("opened")
        self.assert_found("warning", "module", "perimeter", status=3, only=True)

    def test_missing_software(self):
        self.world.use("zymbit:/nonexistent/libzk_app_utils.so")
        self.initramfs()
        found = self.assert_found("failure", "module", "install or update the vendor's packages")
        self.assertNotIn("bind", found["command"])

    def test_device_that_only_the_initramfs_can_use(self):
        self.world.use(zymbit.BY_PROGRAM)
        self.initramfs()
        found = self.assert_found("warning", "config", "while zkifc runs", status=3)
        self.assertIn("zymbit:", found["command"])


class Imported(VendorSystem):
    """A system that the vendor's scripts encrypted, before and after its key was imported."""

    def enrolled(self):
        self.write("etc/crypttab", VENDOR_LINE)
        self.write(KEYSCRIPT, "script")
        image, locked = self.world.vendor_volume()
        self.locked = self.write("var/lib/zymbit/key.bin.lock", None)
        shutil.copy(locked, self.locked)
        return image

    def test_from_the_vendors_keyscript_to_the_token(self):
        found = self.assert_found("failure", "token", "no hsm4 token")
        self.assertIn("--import-locked-key=/var/lib/zymbit/key.bin.lock", found["command"])
        self.assert_found("warning", "zymbit-crypttab", "cryptrfs")
        self.world.enroll(f"--import-locked-key={self.locked}", self.image, passphrase=None)
        self.initramfs()
        self.assert_found("warning", "recovery", "by the module only", status=3)
        self.assert_found("warning", "zymbit-crypttab", "cryptrfs", status=3)
        found = self.assert_found("warning", "zymbit-raw-token", "vendor's tools", status=3)
        self.assertIn("--rotate", found["command"])
        self.do(found["command"])
        self.initramfs()
        found = self.assert_found("warning", "zymbit-raw-token", "vendor's tools", status=3)
        self.assertIn("--wipe-slot=0", found["command"])
        self.do(found["command"])
        self.initramfs()
        self.assertNotIn("zymbit-raw-token", [f["check"] for f in self.examine()[1]])

    def do(self, command):
        """What a finding says, by hsm4-enroll."""
        words = command.split()
        self.assertEqual(words[0], "hsm4-enroll")
        self.world.enroll(*words[1:], passphrase=None)

    def test_stale_state_is_found_before_anything_is_imported(self):
        self.initramfs(without=["s1_fp_salt.bin"])
        self.assert_found("warning", "initramfs", "s1_fp_salt.bin")


if __name__ == "__main__":
    tap.main()
