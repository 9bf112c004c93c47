# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A Raspberry Pi 3 with Debian trixie whose encrypted root on the SD card comes up by itself.

    /dev/mmcblk0p2: LUKS2 with a passphrase -- bind, enrol, update-initramfs -- no prompt any more
    module gone, other board -- one line, one prompt; changed header -- refused

The bus is a USB adapter's: the Pi's own I2C controller is not exercised.
"""
from harness import boot_steps as steps
from harness import disk, limits

IMAGE = steps.image(disk.PI, "trixie")


def run(vm):
    module = vm.module()
    card = vm.disk(IMAGE)
    pi = vm.pi(card, module, serial="00000000deadbeef")

    steps.first_boot(vm, pi, prepare=steps.few_modules)
    shell = steps.unattended(vm, pi, "then it boots unattended, without a prompt")
    with vm.test("the root lies on the SD card, and the board is part of the binding"):
        assert "Raspberry Pi 3" in shell.run("cat /proc/device-tree/model").output
        assert "mmcblk0p2" in shell.run("lsblk -n -s -o NAME /dev/mapper/root").output
        assert "board-serial" in shell.run("cat /etc/hsm4/hsm4.conf").output
    steps.power_off(pi, shell)

    module.inject("unplug")
    shell = steps.asks_once(vm, pi, "module gone: one line, one prompt in time, the recovery passphrase works",
                            reason="no module answers|is not there")
    steps.power_off(pi, shell)
    module.inject("plug")

    # Card and module in another board.
    pi.serial = "00000000cafe0001"
    shell = steps.asks_once(vm, pi, "another board: refused")
    steps.power_off(pi, shell)
    pi.serial = "00000000deadbeef"

    header = steps.swap_header(card, steps.null_cipher)
    with vm.test("header swapped for a null cipher: refused by token"):
        console = pi.switch_on()
        console.wait_for(steps.OURS, limits.BOOT)
        console.wait_for(steps.PROMPT, limits.BOOT)
        assert not console.has_said("set up successfully")
    pi.cut_power()
    steps.put_header(card, header)
    steps.unattended(vm, pi, "all put back: unattended")
