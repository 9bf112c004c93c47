# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian bookworm: systemd opens data volumes at boot, by token, by token and PIN, or asks.

    crypttab -- systemd-cryptsetup -- libcryptsetup -- plugin -- /dev/i2c-N -- usbredir -- hsm4-emulator
        |
    dm-crypt -- /dev/vdb (by token alone) and /dev/vdc (with a PIN)
"""
from harness import disk, i2c_steps, limits
from harness.boot_steps import power_off
from harness.i2c_steps import PASSPHRASE, Volume

# One bus only, so that the module's has the same number at each boot.
IMAGE = disk.Recipe(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")
PIN = "271828"
DATA = "data /dev/vdb none luks\n"
PINNED = "pinned /dev/vdc none luks\n"


def is_mapped(shell, *names):
    for name in names:
        assert " crypt " in shell.run(f"dmsetup table {name}").output
        assert shell.run(f"systemctl is-active systemd-cryptsetup@{name}").output.strip() == "active"


def run(vm):
    module = vm.module()
    volumes = [disk.blank(vm.work / name, 64 * disk.MIB) for name in ("data.img", "pinned.img")]
    pc = vm.pc(vm.disk(IMAGE), module, serial="card-0001",
               extra=[(volumes[0], "data-0001"), (volumes[1], "data-0002")])

    with vm.test("bind, enrol a volume, and another with a PIN", needed=True):
        shell = pc.boot()
        bus = i2c_steps.find_bus(shell)
        shell.run(f"hsm4ctl bind --hsm4-device=i2c:{bus}@0x30")
        for device in ("/dev/vdb", "/dev/vdc"):
            Volume(device).make(shell)
        Volume("/dev/vdb").enrol(shell)
        shell.run(f"printf %s {PIN} >/run/pin; hsm4-enroll --with-pin --pin-file=/run/pin"
                  " --unlock-key-file=/root/passphrase /dev/vdc && rm /run/pin /root/passphrase")
        shell.put("/etc/crypttab", DATA)
    power_off(pc, shell)

    with vm.test("by token alone nothing is asked", needed=True):
        console = pc.switch_on()
        console.wait_for(r"login: |root@", limits.BOOT, but_not=r"PIN|assphrase")
        console.position = 0
        shell = pc.log_in()
        is_mapped(shell, "data")
        shell.put("/etc/crypttab", DATA + PINNED)
    power_off(pc, shell)

    with vm.test("systemd asks for the PIN; after a wrong one again; the right one opens", needed=True):
        console = pc.switch_on()
        console.wait_for(r"PIN", limits.BOOT, but_not=r"assphrase|login: ")
        console.send("0000\n")
        console.wait_for(r"\n[^\n]*PIN[^\n]*: ", limits.BOOT, but_not=r"assphrase|login: ")
        console.send(PIN + "\n")
        shell = pc.log_in()
        is_mapped(shell, "data", "pinned")
    with vm.test("the log says how many tries were left"):
        said = shell.run("journalctl -b -u systemd-cryptsetup@pinned").output
        assert "4 tries" in said or "tries left: 4" in said, said
        shell.put("/etc/crypttab", DATA)
    power_off(pc, shell)

    module.inject("unplug")
    with vm.test("module gone: why, then one prompt for a passphrase, and the boot goes on"):
        console = pc.switch_on()
        console.wait_for(r"assphrase", limits.BOOT, but_not=r"PIN|login: ")
        console.send(PASSPHRASE + "\n")
        shell = pc.log_in()
        is_mapped(shell, "data")
        assert "hsm4: " in shell.run("journalctl -b -u systemd-cryptsetup@data").output
