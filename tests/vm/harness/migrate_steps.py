# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What the scenarios of hsm4-rootfs migrate do: a plain Debian whose root moves to an encrypted volume on
another disk."""
import pathlib
import re

from . import convert_steps, i2c_steps, limits
from .convert_steps import CHECK_FILES, MAKE_FILES, power_off, wait_until_tidy  # noqa: F401

LATE = "/srv/files/written after the live copy"
ON = "booting from the new root"


def image(board, suite, **options):
    """As for a conversion, with rsync."""
    return convert_steps.image(board, suite, files={
        "/etc/resolv.conf": pathlib.Path("/etc/resolv.conf").read_text(encoding="utf-8"),
    }, script="apt-get -q update && apt-get -q install -y --no-install-recommends rsync"
              " && rm -rf /var/lib/apt/lists/*", **options)


def refused(shell, options, reason, status=1):
    """Nothing changes on either disk."""
    done = shell.run(f"hsm4-rootfs migrate --yes {options}", check=False, seconds=5 * limits.COMMAND)
    assert done.status == status and re.search(reason, done.output), done.output
    shell.run("test ! -e /boot/firmware/hsm4-rootfs && test ! -e /etc/hsm4/conversion.json")


def bind(shell):
    bus = i2c_steps.find_bus(shell)
    shell.run(f"hsm4ctl bind --hsm4-device=i2c:{bus}@0x30")


def is_pulled_out(shell, name):
    """The other disk goes, five seconds into the copy of the live root. Nothing of the move is left."""
    done = shell.run(f"""
        slot=$(readlink -f /sys/block/{name}/device/..)
        (until grep -q /run/hsm4-rootfs/new-root /proc/mounts; do sleep 1; done; sleep 5; echo 1 >"$slot/remove") &
        hsm4-rootfs migrate --yes -x /dev/{name}""", check=False, seconds=20 * limits.COMMAND)
    assert done.status == 1 and "this system is as it was" in done.output, done.output
    shell.run(f"test ! -e /dev/{name} && test ! -e /boot/firmware/hsm4-rootfs && test ! -e /etc/hsm4/conversion.json")
    shell.run("! grep /run/hsm4-rootfs /proc/mounts && ! ls /dev/mapper | grep -v control")


def prepare(shell, options):
    """Binds, and copies the live root. Gives the recovery key that was shown."""
    bind(shell)
    shell.run(MAKE_FILES, seconds=3 * limits.COMMAND)
    said = shell.run(f"hsm4-rootfs migrate --yes {options}", seconds=20 * limits.COMMAND).output
    assert "All is prepared" in said, said
    shell.run(f"echo late >'{LATE}'; sync")
    return re.search(r"\b([cbdefghijklnrtuv]{8}(-[cbdefghijklnrtuv]{8}){7})\b", said).group(1)


def is_on(shell, partition):
    """The running system's root is the volume there, and its files are those of before."""
    convert_steps.is_encrypted(shell)
    assert partition in shell.run("lsblk -n -s -o NAME /dev/mapper/cryptroot").output
    shell.run(CHECK_FILES, seconds=3 * limits.COMMAND)
    shell.run(f"grep -q late '{LATE}'")


def boots_plain(machine, said):
    """The old root boots, without a question, after the initramfs has said why."""
    console = machine.switch_on()
    console.wait_for(said, 2 * limits.BOOT, but_not=r"Please unlock|Recovery key")
    console.wait_for(r"login: |root@", limits.BOOT, but_not=r"Please unlock|Recovery key|\(initramfs\)")
    shell = machine.log_in()
    assert "/dev/mapper" not in shell.run("findmnt -n -o SOURCE /").output
    return shell


def boots_new(machine, partition):
    """The last pass, and on from the new root."""
    console = machine.switch_on()
    console.wait_for(ON, 5 * limits.BOOT, but_not=r"Please unlock|Recovery key|\(initramfs\)")
    console.wait_for(r"login: |root@", limits.BOOT, but_not=r"Please unlock|Recovery key|\(initramfs\)")
    shell = machine.log_in()
    is_on(shell, partition)
    return shell


def ends_well(vm, machine, shell, recovery, partition, disks):
    """What follows the first boot from the new root on `partition`: tidied up, the old root erased,
    nothing readable on the two `disks`, unattended ever after."""
    old, new = disks
    with vm.test("what it took to get there goes by itself", needed=True):
        wait_until_tidy(shell)
    with vm.test("the recovery key opens the volume"):
        shell.run(f"printf %s {recovery} | cryptsetup open --test-passphrase --key-file=- /dev/{partition}")
    with vm.test("hsm4ctl doctor finds nothing that would stop the next boot"):
        done = shell.run("hsm4ctl doctor", check=False, seconds=3 * limits.COMMAND)
        assert done.status in (0, 3), done.output
    power_off(machine, shell)
    with vm.test("the old root is erased, and nothing can be read on the new disk"):
        assert not convert_steps.plaintext_in(old)
        assert not convert_steps.plaintext_in(new, 0)
    with vm.test("the boot after it is unattended", needed=True):
        console = machine.switch_on()
        console.wait_for(r"login: |root@", limits.BOOT, but_not=r"Please unlock|Recovery key")
        shell = machine.log_in()
        assert "root=/dev/mapper/cryptroot" in shell.run("cat /proc/cmdline").output
        is_on(shell, partition)


def dies_on_the_way(machine, line=ON):
    """Its power is cut when the initramfs has said so; by itself, when init has been told to take the new root,
    and nothing of it has run yet."""
    machine.switch_on().wait_for(line, 5 * limits.BOOT, but_not=r"Please unlock|Recovery key|\(initramfs\)")
    machine.cut_power()
