# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with a plain Debian bookworm encrypts its root in place, in one reboot, and boots unattended.

    /dev/vda2: ext4 -- hsm4-rootfs convert -- reboot --
    initramfs: shrink, encrypt, clear, grow -- boots on -- /dev/mapper/cryptroot
"""
from harness import convert_steps as steps
from harness import disk, limits

IMAGE = steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")


def run(vm):
    module = vm.module()
    boot = vm.disk(IMAGE)
    pc = vm.pc(boot, module, serial="card-0001")

    with vm.test("a plain Debian boots, and is not bound", needed=True):
        shell = pc.boot()
    with vm.test("without a bound module it is refused, and nothing changes"):
        refused = shell.run("hsm4-rootfs convert --yes", check=False)
        assert refused.status == 1 and "nothing was changed" in refused.output, refused.output
        shell.run("test ! -e /boot/firmware/hsm4-rootfs && test ! -e /etc/hsm4/conversion.json")
    with vm.test("hsm4-rootfs convert prepares it: header, recovery key, initramfs", needed=True):
        recovery = steps.prepare(shell)
    with vm.test("the raw partition shows the files so far"):
        shell.run("sync")
        assert steps.plaintext_in(boot)
    with vm.test("the status says so, and a second run is refused"):
        assert "shrinking" in shell.run("hsm4-rootfs status").output
        assert shell.run("hsm4-rootfs convert --yes", check=False).status == 1
    steps.power_off(pc, shell)

    with vm.test("the next boot encrypts, asks nothing, and boots on into the encrypted root", needed=True):
        console = pc.switch_on()
        for stage in steps.STAGES:
            console.wait_for(f"hsm4: {stage}\r?\n", 2 * limits.BOOT, but_not=r"\(initramfs\)|Recovery key|Please unlock")
        shell = pc.log_in()
        steps.is_encrypted(shell)
    with vm.test("every file has its content of before, and the file system is whole again"):
        shell.run(steps.CHECK_FILES, seconds=3 * limits.COMMAND)
        sizes = shell.run("df --output=size -B1M / | tail -1; lsblk -bno SIZE /dev/mapper/cryptroot").output.split()
        assert int(sizes[1]) / disk.MIB - int(sizes[0]) < 150, sizes
    with vm.test("what the conversion needed goes by itself"):
        steps.wait_until_tidy(shell)
    with vm.test("hsm4ctl doctor has nothing to say"):
        assert not shell.run("hsm4ctl doctor").output.strip()
    with vm.test("the recovery key opens the volume"):
        shell.run(f"printf %s {recovery} | cryptsetup open --test-passphrase --key-file=- /dev/vda2")
    steps.power_off(pc, shell)

    with vm.test("nothing of the files can be read on the raw partition"):
        assert not steps.plaintext_in(boot), steps.plaintext_in(boot)
    with vm.test("the boot after it is unattended, by cmdline.txt, fstab and crypttab alone"):
        console = pc.switch_on()
        console.wait_for(r"login: |root@", limits.BOOT, but_not=r"Please unlock|Recovery key")
        shell = pc.log_in()
        steps.is_encrypted(shell)
        assert "root=/dev/mapper/cryptroot" in shell.run("cat /proc/cmdline").output
        shell.run(steps.CHECK_FILES, seconds=3 * limits.COMMAND)
