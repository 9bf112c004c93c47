# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC makes a card from an image for itself and its module, in one command, and boots from it unattended.

    /dev/vda: Debian -- hsm4-rootfs provision --image=/dev/vdc /dev/vdb
    power cut in the middle: /dev/vdb boots nowhere; once more -- /dev/vdb alone -- /dev/mapper/cryptroot
"""
import json
import re
import subprocess

from harness import disk, i2c_steps, limits

# Only the drivers that this machine needs, as Raspberry Pi OS has it: a large initramfs takes minutes to make.
IMAGE = disk.Recipe(disk.PC, "bookworm", files={"/etc/initramfs-tools/conf.d/modules": "MODULES=dep\n"},
                    options="modprobe.blacklist=i2c_i801")
PLAINTEXT = "PRETTY_NAME=\"Debian GNU/Linux 12"  # of /etc/os-release
FLEET = """openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=fleet \\
    -keyout /root/fleet.key -out /root/fleet.pem 2>/dev/null"""
PROVISION = "hsm4-rootfs provision --yes --hostname=pi-%s --recovery-escrow=/root/fleet.pem --escrow-to=/root/%u.pem"


def refused(shell, bus, target, reason, status=1):
    done = shell.run(f"{PROVISION} --hsm4-device=i2c:{bus}@0x30 --image=/dev/vdc {target}", check=False)
    assert done.status == status and re.search(reason, done.output), done.output


def power_off(pc, shell):
    shell.run("sync")
    shell.console.send("poweroff -f\n")
    pc.wait_off()


def begin(shell, bus, options):
    shell.run(f"nohup {PROVISION} --hsm4-device=i2c:{bus}@0x30 --image=/dev/vdc {options} /dev/vdb "
              ">/root/line 2>/root/said </dev/null & echo $! >/root/pid")


def wait_for(shell, text):
    shell.run(f"for n in $(seq 1000); do ! grep -q '{text}' /root/said || exit 0; "
              "test -d /proc/$(cat /root/pid) || break; sleep 2; done; cat /root/said /root/line; "
              f"grep -q '{text}' /root/said", seconds=10 * limits.COMMAND)


def finish(shell):
    """The line that a finished unit has."""
    shell.run("while test -d /proc/$(cat /root/pid); do sleep 2; done", seconds=10 * limits.COMMAND)
    said = shell.run("cat /root/said; echo; cat /root/line").output
    line = json.loads(re.search(r"^\{.*\}$", said, re.M).group(0))
    assert line["result"] == "done", said
    return line


def shows_plaintext(card):
    return subprocess.run(["grep", "-aqF", PLAINTEXT, card.path], check=False).returncode == 0


def run(vm):
    module = vm.module()
    card = disk.blank(vm.work / "card.img", 2048 * disk.MIB)
    tiny = disk.blank(vm.work / "tiny.img", 64 * disk.MIB)
    golden = vm.disk(IMAGE, "golden.img")
    golden.change_identifier()
    pc = vm.pc(vm.disk(IMAGE), module, serial="stick-0001",
               extra=[(card, "card-0001"), (golden, "golden-0001"), (tiny, "tiny-0001")])

    with vm.test("the provisioning system boots", needed=True):
        shell = pc.boot()
        bus = i2c_steps.find_bus(shell)
        shell.run(FLEET)
    with vm.test("wrong targets are refused, and nothing is written"):
        refused(shell, bus, "/dev/vda", "running system")
        refused(shell, bus, "/dev/vda1", "is a partition", status=2)
        refused(shell, bus, "/dev/vdd", "too small")
        shell.run("blockdev --setro /dev/vdb")
        refused(shell, bus, "/dev/vdb", "read-only")
        shell.run("blockdev --setrw /dev/vdb; mkfs.ext4 -q /dev/vdb; mount /dev/vdb /mnt")
        refused(shell, bus, "/dev/vdb", "mounted at /mnt")
        shell.run("umount /mnt")
    with vm.test("a second run at the same time is refused"):
        begin(shell, bus, "")
        wait_for(shell, "writing the image")
        refused(shell, bus, "/dev/vdb", "another hsm4-rootfs is at work")
    with vm.test("a power cut in the middle leaves a card that boots nowhere", needed=True):
        pc.cut_power()
        module.inject("power-cycle")
        assert not card.has_table()
        shell = pc.boot()
        bus = i2c_steps.find_bus(shell)
        shell.run("test ! -e /dev/vdb1")
    with vm.test("once more, to the end: one line of JSON", needed=True):
        begin(shell, bus, "--lock")
        line = finish(shell)
        print(f"# {line['seconds']} s for the unit; {line}", flush=True)
    with vm.test("the line says what the card is"):
        assert line["medium"] == "serial:card-0001" and line["locked"] is True, line
        shell.run("udevadm settle")
        found = shell.run("blkid -s UUID -o value /dev/vdb2; blkid -s PTUUID -o value /dev/vdb").output.split()
        assert found == [line["uuid"], line["table"].removeprefix("0x")], (found, line)
    with vm.test("the escrowed recovery key opens it"):
        shell.run(f"openssl cms -decrypt -inform PEM -in /root/{line['uuid']}.pem -inkey /root/fleet.key |"
                  " cryptsetup open --test-passphrase --key-file=- /dev/vdb2")
    with vm.test("with its module in production, the card is not made anew"):
        refused(shell, bus, "/dev/vdb", "production")
        assert card.has_table()
    power_off(pc, shell)
    with vm.test("nothing of the root can be read on the raw card"):
        assert shows_plaintext(golden) and not shows_plaintext(card)

    pc.disk, pc.serial, pc.extra, pc.slots = card, "card-0001", [], [1]
    with vm.test("the card alone boots unattended into its encrypted root", needed=True):
        console = pc.switch_on()
        console.wait_for(r"login: |root@", limits.BOOT, but_not=r"Please unlock")
        shell = pc.log_in()
        root = shell.run("findmnt -n -o SOURCE /; dmsetup table cryptroot").output
        assert "/dev/mapper/cryptroot" in root and " crypt " in root, root
    with vm.test("it is a unit of its own, and in production"):
        assert f"pi-{pc.uuid}" in shell.run("cat /etc/hostname").output
        shell.run("test -s /etc/machine-id && mountpoint -q /boot/firmware && systemctl is-system-running --wait;"
                  " grep -q '^UUID=.* /boot/firmware vfat' /etc/fstab", seconds=5 * limits.COMMAND)
        assert "production" in shell.run("hsm4ctl status").output
    power_off(pc, shell)
    with vm.test("the same content on another card asks for a passphrase"):
        pc.serial = "card-0002"
        pc.switch_on().wait_for(r"Please unlock", limits.BOOT, but_not=r"login: |root@")
    pc.cut_power()
