# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian bookworm and a vendor's module: its root opens in the initramfs by the vendor's program.

    initramfs: local-top/hsm4 -- cryptsetup -- plugin -- zymbit-exec: -- zkunlockifs (a stand-in)
    then a root as the vendor's scripts leave it (keyscript, one key of 512 bytes): imported, and by token

The stand-in keeps its module's state in a file, which the image's own hook takes into the initramfs.
"""
import json

from harness import boot_steps as steps
from harness import disk

STATE = "/var/lib/zymbit"
STAND_IN_HOOK = f"""#!/bin/sh
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
[ ! -d {STATE}/stand-in ] || {{ mkdir -p $DESTDIR{STATE} && cp -a {STATE}/stand-in $DESTDIR{STATE}/; }}
"""
# As the vendor's: it knows one locked key, and what is in crypttab's third field does not count.
KEYSCRIPT = f"""#!/bin/sh
. {STATE}/zkenv.conf
export ZK_GPIO_WAKE_PIN
exec /sbin/zkunlockifs {STATE}/key.bin.lock
"""
VENDORS_HOOK = f"""#!/bin/sh
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
copy_exec /sbin/zkunlockifs
mkdir -p $DESTDIR{STATE}
cp {STATE}/zkenv.conf {STATE}/key.bin.lock $DESTDIR{STATE}/
"""
IMAGE = steps.image(disk.PC, "bookworm", stand_in=True, files={
    f"{STATE}/zkenv.conf": "ZK_GPIO_WAKE_PIN=516\n",
    f"{STATE}/state": "bound",
    f"{STATE}/00000123ABC/s1_fp_salt.bin": "salt",
    f"{STATE}/stand-in/wake-pin": "516\n",
    "/etc/initramfs-tools/hooks/stand-in": STAND_IN_HOOK,
})
SOURCE = "/dev/disk/by-partuuid/48534d34-02"


def enrol(shell):
    shell.run("mkdir -p /etc/hsm4; echo 'device = zymbit:' >/etc/hsm4/hsm4.conf; hsm4ctl status")
    shell.run(f"""
        printf %s '{steps.PASSPHRASE}' >/run/key; printf %s '{steps.RECOVERY}' >/run/recovery
        cryptsetup luksAddKey -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file=/run/key {SOURCE} \\
            /run/recovery
        hsm4-enroll --unlock-key-file=/run/key {SOURCE}
        rm /run/key""")
    steps.rebuild(shell)


def make_vendor_style(shell):
    """What mk_encr_sd_rfs.sh leaves: 512 random bytes, locked, as the only key; its keyscript and hook."""
    shell.put("/lib/cryptsetup/scripts/zk_get_key", KEYSCRIPT)
    shell.put("/etc/initramfs-tools/hooks/zymkey_cryptfs_cfg", VENDORS_HOOK)
    shell.run(f"""
        chmod 755 /lib/cryptsetup/scripts/zk_get_key /etc/initramfs-tools/hooks/zymkey_cryptfs_cfg
        export ZK_GPIO_WAKE_PIN=516
        zkgrifs 512 >/run/key.bin && zklockifs /run/key.bin >{STATE}/key.bin.lock
        cryptsetup luksAddKey -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file=/run/recovery {SOURCE} \\
            /run/key.bin
        hsm4-enroll --wipe-slot=hsm4 {SOURCE}
        for slot in $(cryptsetup luksDump {SOURCE} | sed -n 's/^  \\([0-9]*\\): luks2$/\\1/p'); do
            cryptsetup open --test-passphrase --key-slot=$slot --key-file=/run/key.bin {SOURCE} 2>/dev/null ||
                cryptsetup luksKillSlot -q {SOURCE} $slot
        done
        rm /run/key.bin /run/recovery
        printf 'root\\tPARTUUID=48534d34-02\\t/etc/cryptroot/key.bin\\t%s\\n' \\
            'luks,keyscript=/lib/cryptsetup/scripts/zk_get_key,tries=100,timeout=30s' >/etc/crypttab
        [ "$(cryptsetup luksDump {SOURCE} | grep -c '^  [0-9]*: luks2$')" = 1 ]
        ! cryptsetup luksDump {SOURCE} | grep -q hsm4""")
    steps.rebuild(shell)


def commands(shell, check):
    """What doctor wants to be done about `check`."""
    said = shell.run("hsm4ctl doctor --json 2>/dev/null", check=False).output
    return [found["command"] for found in json.loads(said)["findings"] if found["check"] == check]


def run(vm):
    pc = vm.pc(vm.disk(IMAGE), None)

    with vm.test("a root without token asks for its passphrase, as before", needed=True):
        shell, said, pc.usual_prompt = steps.answer_prompt(pc)
        assert not said, said
    with vm.test("the vendor's library answers; enrol, update-initramfs", needed=True):
        steps.few_modules(shell)
        enrol(shell)
    with vm.test("doctor finds nothing against the next boot"):
        report = shell.run("hsm4ctl doctor", check=False)
        assert report.status in (0, 3), report
    steps.power_off(pc, shell)
    shell = steps.unattended(vm, pc, "then it boots unattended, by the vendor's program alone")

    with vm.test("the module refuses: one line, one prompt"):
        shell.run(f"echo refuse >{STATE}/stand-in/defects")
        steps.rebuild(shell)
    steps.power_off(pc, shell)
    shell = steps.asks_once(vm, pc, "and the recovery passphrase works")

    with vm.test("the same root as the vendor's scripts leave one", needed=True):
        shell.run(f"rm {STATE}/stand-in/defects; printf %s '{steps.RECOVERY}' >/run/recovery")
        make_vendor_style(shell)
    steps.power_off(pc, shell)
    shell = steps.unattended(vm, pc, "the vendor's keyscript opens it")
    with vm.test("its key becomes a token"):
        shell.run(f"hsm4-enroll --import-locked-key={STATE}/key.bin.lock {SOURCE}")
        assert "hsm4" in shell.run(f"cryptsetup luksDump {SOURCE}").output
    with vm.test("doctor names the line of crypttab and the command, which does it", needed=True):
        command, = commands(shell, "zymbit-crypttab")
        shell.run(command.removesuffix(" (once the token opens it)"), seconds=1200)
    with vm.test("then the vendor's leftovers, which go the same way"):
        leftovers = commands(shell, "zymbit-leftover")
        assert leftovers
        for command in leftovers:
            shell.run(command, seconds=1200)
        assert not commands(shell, "zymbit-crypttab") + commands(shell, "zymbit-leftover")
    steps.power_off(pc, shell)
    steps.unattended(vm, pc, "and it boots unattended by the token")
