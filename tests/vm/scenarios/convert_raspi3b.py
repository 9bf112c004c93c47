# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A Raspberry Pi 3 with a plain Debian trixie encrypts the root on its SD card in place, and boots unattended.

    /dev/mmcblk0p2: ext4 -- hsm4-rootfs convert -- reboot --
    initramfs: shrink, encrypt, clear, grow -- boots on -- /dev/mapper/cryptroot

With Adiantum: a real Pi 3 has no instructions for AES, which the emulated one has. The bus is a USB adapter's:
the Pi's own I2C controller is not exercised.
"""
from harness import convert_steps as steps
from harness import disk

IMAGE = steps.image(disk.PI, "trixie")


def run(vm):
    steps.whole_story(vm, vm.pi(vm.disk(IMAGE), vm.module()), "/dev/mmcblk0p2", "--cipher=adiantum")
