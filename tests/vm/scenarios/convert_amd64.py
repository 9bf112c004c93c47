# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with a plain Debian bookworm encrypts its root in place, in one reboot, and boots unattended.

    /dev/vda2: ext4 -- hsm4-rootfs convert -- reboot --
    initramfs: shrink, encrypt, clear, grow -- boots on -- /dev/mapper/cryptroot
"""
from harness import convert_steps as steps
from harness import disk

IMAGE = steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")


def run(vm):
    steps.whole_story(vm, vm.pc(vm.disk(IMAGE), vm.module(), serial="card-0001"), "/dev/vda2")
