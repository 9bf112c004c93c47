# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A Raspberry Pi 3 with a plain Debian trixie moves its root from the SD card to an encrypted USB disk.

    /dev/mmcblk0p2: ext4 -- hsm4-rootfs migrate (-x /dev/sda by default) -- reboot -- /dev/sda1: LUKS2
"""
from harness import convert_steps, disk, limits
from harness import migrate_steps as steps

IMAGE = steps.image(disk.PI, "trixie")


def run(vm):
    module = vm.module()
    card = vm.disk(IMAGE)
    other = disk.blank(vm.work / "other.img", 2048 * disk.MIB)
    pi = vm.pi(card, module, serial="00000000deadbeef", extra=[(other, "stick-0001")])

    with vm.test("a plain Debian boots", needed=True):
        shell = pi.boot()
    with vm.test("hsm4-rootfs migrate makes the volume, copies, and makes the initramfs", needed=True):
        recovery = steps.prepare(shell, "--erase-source")
    steps.power_off(pi, shell)
    with vm.test("it boots from the new root, with every file", needed=True):
        shell = steps.boots_new(pi, "sda1")
    with vm.test("what it took to get there goes by itself", needed=True):
        steps.wait_until_tidy(shell)
    with vm.test("the recovery key opens the volume"):
        shell.run(f"printf %s {recovery} | cryptsetup open --test-passphrase --key-file=- /dev/sda1")
    steps.power_off(pi, shell)
    with vm.test("the old root is erased, and nothing can be read on the new disk"):
        assert not convert_steps.plaintext_in(card)
        assert not convert_steps.plaintext_in(other, 0)
    with vm.test("the boot after it is unattended", needed=True):
        console = pi.switch_on()
        console.wait_for(r"login: |root@", limits.BOOT, but_not=r"Please unlock|Recovery key")
        shell = pi.log_in()
        steps.is_on(shell, "sda1")
