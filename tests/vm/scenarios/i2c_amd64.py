# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian bookworm: the module on a real /dev/i2c-N unlocks a data disk through dm-crypt.

    cryptsetup -- plugin -- /dev/i2c-N -- i2c-tiny-usb -- xhci -- usbredir -- hsm4-emulator
        |
    dm-crypt -- /dev/vdb        boot medium /dev/vda, whose serial number is part of the binding
"""
from harness import disk, i2c_steps
from harness.i2c_steps import Volume

IMAGE = disk.Recipe(disk.PC, "bookworm")


def run(vm):
    module = vm.module()
    boot = vm.disk(IMAGE)
    data = disk.blank(vm.work / "data.img", 64 * disk.MIB)
    pc = vm.pc(boot, module, serial="card-0001", extra=[(data, "data-0001")])
    volume = Volume("/dev/vdb")

    with vm.test("Debian boots from its own boot partition", needed=True):
        shell = pc.boot()
    i2c_steps.first_boot(vm, pc, module, volume, shell)
    i2c_steps.disturbances(vm, module, volume, shell)
    with vm.test("the log shows a real adapter and real dm-crypt"):
        volume.open(shell)
        i2c_steps.hardware_log(shell)

    # The power goes while the volume is open. The module keeps its own.
    pc.cut_power()
    with vm.test("after a power cut the same machine opens it again"):
        shell = pc.boot()
        i2c_steps.find_bus(shell)
        volume.open(shell)
        volume.read(shell)

    # The same disk, cloned to a medium with another serial number.
    pc.cut_power()
    pc.serial = "card-0002"
    with vm.test("booted from another medium it is refused"):
        shell = pc.boot()
        i2c_steps.find_bus(shell)
        refusals = module.stats()["refusals"]
        volume.stays_closed(shell)
        assert module.stats()["refusals"] > refusals
