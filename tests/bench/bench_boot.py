# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""An emulated Raspberry Pi 3, from the start of its initramfs to its mounted root: by token against a key
file in the same image. In the guest's own time, as its kernel's log has it.

What happens before local-top is the same both ways, and on a busy machine differs by more from boot to boot
than what is measured here: so the time from there to the root is told apart.

HSM4_BENCH_BOOTS=N boots each way (5); HSM4_BENCH_BOARD=pc takes a PC with Debian bookworm instead."""

import os
import re
import statistics
import sys

from figures import show
from machines import scenario_for  # first: it tells where the harness is
from harness import boot_steps as steps
from harness import disk

BOOTS = int(os.environ.get("HSM4_BENCH_BOOTS", "5"))
MARK = "bench: what opens volumes begins"
KEY = "/etc/keys/root.key"
SOURCE = "/dev/disk/by-partuuid/48534d34-02"


def mark_local_top(shell):
    """The kernel's log tells when the scripts before local-top are through."""
    script = "/etc/initramfs-tools/scripts/init-premount/zz-bench"
    shell.run(f"""
        printf '%s\\n' '#!/bin/sh' '[ "$1" = prereqs ] || echo "{MARK}" >/dev/kmsg' >{script}
        chmod +x {script}""")


def root_by_key_file(shell):
    """A key like the token's, in the initramfs."""
    shell.run(f"""
        mkdir -m 700 -p $(dirname {KEY}); head -c 64 /dev/urandom >{KEY}
        printf %s '{steps.PASSPHRASE}' >/run/passphrase
        cryptsetup luksAddKey -q --pbkdf pbkdf2 --hash sha512 --pbkdf-force-iterations 1000 \\
            --key-file=/run/passphrase {SOURCE} {KEY}
        rm /run/passphrase
        echo 'KEYFILE_PATTERN={KEY}' >>/etc/cryptsetup-initramfs/conf-hook
        echo UMASK=0077 >/etc/initramfs-tools/conf.d/umask
        sed -i 's| none | {KEY} |' /etc/crypttab""")
    steps.rebuild(shell)


def one_boot(machine):
    """Seconds from the start of the initramfs, and from local-top, to the root."""
    shell = steps.boot_unattended(machine)
    log = shell.run("dmesg").output
    start, mark, end = (float(re.search(rf"\[ *([0-9.]+)\] {line}", log).group(1))
                        for line in ("Run /init as init process", MARK, r"EXT4-fs \(dm-0\): mounted"))
    steps.power_off(machine, shell)
    print(f"a boot: {end - start:.2f} s, {end - mark:.2f} s of them from local-top", file=sys.stderr)
    return end - start, end - mark


def boots(machine):
    """Medians of both."""
    return [statistics.median(times) for times in zip(*(one_boot(machine) for _ in range(BOOTS)))]


def main():
    pi = os.environ.get("HSM4_BENCH_BOARD", "pi") == "pi"
    with scenario_for("boot") as vm:
        module = vm.module()
        if pi:
            image = steps.image(disk.PI, "trixie")
            machine = vm.pi(vm.disk(image), module)
        else:
            image = steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")
            machine = vm.pc(vm.disk(image), module)
        shell, _, _ = steps.answer_prompt(machine)
        steps.few_modules(shell)
        mark_local_top(shell)
        steps.enrol(shell)
        steps.power_off(machine, shell)
        by_token = boots(machine)
        shell = steps.boot_unattended(machine)
        root_by_key_file(shell)
        steps.power_off(machine, shell)
        by_key = boots(machine)
    board = "raspi3b" if pi else "PC"
    for since, token, key in zip(("initramfs", "local-top"), by_token, by_key):
        show(f"{since} to root, {board}, {BOOTS} boots each", f"{token - key:+.2f} s",
             f"({token:.2f} : {key:.2f} s by key file)", "+1 s")


if __name__ == "__main__":
    main()
