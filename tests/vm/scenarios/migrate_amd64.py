# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with a plain Debian bookworm moves its root to an encrypted second disk; the old one boots until that works.

    /dev/nvme0n1p2: ext4 -- hsm4-rootfs migrate -x /dev/vda -- reboot --
    initramfs: last pass of the copy -- /dev/vda1: LUKS2 -- first good boot -- /dev/nvme0n1p2 is erased

The boot medium, which is measured, needs another driver than the root has in the end.
"""
from harness import disk, limits
from harness import migrate_steps as steps

IMAGE = steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")


def run(vm):
    module = vm.module()
    card = vm.disk(IMAGE)
    other = disk.blank(vm.work / "other.img", 2048 * disk.MIB)
    tiny = disk.blank(vm.work / "tiny.img", 64 * disk.MIB)
    pc = vm.pc(card, module, serial="card-0001", extra=[(other, "usb-0001"), (tiny, "tiny-0001")])
    pc.interface = "nvme"

    with vm.test("a plain Debian boots", needed=True):
        shell = pc.boot()
    with vm.test("without a bound module it is refused"):
        steps.refused(shell, "-x /dev/vda", "nothing was changed")
    with vm.test("the other disk is pulled out while it is copied to: stopped, and this system is as it was"):
        steps.bind(shell)
        steps.is_pulled_out(shell, "vda")
    steps.power_off(pc, shell)
    with vm.test("hsm4-rootfs migrate makes the volume, copies, and makes the initramfs", needed=True):
        shell = pc.boot()
        recovery = steps.prepare(shell, "-x /dev/vda --erase-source")
    with vm.test("the status says so; a second run is refused"):
        assert "copying" in shell.run("hsm4-rootfs status").output
        assert shell.run("hsm4-rootfs migrate --yes -x /dev/vda", check=False).status == 1
    with vm.test("cancel takes it back; wrong disks are refused", needed=True):
        shell.run("hsm4-rootfs cancel", seconds=5 * limits.COMMAND)
        steps.refused(shell, "-x /dev/nvme0n1", "running system")
        steps.refused(shell, "-x /dev/vda1", "is a partition", status=2)
        steps.refused(shell, "-x /dev/vdb", "are needed")
        steps.refused(shell, "-x /dev/vda -p 3", "without partition 3", status=2)
        steps.refused(shell, "-x /dev/vda -m 1", "source-partition=2", status=2)
        steps.refused(shell, "-x /dev/vdc", "No such file")
    with vm.test("once more, to the partition that is there now", needed=True):
        recovery = steps.prepare(shell, "-x /dev/vda -p 1 -s 1500M --erase-source")
    steps.power_off(pc, shell)

    module.inject("unplug")
    with vm.test("module gone: the old root boots, and nothing is given up", needed=True):
        shell = steps.boots_plain(pc, "the move goes on at another boot")
        assert "copying" in shell.run("hsm4-rootfs status").output
    steps.power_off(pc, shell)
    module.inject("plug")
    with vm.test("the power fails within the last pass", needed=True):
        steps.dies_on_the_way(pc, "copying what has changed")
        steps.dies_on_the_way(pc, "comparing every file")
    with vm.test("that pass is made anew; the new root does not come up twice: the old one boots, with every file", needed=True):
        steps.dies_on_the_way(pc)
        steps.dies_on_the_way(pc)
        shell = steps.boots_plain(pc, "the new root did not come up")
        assert "abandoned" in shell.run("hsm4-rootfs status").output
        shell.run(steps.CHECK_FILES, seconds=3 * limits.COMMAND)
    with vm.test("resume lets the next boot try again", needed=True):
        shell.run("systemctl is-failed hsm4-rootfs && exit 1; hsm4-rootfs resume && hsm4-rootfs status | grep copying")
    steps.power_off(pc, shell)

    with vm.test("it boots from the new root, with every file", needed=True):
        shell = steps.boots_new(pc, "vda1")
        size = int(shell.run("df --output=size -B1M / | tail -1").output)
        assert 1300 < size <= 1500, size
    steps.ends_well(vm, pc, shell, recovery, "vda1", (card, other))
