# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Machines: QEMU, started as hardware is. Kernel, initramfs and command line come from the disk's own
boot partition at each boot, as a Raspberry Pi's firmware takes them."""
import subprocess
import time

from . import disk as disks
from . import limits
from .console import Console
from .lossy_disk import LossyDisk
from .shell import Shell


def drive(disk):
    return disk.drive() if isinstance(disk, LossyDisk) else disk.path


class Machine:
    """One board. `disk` is what it boots from; `extra` are further disks as (Disk, serial)."""

    board = None
    program = None

    def __init__(self, directory, disk, module, extra=()):
        self.directory = directory
        self.disk = disk
        self.module = module
        self.extra = list(extra)
        self.process = None
        self.console = None
        self.boots = 0

    # What each board says for itself.
    def hardware(self):
        raise NotImplementedError

    def firmware(self):
        """QEMU's options for what the boot partition holds."""
        names = self.disk.boot_names()
        config = self.disk.read_boot("config.txt").decode()
        kernel, initramfs = disks.firmware_names(config, names)
        options = ["-kernel", self._extract(kernel), "-append", self.disk.command_line()]
        if initramfs:
            options += ["-initrd", self._extract(initramfs)]
        return options

    def _extract(self, name):
        content = self.disk.read_boot(name)
        if content is None:
            raise AssertionError(f"no {name} on the boot partition")
        path = self.directory / f"boot-{name}"
        path.write_bytes(content)
        return str(path)

    def switch_on(self):
        """Starts a boot; the console's log is console-N.log. It is started again where the kernel falls silent
        before anything of the disk runs: one boot of some hundreds was seen to hang there, in the emulator."""
        for _ in range(2):
            console = self.start()
            if "quiet" in self.disk.command_line().split() or console.reaches_init(limits.SILENCE):
                return console
            print(f"# the kernel hung before its init ({self.directory.name}, boot {self.boots}): switched on again",
                  flush=True)
            self.cut_power()
        return self.start()

    def start(self):
        """The same at once, whatever becomes of it."""
        assert self.process is None
        self.boots += 1
        command = [self.program, *self.hardware(), *self.firmware(), "-display", "none",
                   "-no-reboot", "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
                   "-monitor", "none"]
        if self.module:
            command += ["-chardev", f"socket,id=hsm,path={self.module.usb},reconnect=1",
                        "-device", "usb-redir,chardev=hsm"]
        log = open(self.directory / f"console-{self.boots}.log", "wb")
        log.write(f"[harness] {' '.join(str(word) for word in command)}\n\n".encode())
        log.flush()
        errors = open(self.directory / f"qemu-{self.boots}.log", "wb")
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=errors)
        errors.close()
        self.console = Console(self.process.stdout.fileno(), self.process.stdin.fileno(), log,
                               lambda: self.process.poll() is None)
        return self.console

    def boot(self):
        """Switches on and logs in: a shell in the running system."""
        self.switch_on()
        return self.log_in()

    def log_in(self):
        shell = Shell(self.console)
        shell.log_in(limits.BOOT)
        return shell

    def cut_power(self):
        """As pulling the plug: nothing is asked, nothing is flushed by the guest."""
        if self.process is None:
            return
        self.process.kill()
        self._off()

    def wait_off(self, seconds=limits.HALT):
        """Waits until the guest has powered off or reset itself (either ends QEMU)."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"the machine is still on after {seconds:.0f} s")
            self.console.pump(0.2)
        while self.console.pump(0.1) and self.console.selector.select(0):
            pass
        self._off()

    def _off(self):
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.console.log.close()
        self.process = None
        self.console = None


DISKS = {"virtio": "virtio-blk-pci", "nvme": "nvme", "usb": "usb-storage"}


class Pc(Machine):
    """A PC (q35), whose disks' serial numbers can be chosen. What it boots from hangs on virtio, or on
    the `interface` that is set ("nvme", "usb"); other disks are on virtio."""

    board = disks.PC
    program = "qemu-system-x86_64"

    def __init__(self, *arguments, serial="disk-0001", uuid=None, memory=1024, slots=None, **options):
        super().__init__(*arguments, **options)
        self.slots = slots  # of the disks; by it the guest's /dev/disk/by-path names a disk
        self.serial = serial
        self.uuid = uuid or "6f1a4bb0-5c0e-4f0e-9a35-000000000001"
        self.memory = memory
        self.interface = "virtio"
        self.rate = 0  # of each disk in MB/s; 0: as fast as it goes
        # It has AES, but neither AVX nor five levels of page tables, which cost the emulator much time.
        self.cpu = "Westmere"

    def hardware(self):
        options = ["-M", "q35", "-accel", "tcg,thread=multi", "-cpu", self.cpu, "-smp", "2",
                   "-m", str(self.memory), "-nodefaults", "-uuid", self.uuid,
                   "-device", "virtio-rng-pci", "-device", "qemu-xhci"]
        for number, (disk, serial) in enumerate([(self.disk, self.serial), *self.extra]):
            device = DISKS["virtio" if number else self.interface]
            if device != "usb-storage":
                slot = self.slots[number] if self.slots else number
                device += f",addr={slot + 16:#x}"
            options += ["-drive", f"file={drive(disk)},if=none,id=disk{number},format=raw,discard=unmap"
                        + (f",throttling.bps-total={self.rate}000000" if self.rate else ""),
                        "-device", f"{device},drive=disk{number},serial={serial}"]
        return options


BLUETOOTH = "/soc/serial@7e201000/bluetooth"


class Pi(Machine):
    """QEMU's Raspberry Pi 3 with an SD card; further disks are on USB. The module's adapter hangs on
    the Pi's own USB controller."""

    board = disks.PI
    program = "qemu-system-aarch64"

    def __init__(self, *arguments, serial="00000000deadbeef", **options):
        super().__init__(*arguments, **options)
        self.serial = serial

    def hardware(self):
        options = ["-M", "raspi3b", "-accel", "tcg,thread=multi",
                   "-drive", f"file={self.disk.path},if=sd,format=raw"]
        for number, (disk, serial) in enumerate(self.extra):
            options += ["-drive", f"file={disk.path},if=none,id=disk{number},format=raw",
                        "-device", f"usb-storage,drive=disk{number},serial={serial}"]
        return options

    def firmware(self):
        """The firmware also puts the board's serial number into the device tree."""
        tree = self._extract(disks.PI_DTB)
        subprocess.run(["fdtput", "-t", "s", tree, "/", "serial-number", self.serial], check=True)
        # QEMU has no Bluetooth. As long as the tree has it, the kernel keeps the UART for it alone, and
        # user space gets no ttyAMA0 (as on a Pi with dtoverlay=disable-bt it does).
        subprocess.run(["fdtput", "-t", "s", tree, BLUETOOTH, "status", "disabled"], check=True)
        return [*super().firmware(), "-dtb", tree]
