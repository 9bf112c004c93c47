# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What the scenarios of hsm4-rootfs convert do: a plain Debian that becomes an encrypted one."""
import json
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


FEW_MODULES = ("/etc/initramfs-tools/conf.d/modules", "MODULES=dep\n")


def image(board, suite, **options):
    """A plain Debian with the project. Only the drivers that this machine needs, as Raspberry Pi OS has
    it: a large initramfs takes an emulated machine minutes to make."""
    files = dict(options.pop("files", {}))
    if options.get("project") == "packages":
        # They make one as they are installed, where there is no machine to look at yet.
        options["script"] += " && printf '%s' '{1}' >{0}".format(*FEW_MODULES)
    else:
        files.setdefault(*FEW_MODULES)
    return disks.Recipe(board, suite, files=files, **{"size": 2048 * disks.MIB, **options})


def prepare(shell, options=""):
    """Binds, and orders the conversion. Gives the recovery key that was shown."""
    bus = i2c_steps.find_bus(shell)
    shell.run(f"hsm4ctl bind --hsm4-device=i2c:{bus}@0x30")
    shell.run(MAKE_FILES, seconds=3 * limits.COMMAND)
    said = shell.run(f"hsm4-rootfs convert --yes {options}", seconds=5 * limits.COMMAND).output
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


def plaintext_in(disk, start=disks.ROOT_START):
    """Where the raw root partition, or all from `start` on, shows what was written into files."""
    found = []
    with open(disk.path, "rb") as file:
        file.seek(start)
        position, rest = 0, b""
        while part := file.read(16 * disks.MIB):
            at = (rest + part).find(MARK.encode())
            if at >= 0:
                found.append(position - len(rest) + at)
            position += len(part)
            rest = part[-len(MARK):]
    return found


def boot_unattended(machine):
    """Without a question, from the encrypted root. Gives the shell."""
    console = machine.switch_on()
    console.wait_for(r"login: |root@", limits.BOOT, but_not=r"Please unlock|Recovery key")
    shell = machine.log_in()
    is_encrypted(shell)
    assert "root=/dev/mapper/cryptroot" in shell.run("cat /proc/cmdline").output
    return shell


def boot_that_encrypts(machine):
    """The one that asks nothing, and boots on into the encrypted root. Gives the shell."""
    console = machine.switch_on()
    for stage in STAGES:
        console.wait_for(f"hsm4: {stage}\r?\n", 2 * limits.BOOT, but_not=r"\(initramfs\)|Recovery key|Please unlock")
    shell = machine.log_in()
    is_encrypted(shell)
    return shell


def whole_story(vm, machine, root, options=""):
    """From a plain Debian on the partition `root` to one that is encrypted and boots unattended. `options` of
    hsm4-rootfs convert. Gives the shell."""
    with vm.test("a plain Debian boots, and is not bound", needed=True):
        shell = machine.boot()
    with vm.test("without a bound module it is refused, and nothing changes"):
        refused = shell.run("hsm4-rootfs convert --yes", check=False)
        assert refused.status == 1 and "nothing was changed" in refused.output, refused.output
        shell.run("test ! -e /boot/firmware/hsm4-rootfs && test ! -e /etc/hsm4/conversion.json")
    with vm.test("hsm4-rootfs convert prepares it: header, recovery key, initramfs", needed=True):
        recovery = prepare(shell, options)
    with vm.test("the raw partition shows the files so far"):
        shell.run("sync")
        assert plaintext_in(machine.disk)
    with vm.test("the status says so, and a second run is refused"):
        assert "shrinking" in shell.run("hsm4-rootfs status").output
        assert shell.run("hsm4-rootfs convert --yes", check=False).status == 1
    power_off(machine, shell)

    with vm.test("the next boot encrypts, asks nothing, and boots on into the encrypted root", needed=True):
        shell = boot_that_encrypts(machine)
    with vm.test("every file has its content of before, and the file system is whole again"):
        shell.run(CHECK_FILES, seconds=3 * limits.COMMAND)
        sizes = shell.run("df --output=size -B1M / | tail -1; lsblk -bno SIZE /dev/mapper/cryptroot").output.split()
        assert int(sizes[1]) / disks.MIB - int(sizes[0]) < 150, sizes
    with vm.test("the status counts what was done in this boot"):
        status = json.loads(shell.run("hsm4-rootfs status --json").output)
        assert status["state"] == "encrypted", status
        assert status["progress"]["done"] == status["progress"]["all"] > 0, status
    with vm.test("what the conversion needed goes by itself"):
        wait_until_tidy(shell)
    with vm.test("hsm4ctl doctor has nothing to say"):
        assert not shell.run("hsm4ctl doctor").output.strip()
    with vm.test("the recovery key opens the volume"):
        shell.run(f"printf %s {recovery} | cryptsetup open --test-passphrase --key-file=- {root}")
    power_off(machine, shell)

    with vm.test("nothing of the files can be read on the raw partition"):
        assert not plaintext_in(machine.disk), plaintext_in(machine.disk)
    with vm.test("the boot after it is unattended, by cmdline.txt, fstab and crypttab alone"):
        shell = boot_unattended(machine)
        shell.run(CHECK_FILES, seconds=3 * limits.COMMAND)
    return shell
