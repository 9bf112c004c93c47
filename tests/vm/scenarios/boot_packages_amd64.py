# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian bookworm whose root asks for a PIN; packages are removed, purged, installed anew; another kernel.

    local-top/hsm4 -- askpass (PIN) -- cryptsetup -- plugin -- /dev/i2c-N -- usbredir -- hsm4-emulator
"""
from harness import boot_steps as steps
from harness import disk, limits
from harness import upgrade_steps as upgrade

PIN = "271828"
PIN_PROMPT = r"PIN of disk root"
SOURCE = "/dev/disk/by-partuuid/48534d34-02"
IMAGE = steps.image(disk.PC, "bookworm", size=2048 * disk.MIB, options="modprobe.blacklist=i2c_i801",
                    files=upgrade.FILES, script=upgrade.SCRIPT)


def with_pin(pc):
    """One PIN prompt, and nothing else is asked."""
    console = pc.switch_on()
    console.wait_for(PIN_PROMPT, limits.BOOT, but_not=steps.PROMPT)
    console.send(PIN + "\n")
    console.wait_for(r"login: |root@", limits.BOOT, but_not=f"{steps.PROMPT}|{PIN_PROMPT}")
    console.position = 0
    return pc.log_in()


def run(vm):
    module = vm.module()
    pc = vm.pc(vm.disk(IMAGE), module, serial="card-0001")
    steps.first_boot(vm, pc, prepare=steps.few_modules)
    with vm.test("a token with a PIN in place of the other", needed=True):
        shell = steps.boot_unattended(pc)
        shell.run(f"printf %s {PIN} >/run/pin; printf %s '{steps.RECOVERY}' >/run/recovery;"
                  f" hsm4-enroll --wipe-slot=hsm4 {SOURCE}"
                  f" && hsm4-enroll --unlock-key-file=/run/recovery --with-pin --pin-file=/run/pin {SOURCE}"
                  " && rm /run/pin /run/recovery")
    steps.power_off(pc, shell)
    with vm.test("it asks for the PIN, once, and boots", needed=True):
        shell = with_pin(pc)

    with vm.test("packages are upgraded to another version", needed=True):
        upgrade.newer_version(shell)
    steps.power_off(pc, shell)
    with vm.test("and it boots as before", needed=True):
        shell = with_pin(pc)

    with vm.test("packages removed: a warning, and the initramfs of before stays", needed=True):
        before = shell.run("sha256sum /boot/firmware/initrd.img").output
        said = shell.run("DEBIAN_FRONTEND=noninteractive apt-get remove -q -y hsm4-initramfs hsm4-tools"
                         " libcryptsetup-token-hsm4", seconds=600).output
        assert "is unlocked by an hsm4 token" in said, said
        assert shell.run("sha256sum /boot/firmware/initrd.img").output == before
    steps.power_off(pc, shell)
    with vm.test("which still boots", needed=True):
        shell = with_pin(pc)
    with vm.test("purged, and a new initramfs: the configuration stays", needed=True):
        shell.run("DEBIAN_FRONTEND=noninteractive apt-get purge -q -y hsm4-initramfs hsm4-tools"
                  " libcryptsetup-token-hsm4 && test -e /etc/hsm4/hsm4.conf", seconds=600)
        steps.rebuild(shell)
    steps.power_off(pc, shell)
    with vm.test("it boots by passphrase", needed=True):
        shell, said, _ = steps.answer_prompt(pc, steps.RECOVERY)
        assert not said, said
    with vm.test("installed again", needed=True):
        shell.run("ours='-o Dir::Etc::SourceList=/srv/hsm4/hsm4.sources -o Dir::Etc::SourceParts=/dev/null';"
                  " apt-get $ours update -q && apt-get $ours install -q -y --no-install-recommends"
                  " hsm4-tools hsm4-initramfs", seconds=1200)
        steps.rebuild(shell)
    steps.power_off(pc, shell)
    with vm.test("and the token opens the root again", needed=True):
        shell = with_pin(pc)

    with vm.test("another kernel is installed", needed=True):
        old = upgrade.other_kernel(shell)
    steps.power_off(pc, shell)
    with vm.test("it boots by the token, too"):
        shell = with_pin(pc)
        assert shell.run("uname -r").output.strip() not in ("", old)
