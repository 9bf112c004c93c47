# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian trixie and our packages encrypts all of its root with Adiantum; packages and kernel are upgraded.

    apt install hsm4-tools hsm4-initramfs -- hsm4-rootfs convert --full --cipher=adiantum -- reboot
    newer packages, another kernel -- reboot: unattended, and doctor has nothing to say

Adiantum is what a Raspberry Pi gets whose CPU has no instructions for AES, as up to the 4.
"""
from harness import convert_steps as steps
from harness import disk
from harness import upgrade_steps as upgrade

IMAGE = steps.image(disk.PC, "trixie", project="packages", options="modprobe.blacklist=i2c_i801",
                    files=upgrade.FILES, script=upgrade.SCRIPT)


def is_silent(shell):
    said = shell.run("hsm4ctl doctor").output.strip()
    assert not said, said


def run(vm):
    pc = vm.pc(vm.disk(IMAGE), vm.module(), serial="card-0001")
    shell = steps.whole_story(vm, pc, "/dev/vda2", "--full --cipher=adiantum")
    with vm.test("all of the partition is encrypted with Adiantum"):
        dump = shell.run("cryptsetup luksDump /dev/vda2").output
        assert "cipher: xchacha12,aes-adiantum-plain64" in dump and "length: (whole device)" in dump, dump
    with vm.test("packages are upgraded to another version", needed=True):
        upgrade.newer_version(shell)
        is_silent(shell)
    with vm.test("another kernel is installed", needed=True):
        old = upgrade.other_kernel(shell)
        is_silent(shell)
    steps.power_off(pc, shell)
    with vm.test("it boots unattended with both, and doctor has nothing to say"):
        shell = steps.boot_unattended(pc)
        assert shell.run("uname -r").output.strip() not in ("", old)
        is_silent(shell)
