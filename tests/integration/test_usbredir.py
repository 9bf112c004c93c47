# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The emulator as a USB-to-I2C adapter, without a kernel: a small usbredir host drives it as Linux's
i2c-tiny-usb does.

    this test -- usbredir-host -- usbredir socket -- hsm4-emulator: adapter -- I2C -- module
"""

import os
import signal
import struct
import subprocess
import time
import unittest

import fixture
import tap

HOST = fixture.BUILD / "tests/integration/usbredir-host"
FROM_DEVICE, TO_DEVICE = 0xc1, 0x41  # vendor requests to the interface
GET_FUNCTIONALITY, GET_STATUS, TRANSFER = 1, 3, 7
READ = 1  # I2C_M_RD
ACKNOWLEDGED, NOT_ACKNOWLEDGED = 1, 2
HELLO = b"\x01"
SECURE = 0x10


def block(pcb, inf=b"", sender=0x21):
    """A T=1' block of the host."""
    head = struct.pack(">BBH", sender, pcb, len(inf)) + inf
    crc = 0xffff
    for byte in head:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x8408 if crc & 1 else 0)
    return head + struct.pack(">H", crc ^ 0xffff)


class Machine:
    """A machine that the adapter is plugged into: usbredir-host, and i2c-tiny-usb's requests."""

    def __init__(self, socket):
        self.process = subprocess.Popen([HOST, socket], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def control(self, kind, request, value, index, length, data=b""):
        answer = self.say(f"control {kind:x} {request:x} {value:x} {index:x} {length} {data.hex()}")
        return bytes.fromhex(answer[3:]) if answer.startswith("ok") else None

    def write(self, address, data):
        """True when the address was acknowledged."""
        assert self.control(TO_DEVICE, TRANSFER, 0, address, len(data), data) is not None
        return self.status() == ACKNOWLEDGED

    def read(self, address, size):
        """None when the address was not acknowledged."""
        data = self.control(FROM_DEVICE, TRANSFER, READ, address, size)
        assert len(data) == size  # the driver takes anything else for a fault of USB
        return data if self.status() == ACKNOWLEDGED else None

    def status(self):
        return self.control(FROM_DEVICE, GET_STATUS, 0, 0, 1)[0]

    def ask(self, address, frame):
        """A block and its answer, read as a host does: six bytes, then as many as LEN says."""
        assert self.write(address, frame)
        polls = 0
        while (head := self.read(address, 6)) is None:
            polls += 1
            time.sleep(0.001)
        rest = struct.unpack(">H", head[2:4])[0]
        return head + (self.read(address, rest) if rest else b""), polls

    def hello(self, address=0x30):
        """The module's first message, after a RESYNCH."""
        self.ask(address, block(0xc0))
        answer, _ = self.ask(address, block(0x00, HELLO))
        return answer[4:-2]

    def close(self):
        if self.process.stdin:
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=fixture.LIMIT)

    def kill(self):
        self.process.kill()
        self.close()


