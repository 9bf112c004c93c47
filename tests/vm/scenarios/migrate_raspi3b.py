# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A Raspberry Pi 3 with a plain Debian trixie moves its root from the SD card to an encrypted USB disk.

    /dev/mmcblk0p2: ext4 -- hsm4-rootfs migrate (-x /dev/sda by default) -- reboot -- /dev/sda1: LUKS2
"""
from harness import disk
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
    steps.ends_well(vm, pi, shell, recovery, "sda1", (card, other))
