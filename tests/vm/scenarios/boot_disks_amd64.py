# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian bookworm and its root on NVMe; another on USB, whose disk appears ten seconds late.

    local-top/hsm4 -- (no disk yet) -- local-block/a-hsm4 -- cryptsetup -- plugin -- ... -- hsm4-emulator
"""
import re

from harness import boot_steps as steps
from harness import disk

IMAGE = steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")
LATE = 10   # seconds


def on_nvme(vm):
    pc = vm.pc(vm.disk(IMAGE, "nvme.img"), vm.module("module-1"), serial="card-0001")
    pc.interface = "nvme"
    steps.first_boot(vm, pc)
    shell = steps.unattended(vm, pc, "root on NVMe: unattended")
    with vm.test("it is NVMe indeed, and its serial number is what the module is bound to"):
        assert "nvme0n1" in shell.run("lsblk -n -s -o NAME /dev/mapper/root").output
        assert "card-0001" in shell.run("cat /sys/block/nvme0n1/device/serial").output
    steps.power_off(pc, shell)
    pc.serial = "card-0002"
    shell = steps.asks_once(vm, pc, "another NVMe disk with the same content is refused", r"refused")
    steps.power_off(pc, shell)


def on_late_usb(vm):
    module = vm.module("module-2")
    card = vm.disk(IMAGE, "usb.img")
    pc = vm.pc(card, module, serial="stick-0001")
    pc.interface = "usb"
    steps.first_boot(vm, pc)
    plain = card.command_line()
    card.write_boot("cmdline.txt", f"{plain} usb-storage.delay_use={LATE}\n".encode())
    shell = steps.unattended(vm, pc, "the disk is on USB and comes late: unattended")
    with vm.test("it came after the scripts had begun to wait"):
        log = shell.run("dmesg").output
        start, end = (float(re.search(rf"\[ *([0-9.]+)\] [^\n]*{line}", log).group(1))
                      for line in (r"Run /init as init process", r"Attached SCSI disk"))
        assert end - start > LATE - 2, (start, end)
    steps.power_off(pc, shell)
    module.inject("unplug")
    pc.usual_prompt += LATE
    shell = steps.asks_once(vm, pc, "late disk and no module: one line, one prompt")
    steps.power_off(pc, shell)


def run(vm):
    on_nvme(vm)
    on_late_usb(vm)