class UsbRedirection(unittest.TestCase):
    def setUp(self):
        self.world = fixture.World()
        self.addCleanup(self.world.__exit__)
        self.module = self.world.module
        self.socket = self.module.directory / "usb.sock"
        self.machines = []
        self.addCleanup(lambda: [machine.kill() for machine in self.machines])

    def start(self, *options):
        self.module.start(f"--usbredir={self.socket}", *options)
        return self.machine()

    def machine(self):
        machine = Machine(self.socket)
        self.machines.append(machine)
        self.assertEqual(machine.say("wait connect"), "connect")
        return machine

    def gone(self, machine):
        self.machines.remove(machine)
        machine.kill()

    def test_it_is_an_i2c_tiny_usb(self):
        machine = self.start()
        device = machine.control(0x80, 6, 0x0100, 0, 18)
        self.assertEqual(struct.unpack("<HH", device[8:12]), (0x0403, 0xc631))
        configuration = machine.control(0x80, 6, 0x0200, 0, 255)
        self.assertEqual(struct.unpack("<H", configuration[2:4])[0], len(configuration))
        self.assertEqual(machine.control(0x80, 6, 0x0200, 0, 9), configuration[:9])
        self.assertIn("hsm4-emulator", machine.control(0x80, 6, 0x0301, 0, 255)[2:].decode("utf-16-le"))
        functionality = machine.control(FROM_DEVICE, GET_FUNCTIONALITY, 0, 0, 4)
        self.assertEqual(struct.unpack("<I", functionality)[0] & 1, 1)  # I2C_FUNC_I2C
        self.assertIsNone(machine.control(0x80, 6, 0x0f00, 0, 255))
        self.assertIsNone(machine.control(FROM_DEVICE, 0x42, 0, 0, 4))

    def test_only_the_module_s_address_is_acknowledged(self):
        machine = self.start("--address=0x62")
        found = [address for address in range(0x03, 0x78) if machine.write(address, b"")]
        self.assertEqual(found, [0x62])
        self.assertEqual([address for address in range(0x03, 0x78) if machine.read(address, 1)],
                         [0x62])

    def test_a_block_is_answered_as_on_the_unix_socket(self):
        machine = self.start()
        answer, polls = machine.ask(0x30, block(0x00, HELLO))
        self.assertEqual(answer, block(0x00, answer[4:-2], sender=0x12))
        self.assertEqual(answer[4], 0)  # ok
        module_id = answer[7:23].hex()
        self.assertIn(f"module {module_id} is ready", self.module.log.read_text())
        before = self.module.stats()
        self.assertEqual(before["polls"], polls)
        self.assertEqual(before["bytes_written"], len(block(0x00, HELLO)))
        self.assertEqual(before["bytes_read"], len(answer))
        self.assertEqual(before["transfers"], 3)

    def test_busy_is_not_acknowledged_and_idle_gives_ones(self):
        machine = self.start()
        self.assertEqual(machine.read(0x30, 3), b"\xff" * 3)
        self.assertTrue(machine.write(0x30, block(0xc0)))
        time.sleep(0.1)
        head = machine.read(0x30, 4)
        self.assertEqual(head[:2], b"\x12\xe0")
        # Six bytes in all: two are left, and nothing behind them.
        self.assertEqual(machine.read(0x30, 4)[2:], b"\xff\xff")

    def test_a_damaged_block_is_complained_about(self):
        machine = self.start()
        damaged = bytearray(block(0x00, HELLO))
        damaged[4] ^= 1
        answer, _ = machine.ask(0x30, bytes(damaged))
        self.assertEqual(answer[1] & 0xef, 0x81)  # R-block: CRC error

    def test_an_exchange_on_the_unix_socket_keeps_the_bus_busy(self):
        machine = self.start()
        client = fixture.connect(self.module.socket)
        self.addCleanup(client.close)
        client.sendall(block(0x00, HELLO))
        self.assertTrue(client.recv(6))
        self.assertFalse(machine.write(0x30, block(0xc0)))
        client.close()
        deadline = time.monotonic() + fixture.LIMIT
        while not machine.write(0x30, block(0xc0)):
            self.assertLess(time.monotonic(), deadline)

    def test_a_machine_that_dies_or_resets_its_bus_is_no_power_cycle(self):
        machine = self.start()
        self.world.bind()
        self.assertTrue(machine.hello()[2] & SECURE)
        self.assertEqual(machine.say("reset"), "ok")
        self.assertTrue(machine.hello()[2] & SECURE)
        self.gone(machine)
        self.assertTrue(self.machine().hello()[2] & SECURE)

    def test_unplugging_is_one(self):
        machine = self.start()
        self.world.bind()
        self.assertTrue(machine.hello()[2] & SECURE)
        self.module.inject("unplug")
        self.assertEqual(machine.say("wait disconnect"), "disconnect")
        with fixture.connect(self.module.socket) as client:
            self.assertEqual(client.recv(1), b"")  # nobody is reachable by the other way either
        self.module.inject("plug")
        self.assertEqual(machine.say("wait connect"), "connect")
        self.assertFalse(machine.hello()[2] & SECURE)

    def test_a_second_machine_is_turned_away(self):
        first = self.start()
        second = Machine(self.socket)
        second.process.stdin.write("wait connect\n")
        second.process.stdin.flush()
        self.assertEqual(second.process.wait(timeout=fixture.LIMIT), 1)
        second.close()
        self.assertTrue(first.hello())

    def test_bytes_that_are_no_usbredir_end_the_connection_only(self):
        for noise in (os.urandom(300), b"\x65\x00\x00\x00\xff\xff\xff\xff" + bytes(400),
                      struct.pack("<IIQ", 101, 10, 1) + bytes(10)):
            with self.subTest(noise=noise.hex()):
                machine = self.start() if self.module.process is None else self.machine()
                machine.say(f"raw {noise.hex()}")
                self.gone(machine)
                self.assertIsNone(self.module.process.poll())
        self.assertTrue(self.machine().hello())

    def test_wrong_usage(self):
        for options in ([], ["--usbredir=x", "--address=0x20"], ["--usbredir=x", "--address=fifty"]):
            done = fixture.run([fixture.EMULATOR, "run", f"--state={self.module.state}", *options],
                               check=False)
            self.assertEqual(done.returncode, 2, options)
            self.assertTrue(done.stderr, options)

    def test_the_socket_goes_with_the_emulator(self):
        self.start()
        self.assertEqual(self.module.stop(signal.SIGTERM), 0)
        self.assertFalse(self.socket.exists())


if __name__ == "__main__":
    tap.main()
