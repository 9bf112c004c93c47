# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian bookworm: the module on a real /dev/i2c-N unlocks a data disk through dm-crypt.

    cryptsetup -- plugin -- /dev/i2c-N -- i2c-tiny-usb -- xhci -- usbredir -- hsm4-emulator
        |
    dm-crypt -- /dev/vdb        boot medium /dev/vda, whose serial number is part of the binding
"""
import pathlib

from harness import disk, i2c_steps, sdk
from harness.i2c_steps import Volume

QUICKSTART = "/srv/checkout/tools/quickstart"
# The demonstration brings its own module, whose library no other guest needs.
IMAGE = disk.Recipe(disk.PC, "bookworm",
                    files={QUICKSTART: (sdk.TOP / "tools/quickstart").read_text(encoding="utf-8"),
                           "/etc/resolv.conf": pathlib.Path("/etc/resolv.conf").read_text(encoding="utf-8")},
                    script="apt-get -q update && apt-get -q install -y --no-install-recommends libusbredirparser1"
                           " && rm -rf /var/lib/apt/lists/*")


def quickstart(shell):
    """Its second half, with what is installed here as if it had just been built."""
    return shell.run(f"""
        cd /srv/checkout && mkdir -p build/plugin build/tools/emulator build/tools/ctl build/tools/enroll &&
        ln -sf /usr/lib/*/cryptsetup/libcryptsetup-token-hsm4.so build/plugin/ &&
        ln -sf /usr/bin/hsm4-emulator build/tools/emulator/ && ln -sf /usr/sbin/hsm4ctl build/tools/ctl/ &&
        ln -sf /usr/sbin/hsm4-enroll build/tools/enroll/ && {QUICKSTART} --inside""").output


def run(vm):
    module = vm.module()
    boot = vm.disk(IMAGE)
    data = disk.blank(vm.work / "data.img", 64 * disk.MIB)
    pc = vm.pc(boot, module, serial="card-0001", extra=[(data, "data-0001")])
    volume = Volume("/dev/vdb")

    with vm.test("Debian boots from its own boot partition", needed=True):
        shell = pc.boot()
    i2c_steps.first_boot(vm, pc, module, volume, shell)
    i2c_steps.disturbances(vm, module, volume, shell, adapter_goes=True)
    with vm.test("the log shows a real adapter and real dm-crypt"):
        volume.open(shell)
        i2c_steps.hardware_log(shell)
    with vm.test("the demonstration maps its volume here, mounts it and reads the file back"):
        assert "mapped, mounted, and the file read back" in quickstart(shell)

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
