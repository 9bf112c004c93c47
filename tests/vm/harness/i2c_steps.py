# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What the I2C scenarios of all boards do: one volume, its module on a real kernel's bus, and what
may come between them."""
import json
import re

BUDGET = 450        # bytes over the bus for one unlock
REFUSED = 1         # exit status of cryptsetup and of our tools
PASSPHRASE = "correct horse"
SECRET = "what the volume keeps"


def find_bus(shell):
    """The path of the adapter's bus, after `i2cdetect` has seen the module on it."""
    shell.run("modprobe i2c-dev")
    listed = shell.run("for try in $(seq 60); do i2cdetect -l | grep tiny && exit; sleep 1; done; exit 1")
    number = re.search(r"i2c-(\d+)", listed.output).group(1)
    seen = shell.run(f"i2cdetect -y {number}").output
    addresses = [word for line in seen.splitlines()[1:] for word in line.split()[1:] if word != "--"]
    assert addresses == ["30"], seen
    return f"/dev/i2c-{number}"


def resynchronise(shell, bus):
    """By i2ctransfer, so with nothing of ours: S(RESYNCH request), and its answer."""
    number = bus.rsplit("-", 1)[1]
    shell.run(f"i2ctransfer -y {number} w6@0x30 0x21 0xc0 0x00 0x00 {RESYNCH_CRC}")
    answer = shell.run(f"sleep 0.1; i2ctransfer -y {number} r6@0x30").output.split()
    assert answer[:4] == ["0x12", "0xe0", "0x00", "0x00"], answer


def crc(data):
    value = 0xffff
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x8408 if value & 1 else 0)
    return value ^ 0xffff


RESYNCH_CRC = "0x{:02x} 0x{:02x}".format(*divmod(crc(b"\x21\xc0\x00\x00"), 256))


class Volume:
    """A LUKS2 volume on `device`, mapped as /dev/mapper/data and mounted on /mnt."""

    def __init__(self, device, format_options=""):
        self.device = device
        self.format_options = format_options

    def make(self, shell):
        shell.run(f"echo -n '{PASSPHRASE}' >/root/passphrase\n"
                  f"cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000"
                  f" {self.format_options} {self.device} /root/passphrase")

    def enrol(self, shell):
        shell.run(f"hsm4-enroll --unlock-key-file=/root/passphrase {self.device}")
        dump = shell.run(f"cryptsetup luksDump {self.device}").output
        assert re.search(r"\bhsm4\b", dump), dump

    def open(self, shell, check=True):
        """By the token alone: no passphrase is there to fall back on."""
        return shell.run(f"cryptsetup open --token-only {self.device} data", check=check)

    def fill(self, shell):
        shell.run("mkfs.ext4 -q /dev/mapper/data && mount /dev/mapper/data /mnt"
                  f" && echo '{SECRET}' >/mnt/file && umount /mnt")

    def read(self, shell):
        """Reads the file through dm-crypt, and sees that the device itself does not have it."""
        table = shell.run("dmsetup table data").output
        assert re.match(r"0 \d+ crypt ", table.strip()), table
        text = shell.run("mount -o ro /dev/mapper/data /mnt && cat /mnt/file; umount /mnt").output
        assert SECRET in text, text
        assert shell.run(f"sync; grep -c -a -F '{SECRET}' {self.device}", check=False).status == 1

    def close(self, shell):
        shell.run("cryptsetup close data")

    def stays_closed(self, shell):
        """An attempt by token fails, in bounded time and with a word."""
        done = shell.run(f"timeout 120 cryptsetup open --token-only {self.device} data", check=False)
        assert done.status not in (0, 124, 137), done
        assert "hsm4" in done.output, done.output
        assert shell.run("test -e /dev/mapper/data", check=False).status != 0
        return done.output


def first_boot(vm, machine, module, volume, shell):
    """From a fresh system to a mounted volume."""
    with vm.test("i2cdetect sees the module on a stock kernel's bus", needed=True):
        bus = find_bus(shell)
    with vm.test("i2ctransfer gets the module's answer"):
        resynchronise(shell, bus)
    with vm.test("bind", needed=True):
        shell.run(f"hsm4ctl bind --hsm4-device=i2c:{bus}@0x30")
    with vm.test("enrol an existing volume", needed=True):
        volume.make(shell)
        volume.enrol(shell)
    with vm.test("dm-crypt maps it by the token alone", needed=True):
        volume.open(shell)
        volume.fill(shell)
        volume.read(shell)
        volume.close(shell)
    with vm.test(f"an unlock takes at most {BUDGET} bytes on the bus"):
        before = module.stats()
        volume.open(shell)
        after = module.stats()
        volume.close(shell)
        used = {name: after[name] - count for name, count in before.items() if isinstance(count, int)}
        machine.console.note(f"one unlock: {json.dumps(used)}")
        print(f"# one unlock: {json.dumps(used)}", flush=True)
        assert used["unlocks"] == 1, used
        assert used["bytes_written"] + used["bytes_read"] <= BUDGET, used


def off_its_bus(module):
    """The module is out of its place and without power; the bus stays, as a board's own does."""
    module.inject("fault", "nak", "1000000")
    module.inject("power-cycle")


def on_its_bus(module):
    module.inject("fault", "none")


def disturbances(vm, module, volume, shell, adapter_goes):
    """What happens to a running system. `adapter_goes`: the USB adapter is unplugged with its module. Not
    on QEMU's Raspberry Pi, whose USB controller (7.2) drowns the guest in interrupts when it comes back."""
    with vm.test("unplugged: refused in bounded time; plugged in again: opens"):
        module.inject("unplug") if adapter_goes else off_its_bus(module)
        volume.stays_closed(shell)
        module.inject("plug") if adapter_goes else on_its_bus(module)
        find_bus(shell)
        volume.open(shell)
        volume.read(shell)
        volume.close(shell)
    with vm.test("two processes at once both get their key"):
        test = f"cryptsetup open --test-passphrase --token-only {volume.device}"
        script = (f"for turn in 1 2 3 4 5; do {test} & first=$!; {test} & second=$!\n"
                  "wait $first && wait $second || exit 1; done")
        before = module.stats()["unlocks"]
        shell.run(script)
        assert module.stats()["unlocks"] - before == 10


def hardware_log(shell):
    """For the log's reader: which adapter, which driver, which target."""
    text = shell.run("uname -a; lsusb; i2cdetect -l; dmesg | grep -iE 'i2c|usb|device-mapper|mmc|vd[a-z]'"
                     "; lsmod | grep -E '^(i2c|dm_)'; lsblk").output
    for word in ("i2c_tiny_usb", "dm_crypt", "device-mapper"):
        assert word in text, text
