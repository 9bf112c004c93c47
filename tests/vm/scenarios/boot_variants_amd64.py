# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian bookworm and what else a machine may have: a bus that comes late, no i2c-dev, Plymouth.

    local-top/hsm4 -- plugin -- /dev/i2c-N (comes late) -- usbredir -- hsm4-emulator
    Plymouth (details, on the serial console) -- its prompt, when there must be one
"""
import pathlib
import time

from harness import boot_steps as steps
from harness import disk, limits

IMAGE = steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801", files={
    "/etc/resolv.conf": pathlib.Path("/etc/resolv.conf").read_text(encoding="utf-8"),
}, script="apt-get -q update && apt-get -q install -y --no-install-recommends plymouth"
          " && rm -rf /var/lib/apt/lists/*")
LATE = 5    # seconds


def late_bus(pc, module):
    """The module is plugged in 5 s after the boot scripts have begun."""
    console = pc.switch_on()
    console.wait_for(r"Running /scripts/local-top", limits.BOOT)
    time.sleep(LATE)
    module.inject("plug")
    console.note("the module is plugged in")
    console.wait_for(r"login: |root@", limits.BOOT, but_not=steps.ANY_PROMPT)
    console.position = 0
    return pc.log_in()


def lacks_i2c_dev(shell):
    """The hook fails, says what is missing, and leaves the initramfs of before."""
    before = shell.run("sha256sum /boot/firmware/initrd.img").output
    shell.run("find /lib/modules -name 'i2c-dev.ko*' -exec mv {} /root/ \\; && depmod")
    done = shell.run("update-initramfs -u", check=False, seconds=1200)
    shell.run("mv /root/i2c-dev.ko* /lib/modules/$(uname -r)/kernel/drivers/i2c/ && depmod")
    assert done.status != 0 and "i2c-dev" in done.output and "would not unlock" in done.output, done
    assert shell.run("sha256sum /boot/firmware/initrd.img").output == before


def run(vm):
    module = vm.module()
    card = vm.disk(IMAGE)
    pc = vm.pc(card, module, serial="card-0001")
    steps.first_boot(vm, pc, prepare=steps.few_modules)

    module.inject("unplug")
    with vm.test("the bus appears 5 s late: no prompt", needed=True):
        shell = late_bus(pc, module)
    with vm.test("i2c-dev is missing: the hook says so, and the old initramfs stays"):
        lacks_i2c_dev(shell)
    steps.power_off(pc, shell)

    plain = card.command_line()
    card.write_boot("cmdline.txt", f"{plain} quiet splash\n".encode())
    with vm.test("quiet splash: Plymouth is there, and nobody is asked", needed=True):
        shell = steps.boot_unattended(pc)
        assert "plymouth" in shell.run("lsinitramfs /boot/initrd.img-$(uname -r)").output
    steps.power_off(pc, shell)
    module.inject("unplug")
    with vm.test("quiet splash, module gone: one line, Plymouth asks once, the recovery passphrase works"):
        console = pc.switch_on()
        console.wait_for(steps.PROMPT, limits.BOOT)
        console.send(steps.RECOVERY + "\n")
        shell = pc.log_in()
        assert console.has_said(r"hsm4: "), "no line says why"
        assert steps.prompts(console) == 1, "more than one prompt"
