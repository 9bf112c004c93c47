# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC whose disk has a bad sector, or whose module is gone, while its root is encrypted: stopped, and gone on with.

    a file system that cannot shrink as far as planned, throughout
    record of the conversion away -- a damaged root is not mounted; a sound one boots -- record back
    power cut while it shrinks, module gone -- the plain system boots, and grows back -- module back
    sector in the middle broken -- one line, a shell, nothing mounted -- sector mended -- goes on
    module gone -- recovery key, after a wrong one -- goes on to the end
"""
import subprocess

from harness import convert_steps as steps
from harness import disk, limits
from harness.lossy_disk import LossyDisk

IMAGE = steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")
NEVER = r"\(initramfs\)|Recovery key|Please unlock"
PROMPT = r"Recovery key of the root file system"
SIZE = "df --output=size -B1 / | tail -1"
# As if the plan had been wrong: resize2fs has no room for a file system of that size.
ASK_TOO_MUCH = r"""
    sed -i 's/\("\(shrunk\|encrypted\)": *\)"[0-9]*"/\1"268435456"/' /etc/hsm4/conversion.json
    grep -c 268435456 /etc/hsm4/conversion.json | grep -qx 2 && update-initramfs -u -k all && sync"""
RECORD = "hsm4-rootfs"
TABLES = 2 * disk.MIB  # of inodes, in the root partition
BAD = disk.ROOT_START + 40 * disk.MIB  # it is encrypted from its end to its start


def run(vm):
    module = vm.module()
    prepared = vm.disk(IMAGE, "prepared.img")
    pc = vm.pc(prepared, module, serial="card-0001", memory=512)  # as much as a Pi Zero 2 has
    with vm.test("a plain Debian is prepared", needed=True):
        shell = pc.boot()
        recovery = steps.prepare(shell)
        shell.run(ASK_TOO_MUCH, seconds=3 * limits.COMMAND)
        size = int(shell.run(SIZE).output)
        steps.power_off(pc, shell)
    prepared.rename_boot(RECORD, "away")
    with vm.test("a damaged root without a record of the conversion is not mounted"):
        damaged = prepared.copy_to(vm.work / "damaged.img")
        with damaged.root_partition() as file:
            # Else its journal says that a system has run on it since.
            assert subprocess.run(["e2fsck", "-f", "-p", file], stdout=subprocess.DEVNULL, check=False).returncode <= 1
            with open(file, "r+b") as content:
                content.seek(TABLES)
                content.write(b"\xa5" * disk.MIB)
        pc.disk = damaged
        console = pc.switch_on()
        for line in ("looking again", "looking again", r"hsm4: the root file system is damaged, and there is no record",
                     r"\(initramfs\)"):
            console.wait_for(line, limits.BOOT, but_not=r"root@|login: ")
        pc.cut_power()
        damaged.path.unlink()
    pc.disk = prepared
    with vm.test("a sound one boots plain", needed=True):
        console = pc.switch_on()
        for line in ("looking again", "looking again", "hsm4: no conversion was begun", r"login: |root@"):
            console.wait_for(line, limits.BOOT, but_not=NEVER)
        shell = pc.log_in()
        shell.run("findmnt -n -o FSTYPE,SOURCE / | grep -q '^ext4 */dev/vda2'; " + steps.CHECK_FILES,
                  seconds=3 * limits.COMMAND)
        steps.power_off(pc, shell)
    prepared.rename_boot("away", RECORD)
    boot = LossyDisk(prepared.path, vm.work / "disk.sock")
    pc.disk = boot

    with vm.test("while the file system shrinks, the power fails", needed=True):
        console = pc.switch_on()
        for _ in range(3):
            console.wait_for(r"hsm4: the file system has", 2 * limits.BOOT, but_not=NEVER)
        pc.cut_power()
    module.inject("unplug")
    with vm.test("without the module it stays plain, waits for no volume, and grows back", needed=True):
        console = pc.switch_on()
        console.wait_for(r"nothing is encrypted yet; the system boots as before", limits.BOOT, but_not=NEVER)
        console.wait_for(r"root@", limits.BOOT, but_not=f"{NEVER}|Waiting for encrypted source")
        console.position = 0
        shell = pc.log_in()
        shell.run(f"for n in $(seq 60); do test $({SIZE}) -lt {size} || exit 0; sleep 5; done; {SIZE}; exit 1",
                  seconds=2 * limits.COMMAND)
        shell.run("findmnt -n -o FSTYPE,SOURCE / | grep -q '^ext4 */dev/vda2'; " + steps.CHECK_FILES,
                  seconds=3 * limits.COMMAND)
        steps.power_off(pc, shell)
    module.inject("plug")

    with vm.test("a sector that cannot be read stops it with one line, and nothing is mounted", needed=True):
        console = pc.switch_on()
        console.wait_for(r"hsm4: encrypting\n", 2 * limits.BOOT, but_not=r"\(initramfs\)")
        boot.broken = range(BAD, BAD + disk.MIB)
        console.wait_for(r"hsm4: the encryption stopped: [^\n]+\n", limits.BOOT, but_not=r"\(initramfs\)|root@")
        console.wait_for(r"cannot go on now", limits.BOOT, but_not=r"root@")
        console.wait_for(r"\(initramfs\)", limits.BOOT, but_not=r"root@")
    pc.cut_power()
    boot.broken = range(0)

    module.inject("unplug")
    with vm.test("without the module it asks for the recovery key, and goes on with it alone", needed=True):
        console = pc.switch_on()
        console.wait_for(PROMPT, 2 * limits.BOOT, but_not=r"\(initramfs\)|root@")
        console.send("cccccccc-not-the-key\n")
        console.wait_for(PROMPT, limits.BOOT, but_not=r"\(initramfs\)|root@|hsm4: clearing")
        console.send(recovery + "\n")
        console.wait_for(r"hsm4: the root file system is encrypted", 2 * limits.BOOT, but_not=r"\(initramfs\)|Recovery key")
        shell = pc.log_in()
        steps.is_encrypted(shell)
        shell.run(steps.CHECK_FILES, seconds=3 * limits.COMMAND)
    steps.power_off(pc, shell)
    module.inject("plug")
    with vm.test("with the module it boots unattended", needed=True):
        console = pc.switch_on()
        console.wait_for(r"login: |root@", limits.BOOT, but_not=r"Please unlock|Recovery key")
        shell = pc.log_in()
        steps.is_encrypted(shell)
        steps.wait_until_tidy(shell)
        steps.power_off(pc, shell)
    with vm.test("nothing of the files can be read on the raw partition"):
        assert not steps.plaintext_in(boot), steps.plaintext_in(boot)
