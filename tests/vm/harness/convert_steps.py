# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What the scenarios of hsm4-rootfs convert do: a plain Debian that becomes an encrypted one."""
import re

from . import disk as disks
from . import i2c_steps, limits

MARK = "plaintext-that-must-not-stay"
FILES = "/srv/files"
# Written before, deleted before: what lies in free space must not be readable either.
# MD5 is quick on an emulated machine, and sees every accident.
MAKE_FILES = f"""
    mkdir -p {FILES}
    for n in $(seq 40); do yes "{MARK} $n" | head -c $((n * 40000)) >{FILES}/$n; done
    yes "{MARK} deleted" | head -c 30000000 >/srv/deleted; sync; rm /srv/deleted
    cd / && find srv etc usr/bin usr/sbin usr/lib -xdev -type f ! -path 'etc/fstab*' ! -path 'etc/crypttab*' ! -path 'etc/hsm4/*' \\
        ! -path etc/resolv.conf ! -path 'etc/.*' | sort >/root/list
    xargs -d '\\n' md5sum </root/list >/root/sums; sync"""
CHECK_FILES = "cd / && md5sum --quiet -c /root/sums"
STAGES = ["shrinking", "moving", "heading", "encrypting", "clearing", "installing", "encrypted"]


def image(board, suite, **options):
    """A plain Debian with the project. Only the drivers that this machine needs, as Raspberry Pi OS has
    it: a large initramfs takes an emulated machine minutes to make."""
    files = {"/etc/initramfs-tools/conf.d/modules": "MODULES=dep\n", **options.pop("files", {})}
    return disks.Recipe(board, suite, size=2048 * disks.MIB, files=files, **options)


def prepare(shell):
    """Binds, and orders the conversion. Gives the recovery key that was shown."""
    bus = i2c_steps.find_bus(shell)
    shell.run(f"hsm4ctl bind --hsm4-device=i2c:{bus}@0x30")
    shell.run(MAKE_FILES, seconds=3 * limits.COMMAND)
    said = shell.run("hsm4-rootfs convert --yes", seconds=5 * limits.COMMAND).output
    assert "All is prepared" in said, said
    return re.search(r"\b([cbdefghijklnrtuv]{8}(-[cbdefghijklnrtuv]{8}){7})\b", said).group(1)


def power_off(machine, shell):
    shell.run("sync")
    shell.console.send("poweroff -f\n")
    machine.wait_off()


def wait_until_tidy(shell):
    """Until hsm4-rootfs.service has removed what the conversion needed."""
    shell.run("for n in $(seq 200); do test -e /etc/hsm4/conversion.json -o -e /etc/hsm4/conversion.done.json"
              " || exit 0; sleep 5; done; systemctl status hsm4-rootfs; exit 1", seconds=5 * limits.COMMAND)
    shell.run("test ! -e /boot/firmware/hsm4-rootfs")


def is_encrypted(shell):
    root = shell.run("findmnt -n -o SOURCE /; dmsetup table cryptroot; cat /proc/cmdline /etc/fstab").output
    assert "/dev/mapper/cryptroot" in root and " crypt " in root, root


def plaintext_in(disk):
    """Where the raw root partition still shows what was written into files."""
    found = []
    with open(disk.path, "rb") as file:
        file.seek(disks.ROOT_START)
        position, rest = 0, b""
        while part := file.read(16 * disks.MIB):
            at = (rest + part).find(MARK.encode())
            if at >= 0:
                found.append(position - len(rest) + at)
            position += len(part)
            rest = part[-len(MARK):]
    return found
