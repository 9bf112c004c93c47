# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian bookworm that moves to a root on LVM, on an encrypted second disk, with its swap.

    /dev/vdb -- LUKS2 (token) -- volume group "pi": root (ext4), swap (resume)
    /dev/vdc -- LUKS2 (token): data, opened by systemd-cryptsetup
"""
import pathlib
import time

from harness import boot_steps as steps
from harness import disk, i2c_steps, limits
from harness.shell import Shell

IMAGE = disk.Recipe(disk.PC, "bookworm", project="packages", size=2048 * disk.MIB, files={
    "/etc/resolv.conf": pathlib.Path("/etc/resolv.conf").read_text(encoding="utf-8"),
}, options="modprobe.blacklist=i2c_i801",
    script="apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends lvm2"
           " && rm -rf /var/lib/apt/lists/*")
FSTAB = """/dev/pi/root / ext4 defaults 0 1
/dev/pi/swap none swap sw 0 0
/dev/mapper/data /srv/data ext4 defaults 0 2
PARTUUID=48534d34-01 /boot/firmware vfat defaults 0 2
"""
CRYPTTAB = "below /dev/disk/by-id/virtio-lvm-0001 none luks,discard\n" \
           "data /dev/disk/by-id/virtio-data-0001 none luks\n"
FORMAT = "cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000"


def make_volumes(shell):
    shell.run(f"""
        printf %s '{steps.RECOVERY}' >/run/recovery
        for device in /dev/vdb /dev/vdc; do {FORMAT} $device /run/recovery; done
        cryptsetup open --key-file=/run/recovery /dev/vdb below
        cryptsetup open --key-file=/run/recovery /dev/vdc data
        pvcreate -q /dev/mapper/below; vgcreate -q pi /dev/mapper/below
        lvcreate -q -n swap -L 640M pi; lvcreate -q -n root -l 100%FREE pi
        mkswap /dev/pi/swap; mkfs.ext4 -q /dev/pi/root; mkfs.ext4 -q /dev/mapper/data""")


def move_root(shell):
    """As an administrator would: copy, edit, chroot for the initramfs."""
    shell.run(f"""
        for device in /dev/vdb /dev/vdc; do hsm4-enroll --unlock-key-file=/run/recovery $device; done
        rm /run/recovery
        echo RESUME=/dev/mapper/pi-swap >/etc/initramfs-tools/conf.d/resume
        mount /dev/pi/root /mnt && cp -ax /. /mnt/ && mkdir -p /mnt/srv/data
        printf %s '{FSTAB}' >/mnt/etc/fstab
        printf %s '{CRYPTTAB}' >/mnt/etc/crypttab
        for each in dev proc sys run boot/firmware; do mount --bind /$each /mnt/$each; done""",
              seconds=4 * limits.COMMAND)
    shell.run("chroot /mnt update-initramfs -u -k all", seconds=1200)
    shell.run("sed -i 's|root=[^ ]*|root=/dev/mapper/pi-root|' /boot/firmware/cmdline.txt;"
              " sync; umount -R /mnt")


def is_on_lvm(shell):
    below = shell.run("lsblk -n -s -o NAME,TYPE $(findmnt -n -o SOURCE /)").output
    assert "crypt" in below and "vdb" in below, below
    assert "pi-swap" in shell.run("swapon --show=NAME,SIZE --raw; ls -l /dev/mapper").output
    assert shell.run("systemctl is-active systemd-cryptsetup@data").output.strip() == "active"
    shell.run("mountpoint /srv/data")


def hibernate(pc, shell):
    """Memory goes to the encrypted swap; the boot after it unlocks, and goes on where it was."""
    shell.run("echo still here >/run/before; swapon --show; echo shutdown >/sys/power/disk; sync")
    shell.console.send("echo disk >/sys/power/state\n")
    pc.wait_off(limits.BOOT)
    console = pc.switch_on()
    console.wait_for(r"Running /scripts/local-top", limits.BOOT)
    # What is typed before the kernel that was saved is back is lost.
    end = time.monotonic() + limits.BOOT
    while not console.has_said(r"resumed-42"):
        assert not console.has_said(f"{steps.ANY_PROMPT}|login: "), "it asks, or it has booted anew"
        assert time.monotonic() < end, "it did not resume"
        console.send("echo resumed-$((40+2))\n")
        time.sleep(5)
    shell = Shell(console)
    shell.number = 100      # of the marks: none that was seen before
    assert "still here" in shell.run("cat /run/before").output
    return shell


def run(vm):
    module = vm.module()
    extra = [(disk.blank(vm.work / "lvm.img", 3072 * disk.MIB), "lvm-0001"),
             (disk.blank(vm.work / "data.img", 64 * disk.MIB), "data-0001")]
    pc = vm.pc(vm.disk(IMAGE), module, serial="card-0001", extra=extra)

    with vm.test("a plain system with our packages boots", needed=True):
        shell = pc.boot()
    with vm.test("its root is copied to LVM on an encrypted disk", needed=True):
        steps.few_modules(shell)
        bus = i2c_steps.find_bus(shell)
        shell.run(f"hsm4ctl bind --hsm4-device=i2c:{bus}@0x30")
        make_volumes(shell)
        move_root(shell)
    steps.power_off(pc, shell)

    with vm.test("it boots unattended: LVM root, swap, and the data volume by systemd", needed=True):
        shell = steps.boot_without_prompt(pc)
        is_on_lvm(shell)
    with vm.test("it hibernates, and resumes from the encrypted swap, unattended", needed=True):
        shell = hibernate(pc, shell)
    steps.power_off(pc, shell)

    module.inject("unplug")
    with vm.test("module gone: asked once for the root, once for the data, and it boots"):
        console = pc.switch_on()
        console.wait_for(r"Please unlock disk below", limits.BOOT)
        console.send(steps.RECOVERY + "\n")
        console.wait_for(r"assphrase[^\n]*data", limits.BOOT, but_not=r"Please unlock disk below")
        console.send(steps.RECOVERY + "\n")
        shell = pc.log_in()
        is_on_lvm(shell)
