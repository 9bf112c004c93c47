# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Disks as a Raspberry Pi's card is laid out: an MBR, a FAT partition with kernel, initramfs and
command line, and a root partition. Made and changed as files, without mounting or device-mapper."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from . import cache, packages, rootfs, sdk

MIB = 1 << 20
BOOT_START = 1 * MIB
BOOT_SIZE = 255 * MIB
ROOT_START = BOOT_START + BOOT_SIZE

HEADER = 32 * MIB  # LUKS2 header and reserve, when a root is encrypted in place

PI_DTB = "bcm2837-rpi-3-b.dtb"


class Board:
    """What differs between the machines that scenarios run on."""

    def __init__(self, arch, kernel, initramfs, config, console):
        self.arch = arch
        self.kernel = kernel        # names on the boot partition
        self.initramfs = initramfs
        self.config = config        # config.txt
        self.console = console      # the kernel's name of the serial console


PC = Board("amd64", "vmlinuz", "initrd.img", "kernel=vmlinuz\ninitramfs initrd.img followkernel\n",
           "ttyS0,115200")
PI = Board("arm64", "kernel8.img", "initramfs8",
           "arm_64bit=1\nauto_initramfs=1\ndtparam=i2c_arm=on\n", "ttyAMA0,115200")


class Disk:
    """A disk image. Partition 1 is the boot partition, 2 the root."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    @property
    def size(self):
        return self.path.stat().st_size

    def boot_partition(self):
        """As mtools names it: the first partition, wherever it starts."""
        with open(self.path, "rb") as file:
            table = file.read(512)
        return f"{self.path}@@{int.from_bytes(table[454:458], 'little') * 512}"

    def has_table(self):
        with open(self.path, "rb") as file:
            return file.read(512)[510:] == b"\x55\xaa"

    def change_identifier(self):
        """Of the MBR, and with it the PARTUUIDs: else a machine that has this disk besides one of the same
        recipe may take either for its own."""
        with open(self.path, "r+b") as file:
            file.seek(440)
            file.write(os.urandom(4))

    def read_boot(self, name):
        """A file of the boot partition, or None."""
        done = subprocess.run(["mtype", "-i", self.boot_partition(), f"::{name}"],
                              capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def write_boot(self, name, content):
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            subprocess.run(["mcopy", "-o", "-i", self.boot_partition(), file.name, f"::{name}"],
                           check=True)

    def rename_boot(self, name, new_name):
        """Of a file or a folder."""
        subprocess.run(["mren", "-i", self.boot_partition(), f"::{name}", f"::{new_name}"], check=True)

    def boot_names(self):
        done = subprocess.run(["mdir", "-b", "-i", self.boot_partition(), "::"],
                              capture_output=True, text=True, check=True)
        return [line.removeprefix("::/") for line in done.stdout.split()]

    def command_line(self):
        return self.read_boot("cmdline.txt").decode().strip()

    def copy_to(self, path):
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", self.path, path], check=True)
        return Disk(path)

    @contextlib.contextmanager
    def root_partition(self):
        """The root partition as a file of its own, written back at the end."""
        with tempfile.TemporaryDirectory(dir=cache.scratch(2048)) as scratch:
            file = pathlib.Path(scratch) / "root"
            copy_range(self.path, file, ROOT_START, 0, self.size - ROOT_START)
            yield file
            copy_range(file, self.path, 0, ROOT_START, self.size - ROOT_START)

    def encrypt_root(self, passphrase):
        """Makes the root partition LUKS2 in place, offline: the ext4 in it shrinks by 32 MiB to make
        room."""
        with self.root_partition() as file:
            size_kib = file.stat().st_size >> 10
            subprocess.run(["e2fsck", "-f", "-p", file], check=False, stdout=subprocess.DEVNULL)
            subprocess.run(["resize2fs", file, f"{size_kib - (HEADER >> 10)}k"], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            subprocess.run(["cryptsetup", "reencrypt", "--encrypt", "--type=luks2", "-q", "--key-file=-",
                            f"--reduce-device-size={HEADER}", "--pbkdf=pbkdf2",
                            "--pbkdf-force-iterations=1000", file],
                           input=passphrase, text=True, check=True, stdout=subprocess.DEVNULL)


def copy_range(source, target, skip, seek, size):
    subprocess.run(["dd", "status=none", f"if={source}", f"of={target}", "bs=1M", "conv=sparse,notrunc",
                    f"skip={skip // MIB}", f"seek={seek // MIB}", f"count={size // MIB}"], check=True)


def blank(path, size):
    with open(path, "wb") as file:
        file.truncate(size)
    return Disk(path)


class Recipe:
    """A disk to be made, and kept in the cache: stock Debian, with or without the project.

    `project`     install the project into the root file system: True as `meson install` does,
                  "packages" as apt does, from a repository in /srv/hsm4 (before `script`)
    `files`       {path in the root: content}; a content that starts with #! becomes executable
    `script`      shell text, run in the root by chroot (arm64: by qemu-user, which is slow)
    `root`        what the kernel gets as root=
    `size`        of the whole disk; on a Pi a power of two
    `stand_in`    with the stand-in for a vendor's software (a PC only)
    `passphrase`  of the root partition, which is then a LUKS2 volume
    """

    def __init__(self, board, suite, project=True, files=None, script="",
                 root="PARTUUID=48534d34-02", options="", size=2048 * MIB, passphrase=None,
                 stand_in=False):
        self.board = board
        self.suite = suite
        self.project = project
        self.files = files or {}
        self.script = script
        self.root = root
        self.options = options
        self.size = size
        self.passphrase = passphrase
        self.stand_in = stand_in

    def make(self):
        """The finished disk in the cache: copy it before use."""
        trees = self._trees()
        archive = rootfs.archive(self.suite, self.board.arch)
        digest = cache.key(archive.name, *(tree.name for tree in trees), sorted(self.files.items()),
                           self.script, self.root, self.options, self.size, self.board.config,
                           self.passphrase,
                           pathlib.Path(__file__).read_bytes())
        name = f"disk-{self.suite}-{self.board.arch}"
        return Disk(cache.entry(name, digest, lambda path: self._make(path, archive, trees)))

    def _trees(self):
        """What is copied into the root."""
        trees = [sdk.stand_in_tree(self.suite)] if self.stand_in else []
        if self.project == "packages":
            trees.append(packages.repository(self.suite, self.board.arch))
        elif self.project:
            trees.append(sdk.install_tree(self.suite, self.board.arch))
        return trees

    def _make(self, path, archive, trees):
        with tempfile.TemporaryDirectory(dir=cache.scratch(3000)) as scratch:
            scratch = pathlib.Path(scratch)
            root = scratch / "root"
            root.mkdir()
            subprocess.run(["tar", "--zstd", "--numeric-owner", "--xattrs", "-xf", archive, "-C", root],
                           check=True)
            for tree in trees:
                subprocess.run(["cp", "-a", f"{tree}/.", root], check=True)
            self._write_files(root)
            script = (packages.INSTALL if self.project == "packages" else "") + self.script
            if script:
                rootfs.foreign(self.board.arch)
                sdk.run_in(root, script)
            disk = blank(path, self.size)
            partition(disk)
            self._make_boot(disk, root, scratch)
            self._make_root(disk, root, scratch)
            if self.passphrase:
                disk.encrypt_root(self.passphrase)

    def _write_files(self, root):
        fstab = f"{self.root} / ext4 defaults,errors=remount-ro 0 1\n" \
                "PARTUUID=48534d34-01 /boot/firmware vfat defaults 0 2\n"
        # Emulated machines on a busy host are slow: no unit of systemd may be given up for that.
        patience = "[Manager]\nDefaultTimeoutStartSec=900\nDefaultDeviceTimeoutSec=900\n"
        defaults = {"etc/fstab": fstab, "etc/systemd/system.conf.d/patience.conf": patience}
        for name, content in {**defaults, **self.files}.items():
            file = root / name.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
            if content.startswith("#!"):
                file.chmod(0o755)
        # systemd does not find the Pi's console by itself.
        wants = root / "etc/systemd/system/getty.target.wants"
        wants.mkdir(exist_ok=True)
        getty = wants / f"serial-getty@{self.board.console.split(',', maxsplit=1)[0]}.service"
        getty.unlink(missing_ok=True)
        getty.symlink_to("/lib/systemd/system/serial-getty@.service")

    def _make_boot(self, disk, root, scratch):
        """As raspi-firmware leaves it: kernel, initramfs and device tree copied from the root."""
        image = scratch / "boot.img"
        subprocess.run(["mkfs.vfat", "-F", "32", "-n", "BOOTFS", "-C", image, str(BOOT_SIZE >> 10)],
                       check=True, stdout=subprocess.DEVNULL)
        boot = scratch / "boot"
        boot.mkdir()
        shutil.copy(one(root.glob("boot/vmlinuz-*")), boot / self.board.kernel)
        shutil.copy(one(root.glob("boot/initrd.img-*")), boot / self.board.initramfs)
        if self.board is PI:
            shutil.copy(one(root.glob(f"usr/lib/linux-image-*/broadcom/{PI_DTB}")), boot / PI_DTB)
        (boot / "config.txt").write_text(self.board.config, encoding="ascii")
        # udev.event_timeout: else udev kills, after three minutes, a worker that loads a module on a
        # slow machine; its device never comes, and the kernel warns of an interrupted self-test.
        # norandmaps: else the emulator translates the C library anew for each process. With these three
        # and another CPU than `max` a PC's boot took 38 s of this host in place of 116, and 370 processes
        # took 6 s in place of 30.
        (boot / "cmdline.txt").write_text(
            f"console={self.board.console} root={self.root} rootfstype=ext4 fsck.repair=yes rootwait "
            "nowatchdog rcupdate.rcu_cpu_stall_suppress=1 udev.event_timeout=1800 "
            f"norandmaps mitigations=off init_on_alloc=0 {self.options}\n", encoding="ascii")
        subprocess.run(["mcopy", "-i", image, *sorted(boot.iterdir()), "::"], check=True)
        copy_range(image, disk.path, 0, BOOT_START, BOOT_SIZE)

    def _make_root(self, disk, root, scratch):
        image = scratch / "root.img"
        size = (disk.size - ROOT_START) >> 10
        subprocess.run(["mkfs.ext4", "-q", "-L", "rootfs", "-d", root, image, f"{size}k"], check=True)
        copy_range(image, disk.path, 0, ROOT_START, disk.size - ROOT_START)


def partition(disk):
    """With the disk identifier 0x48534d34, from which PARTUUIDs follow."""
    table = (f"label: dos\nlabel-id: 0x48534d34\n"
             f"start={BOOT_START // 512}, size={BOOT_SIZE // 512}, type=c, bootable\n"
             f"start={ROOT_START // 512}, type=83\n")
    subprocess.run(["sfdisk", "-q", disk.path], input=table, text=True, check=True)


def one(paths):
    found = sorted(paths)
    if len(found) != 1:
        raise RuntimeError(f"expected one file, found {found}")
    return found[0]


def firmware_names(config, names):
    """(kernel, initramfs) as a Pi's firmware picks them from config.txt."""
    kernel = re.search(r"^kernel=(\S+)", config, re.M)
    initramfs = re.search(r"^initramfs\s+(\S+)", config, re.M)
    if initramfs:
        return (kernel.group(1) if kernel else "kernel8.img"), initramfs.group(1)
    automatic = re.search(r"^auto_initramfs=1", config, re.M) and "initramfs8" in names
    return (kernel.group(1) if kernel else "kernel8.img"), ("initramfs8" if automatic else None)
