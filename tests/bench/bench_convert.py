# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A root that is encrypted in place, against the way by a second disk: tar, LUKS and mkfs, untar.

Both by an emulated PC, on copies of one disk whose root partition is filled to 1/8 and to 1/2. Seconds of
the guest's clock, and bytes per byte in use. Of the second way only the copying is counted: neither its
two reboots, nor the copy of the root that it boots from in between.

The CPU is as that of all Raspberry Pis but the 5th: without instructions for AES. There hsm4-rootfs takes
Adiantum, and the other way, as whoever calls luksFormat without more, AES. HSM4_BENCH_CPU=Westmere has them: both
encrypt with AES then.

HSM4_BENCH_FILL=8 (or 2) measures one of them. HSM4_BENCH_RATE=N: disks of N MB/s, as a card has; without
it they are as fast as the machine, and the emulated CPU is what is measured."""

import json
import os
import re
import sys

from figures import show
from machines import scenario_for  # first: it tells where the harness is
from harness import convert_steps as steps
from harness import disk, i2c_steps, limits

MARK = "bench: sectors so far"
# The kernel's log gets the disk's counters before the conversion and after it.
COUNT = f"""#!/bin/sh
[ "$1" != prereqs ] || {{ echo udev; exit 0; }}
read -r _ _ read _ _ _ written _ </sys/block/vda/stat
echo "{MARK} $read $written" >/dev/kmsg
"""
SCRIPTS = "/etc/initramfs-tools/scripts"
IMAGE = steps.image(disk.PC, "bookworm", size=5120 * disk.MIB, options="modprobe.blacklist=i2c_i801", files={
    f"{SCRIPTS}/init-top/zz-bench": COUNT, f"{SCRIPTS}/local-top/00-bench": COUNT})
BUDGETS = {8: 3.0, 2: 1.5}
KEY = "/run/key"
BY_TAR = f"""
    set -e
    head -c 64 /dev/urandom >{KEY}; mkdir -p /run/old /run/other /run/new
    mkfs.ext4 -q /dev/vdc; mount /dev/vdc /run/other; echo 3 >/proc/sys/vm/drop_caches
    stat() {{ awk '{{ read += $3; written += $7 }} END {{ print read, written }}' /sys/block/vdb/stat /sys/block/vdc/stat; }}
    echo from $(cut -d' ' -f1 /proc/uptime) $(stat)
    mount -o ro /dev/vdb2 /run/old; tar -C /run/old -cf /run/other/root.tar .; umount /run/old; sync
    cryptsetup luksFormat -q --type luks2 --cipher aes-xts-plain64 --key-size 512 \\
        --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file {KEY} /dev/vdb2
    cryptsetup open --key-file {KEY} /dev/vdb2 new
    mkfs.ext4 -q /dev/mapper/new; mount /dev/mapper/new /run/new; echo 3 >/proc/sys/vm/drop_caches
    tar -C /run/new -xpf /run/other/root.tar; umount /run/new; cryptsetup close new; sync
    echo to $(cut -d' ' -f1 /proc/uptime) $(stat)"""


def fill(shell, part):
    """Copies of the system's own files, so that there are as many small and large ones as a root has, until
    1/part of the root partition is in use. Gives the bytes in use."""
    shell.run(f"""
        goal=$(($(blockdev --getsize64 /dev/vda2) / {part}))
        rest() {{ echo $((goal - $(df --output=used -B1 / | tail -1))); }}
        n=0
        while [ $(rest) -gt 0 ]; do
            mkdir -p /srv/fill/$((n += 1))
            for tree in /usr/*/*; do
                [ $(rest) -gt 0 ] || break
                cp -a --parents "$tree" /srv/fill/$n
            done; sync
        done""", seconds=20 * limits.COMMAND)
    return int(shell.run("df --output=used -B1 / | tail -1").output)


def pc(vm, *arguments, **options):
    """As HSM4_BENCH_CPU says."""
    machine = vm.pc(*arguments, **options)
    machine.cpu = os.environ.get("HSM4_BENCH_CPU", f"{machine.cpu},-aes")
    return machine


def throttled(machine):
    """As HSM4_BENCH_RATE says."""
    machine.rate = int(os.environ.get("HSM4_BENCH_RATE", "0"))
    return machine


def in_place(machine):
    """(seconds, bytes read, bytes written)"""
    console = machine.switch_on()
    console.wait_for(r"hsm4: the root file system is encrypted", 4 * limits.BOOT, but_not=r"\(initramfs\)")
    shell = machine.log_in()
    log = shell.run("dmesg").output
    begin, end = (float(re.search(rf"\[ *([0-9.]+)\] hsm4-rootfs: {line}", log).group(1))
                  for line in ("the root file system is being", "the root file system is encrypted"))
    for line in re.findall(r"\[ *[0-9.]+\] hsm4-rootfs: [^\n]*", log):
        print(line, file=sys.stderr)
    before, after = (tuple(map(int, pair)) for pair in re.findall(rf"{MARK} (\d+) (\d+)", log))
    steps.power_off(machine, shell)
    return end - begin, *(512 * (b - a) for a, b in zip(before, after))


def by_tar(machine):
    shell = machine.boot()
    said = shell.run(BY_TAR, seconds=20 * limits.COMMAND).output
    before, after = (tuple(map(float, re.search(rf"{word} ([\d.]+) (\d+) (\d+)", said).groups()))
                     for word in ("from", "to"))
    steps.power_off(machine, shell)
    return after[0] - before[0], *(512 * (b - a) for a, b in zip(before[1:], after[1:]))


def compare(vm, part):
    module = vm.module(f"module-{part}")
    prepared = vm.disk(IMAGE, "prepared.img")
    machine = pc(vm, prepared, module, serial="card-0001")
    shell = machine.boot()
    used = fill(shell, part)
    bus = i2c_steps.find_bus(shell)
    shell.run(f"hsm4ctl bind --hsm4-device=i2c:{bus}@0x30; hsm4-rootfs convert --yes", seconds=5 * limits.COMMAND)
    steps.power_off(machine, shell)

    old = prepared.copy_to(vm.work / "old.img")
    old.change_identifier()
    ours = in_place(throttled(machine))
    prepared.path.unlink()
    other = disk.blank(vm.work / "other.img", 5120 * disk.MIB)
    theirs = by_tar(throttled(pc(vm, vm.disk(IMAGE, "system.img"), None, extra=[(old, "old-0001"), (other, "other-0001")])))
    for path in (old.path, other.path):
        path.unlink()
    print(json.dumps({"used": used, "in place": ours, "by tar": theirs}), file=sys.stderr)
    show(f"in place against tar, 1/{part} in use", f"{theirs[0] / ours[0]:.2f} times as fast",
         f"({ours[0]:.0f} : {theirs[0]:.0f} s)", f"{BUDGETS[part]}")
    for name, number in (("read", 1), ("written", 2)):
        show(f"  bytes {name} per byte in use", f"{ours[number] / used:.2f}", f"({theirs[number] / used:.2f} by tar)", "-")


def main():
    fills = os.environ.get("HSM4_BENCH_FILL")
    with scenario_for("convert") as vm:
        for part in [int(fills)] if fills else BUDGETS:
            compare(vm, part)


if __name__ == "__main__":
    main()
