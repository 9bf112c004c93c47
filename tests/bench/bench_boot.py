# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""An emulated Raspberry Pi 3, from the start of its initramfs to its mounted root: by token against a key
file in the same image. In the guest's own time, as its kernel's log has it.

HSM4_BENCH_BOOTS=N boots each way (3); HSM4_BENCH_BOARD=pc takes a PC with Debian bookworm instead."""

import os
import pathlib
import re
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))
from figures import show  # noqa: E402
from harness import boot_steps as steps  # noqa: E402
from harness import disk, scenario  # noqa: E402

BOOTS = int(os.environ.get("HSM4_BENCH_BOOTS", "3"))
KEY = "/etc/keys/root.key"
SOURCE = "/dev/disk/by-partuuid/48534d34-02"


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


def seconds(machine):
    """One boot."""
    shell = steps.boot_unattended(machine)
    log = shell.run("dmesg").output
    start, end = (float(re.search(rf"\[ *([0-9.]+)\] {line}", log).group(1))
                  for line in (r"Run /init as init process", r"EXT4-fs \(dm-0\): mounted"))
    steps.power_off(machine, shell)
    return end - start


def main():
    pi = os.environ.get("HSM4_BENCH_BOARD", "pi") == "pi"
    with tempfile.TemporaryDirectory() as logs:
        vm = scenario.Scenario("bench-boot", pathlib.Path(logs))
        try:
            module = vm.module()
            if pi:
                image = steps.image(disk.PI, "trixie")
                machine = vm.pi(vm.disk(image), module)
            else:
                image = steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")
                machine = vm.pc(vm.disk(image), module)
            shell, _, _ = steps.answer_prompt(machine)
            steps.few_modules(shell)
            steps.enrol(shell)
            steps.power_off(machine, shell)
            by_token = [seconds(machine) for _ in range(BOOTS)]
            shell = steps.boot_unattended(machine)
            root_by_key_file(shell)
            steps.power_off(machine, shell)
            by_key = [seconds(machine) for _ in range(BOOTS)]
        finally:
            vm.close()
    token, key = statistics.median(by_token), statistics.median(by_key)
    show(f"initramfs to root, {'raspi3b' if pi else 'PC'}, {BOOTS} boots each", f"{token - key:+.2f} s",
         f"({token:.2f} : {key:.2f} s by key file)", "+1 s")


if __name__ == "__main__":
    main()
