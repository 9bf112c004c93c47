# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian trixie that changes to dracut: systemd in the initramfs opens the root by the token.

    systemd-cryptsetup -- libcryptsetup -- plugin -- /dev/i2c-N -- usbredir -- hsm4-emulator
"""
import pathlib
import re

from harness import boot_steps as steps
from harness import disk, limits

DEBS = "/srv/dracut"
IMAGE = steps.image(disk.PC, "trixie", options="modprobe.blacklist=i2c_i801", files={
    "/etc/resolv.conf": pathlib.Path("/etc/resolv.conf").read_text(encoding="utf-8"),
    "/etc/dracut.conf.d/quick.conf": 'compress="zstd -1"\n',
}, script=f"apt-get -q update && mkdir -p {DEBS}/partial"
          f" && apt-get -q install -y --no-install-recommends --download-only -o Dir::Cache::Archives={DEBS} dracut"
          " && rm -rf /var/lib/apt/lists/*")
PROMPT = r"assphrase for disk"


def change_to_dracut(shell):
    """Debian's dracut makes images for any host, which know no crypttab: the command line names the volume."""
    shell.run(f"DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends {DEBS}/*.deb",
              seconds=1200)
    shell.run("rm -f /boot/initrd.img-*; dracut --force --regenerate-all", seconds=1200)
    shell.run("cp /boot/initrd.img-$(uname -r) /boot/firmware/initrd.img;"
              " uuid=$(cryptsetup luksUUID /dev/disk/by-partuuid/48534d34-02);"
              " sed -i \"s|\\$| rd.luks.name=$uuid=root|\" /boot/firmware/cmdline.txt; sync -f /boot/firmware;"
              " cat /boot/firmware/cmdline.txt")


def is_by_systemd(shell):
    assert shell.run("systemctl is-active systemd-cryptsetup@root").output.strip() == "active"
    log = shell.run("journalctl -b -u systemd-cryptsetup@root -o short-monotonic").output
    assert log.strip(), "nothing in the journal"
    return log


def run(vm):
    module = vm.module()
    pc = vm.pc(vm.disk(IMAGE), module, serial="card-0001")
    with vm.test("a root without token asks for its passphrase, as before", needed=True):
        shell, _, _ = steps.answer_prompt(pc)
    with vm.test("bind, enrol, and dracut in place of initramfs-tools", needed=True):
        steps.add_token(shell)
        change_to_dracut(shell)
    steps.power_off(pc, shell)

    shell = steps.unattended(vm, pc, "it boots unattended: systemd in dracut's initramfs, by the token")
    with vm.test("and it was systemd that opened it"):
        is_by_systemd(shell)
    steps.power_off(pc, shell)

    module.inject("unplug")
    with vm.test("module gone: one prompt, the recovery passphrase works, the journal says why", needed=True):
        console = pc.switch_on()
        console.wait_for(PROMPT, limits.BOOT)
        console.send(steps.RECOVERY + "\n")
        shell = pc.log_in()
        assert len(re.findall(PROMPT, console.text)) == 1, "more than one prompt"
        log = is_by_systemd(shell)
        assert "hsm4: " in log, log
    steps.power_off(pc, shell)
    module.inject("plug")
    steps.unattended(vm, pc, "module back: unattended")
