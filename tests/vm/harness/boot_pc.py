# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The boot scenarios on a PC, the same for each suite.

    /dev/vda2: LUKS2 with a passphrase -- bind, enrol, update-initramfs -- no prompt any more
    module gone, other disk, other module, changed header -- one line, one prompt
    strict = yes and a changed header -- no prompt either; module destroyed -- replaced by a new one
"""
from . import boot_steps as steps
from . import disk, limits


def run(vm, suite):
    # One bus only, so that the module's has the same number in the initramfs and after it.
    image = steps.image(disk.PC, suite, options="modprobe.blacklist=i2c_i801")
    module = vm.module()
    boot = vm.disk(image)
    pc = vm.pc(boot, module, serial="card-0001")

    steps.first_boot(vm, pc, prepare=steps.few_modules)
    shell = steps.unattended(vm, pc, "then it boots unattended, without a prompt")
    with vm.test("nothing of the boot scripts stays behind"):
        shell.run("test ! -e /run/hsm4-boot")
    with vm.test("packages are installed anew, as an upgrade does, and every initramfs is remade"):
        shell.run("apt-get -o Dir::Etc::SourceList=/srv/hsm4/hsm4.sources -o Dir::Etc::SourceParts=/dev/null"
                  " install -q -y --reinstall hsm4-tools hsm4-initramfs libcryptsetup-token-hsm4"
                  " && update-initramfs -u -k all", seconds=1200)
    steps.power_off(pc, shell)
    shell = steps.unattended(vm, pc, "and boots unattended again")
    steps.power_off(pc, shell)

    module.inject("unplug")
    shell = steps.asks_once(vm, pc, "module gone: one line, one prompt in time, the recovery passphrase works",
                            reason="no module answers|is not there")
    steps.power_off(pc, shell)
    module.inject("plug")

    pc.serial = "card-0002"
    shell = steps.asks_once(vm, pc, "another medium: refused")
    steps.power_off(pc, shell)
    pc.serial = "card-0001"

    pc.module = vm.module("other")
    shell = steps.asks_once(vm, pc, "another module: refused")
    steps.power_off(pc, shell)
    pc.module = module

    header = steps.swap_header(boot, steps.null_cipher)
    with vm.test("header swapped for a null cipher: refused by token"):
        console = pc.switch_on()
        console.wait_for(steps.OURS, limits.BOOT)
        console.wait_for(steps.PROMPT, limits.BOOT)
        assert not console.has_said("set up successfully")
    pc.cut_power()
    steps.put_header(boot, header)

    shell = steps.unattended(vm, pc, "all put back: unattended")
    with vm.test("strict = yes"):
        shell.run("sed -i '1i strict = yes' /etc/hsm4/hsm4.conf")
        steps.rebuild(shell)
    steps.power_off(pc, shell)
    shell = steps.unattended(vm, pc, "strict: the pinned volume opens, unattended")
    steps.power_off(pc, shell)
    header = steps.swap_header(boot, steps.null_cipher)
    with vm.test("strict: a changed volume is not opened by any means, passphrase included"):
        steps.stays_closed(pc, r"will not be opened")
    steps.put_header(boot, header)

    shell = steps.unattended(vm, pc, "strict: put back, it opens")
    with vm.test("production, and a perimeter that destroys the keys"):
        shell.run("sed -i '/^strict/d' /etc/hsm4/hsm4.conf; hsm4ctl bind --lock --yes-i-have-a-recovery-key;"
                  " hsm4ctl policy --channel-0=self-destruct --yes-i-have-a-recovery-key")
        steps.rebuild(shell)
        module.inject("tamper", "0")
    steps.power_off(pc, shell)
    shell = steps.asks_once(vm, pc, "module tampered with and destroyed: one line, one prompt")
    with vm.test("a new module takes the dead one's place"):
        steps.power_off(pc, shell)
        pc.module = vm.module("new")
        shell, _, _ = steps.answer_prompt(pc, steps.RECOVERY)
        steps.enrol(shell)
        steps.power_off(pc, shell)
    steps.unattended(vm, pc, "and it boots unattended with it")
