# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A Raspberry Pi 3 with Debian trixie on its SD card: the module on I2C unlocks a volume through dm-crypt.

    cryptsetup -- plugin -- /dev/i2c-N -- i2c-tiny-usb -- dwc2 -- usbredir -- hsm4-emulator
        |
    dm-crypt -- loop device -- file on /dev/mmcblk0p2      the board's serial number is part of the
                                                           binding (/proc/device-tree/serial-number)
The bus is a USB adapter's: the Pi's own I2C controller is not exercised.
"""
from harness import disk, i2c_steps
from harness.i2c_steps import Volume

IMAGE = disk.Recipe(disk.PI, "trixie")
# The cipher for a CPU without AES instructions, as real Pis before the 5 are.
CIPHER = "--cipher xchacha12,aes-adiantum-plain64 --key-size 256"
ATTACH = "losetup /dev/loop0 /root/volume"


def run(vm):
    module = vm.module()
    card = vm.disk(IMAGE)
    pi = vm.pi(card, module, serial="00000000deadbeef")
    volume = Volume("/dev/loop0", CIPHER)

    with vm.test("Debian boots from the SD card, as a Raspberry Pi", needed=True):
        shell = pi.boot()
        assert "Raspberry Pi 3" in shell.run("cat /proc/device-tree/model").output
        assert "/dev/mmcblk0p2" in shell.run("findmnt -n -o SOURCE /").output
        shell.run(f"truncate -s 64M /root/volume; {ATTACH}")
    i2c_steps.first_boot(vm, pi, module, volume, shell)
    i2c_steps.disturbances(vm, module, volume, shell, adapter_goes=False)
    with vm.test("the log shows a real adapter and real dm-crypt"):
        volume.open(shell)
        i2c_steps.hardware_log(shell)
        volume.close(shell)
        shell.run("sync")

    pi.cut_power()
    with vm.test("after a power cut the same board opens it again"):
        shell = pi.boot()
        shell.run(ATTACH)
        i2c_steps.find_bus(shell)
        volume.open(shell)
        volume.read(shell)
        volume.close(shell)
        shell.run("sync")

    # Card and module in another board.
    pi.cut_power()
    pi.serial = "00000000cafe0001"
    with vm.test("another board is refused"):
        shell = pi.boot()
        shell.run(ATTACH)
        i2c_steps.find_bus(shell)
        refusals = module.stats()["refusals"]
        volume.stays_closed(shell)
        assert module.stats()["refusals"] > refusals
