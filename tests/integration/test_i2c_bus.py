# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Stock cryptsetup opens a volume over /dev/i2c-7, which umockdev makes, on a bus where things go wrong.

    cryptsetup -- plugin -- ioctl -- umockdev -- i2c-bus: faults -- unix socket -- hsm4-emulator

However the bus behaves: the volume opens, or there is a refusal in time, and the volume is as before.
"""

import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import threading
import time
import unittest

import fixture
import tap

BUS = fixture.BUILD / "tests/i2c/i2c-bus"
UMOCKDEV = "libumockdev-preload.so.0"
URI = "i2c:/dev/i2c-7@0x30"
PATIENCE = 15  # seconds: then people give up

# Transfers of an unlock without faults: 0 probe, 1-2 RESYNCH, 3-5 handshake, 6-8 UNLOCK.
FIRST, LAST = 0, 8
OPEN_PSK, ITS_HEAD, ITS_REST, UNLOCK, KEY_HEAD, KEY_REST = range(3, 9)


class Bus(contextlib.AbstractContextManager):
    """A running i2c-bus. `module` None: something else, which the options name."""

    def __init__(self, world, *options, module=None):
        self.trace_file = world.path / "trace"
        words = [BUS, f"--trace={self.trace_file}", *options]
        if module:
            words += [f"--module={module.socket}", f"--control={module.control}"]
        preload = " ".join(filter(None, [fixture.sanitizer_runtime(), UMOCKDEV]))
        self.process = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "LD_PRELOAD": preload, "ASAN_OPTIONS": "detect_leaks=0"})
        self.directory = self.process.stdout.readline().strip()
        if not self.directory:
            raise AssertionError("i2c-bus did not start")
        self.node = f"{self.directory}/dev/i2c-7"

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=fixture.LIMIT)
        self.process.stdout.close()
        fixture.run(["rm", "-r", self.directory])

    def environment(self):
        """For a stock program that loads our plugin."""
        variables = fixture.World.plugin_environment()
        asan = fixture.sanitizer_runtime()
        others = variables["LD_PRELOAD"].removeprefix(asan).split()
        return {**variables, "UMOCKDEV_DIR": self.directory,
                "LD_PRELOAD": " ".join(filter(None, [asan, UMOCKDEV, *others]))}

    def trace(self):
        """[(w or r, bytes)] of what was acknowledged."""
        lines = [line.split() for line in self.trace_file.read_text().splitlines()]
        return [(line[0], bytes.fromhex(line[1])) for line in lines]


def checksum(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class OnTheBus(unittest.TestCase):
    """A host that is bound and enrolled, once for all tests of the class."""

    @classmethod
    def setUpClass(cls):
        cls.world = fixture.World()
        cls.addClassCleanup(cls.world.__exit__)
        cls.module = cls.world.bind()
        cls.image = cls.world.image()
        cls.world.enroll(cls.image)
        cls.before = checksum(cls.image)
        cls.world.set_config(f"device = {URI}\nwait = 1")

    def bus(self, *options, module=True):
        return Bus(self.world, *options, module=self.module if module else None)

    def try_on(self, bus):
        """(opened, what was said), in time and without a change."""
        opened, said, seconds = self.world.opens_by_token(self.image, env=bus.environment())
        self.assertLess(seconds, PATIENCE)
        self.assertEqual(checksum(self.image), self.before)
        self.assertNotIn("Sanitizer", said)
        return opened, said

    def assert_opens(self, *options):
        with self.bus(*options) as bus:
            opened, said = self.try_on(bus)
            self.assertTrue(opened, f"{options}: {said}")
            return bus.trace()

    def assert_refused(self, *options, says, module=True):
        with self.bus(*options, module=module) as bus:
            opened, said = self.try_on(bus)
            self.assertFalse(opened, options)
            self.assertIn("hsm4: ", said)
            self.assertIn(says, said)
            self.assertEqual(len(said.splitlines()), len(set(said.splitlines())), said)
            return bus.trace()


class Opening(OnTheBus):
    def test_within_450_bytes(self):
        before = self.module.stats()
        trace = self.assert_opens()
        after = self.module.stats()
        on_the_bus = sum(len(data) for _, data in trace)
        print(f"# bytes on the bus: {on_the_bus}")
        self.assertLessEqual(on_the_bus, 450)
        counted = sum(after[name] - before[name] for name in ("bytes_written", "bytes_read"))
        self.assertLessEqual(counted, 450)
        self.assertEqual(counted, on_the_bus - 1)  # the emulator's socket has no probe

    def test_every_transfer_has_a_byte_and_fits_into_one_message(self):
        for _, data in self.assert_opens():
            self.assertIn(len(data), range(1, 261))

    def test_whatever_the_adapter(self):
        for driver in ("i2c-bcm2835", "i2c_designware_platform", "i2c-virtio", "i2c-tiny-usb"):
            with self.subTest(driver):
                self.assert_opens(f"--adapter={driver}", f"--fault={OPEN_PSK}:nack:7",
                                  f"--fault={KEY_HEAD + 1}:nack")

    def test_nothing_that_is_secret_or_said_twice(self):
        seen = set()
        for _ in range(5):
            for direction, data in self.assert_opens():
                self.assertNotIn(b"10000000abcdef01", data)
                self.assertNotIn(bytes.fromhex("10000000abcdef01"), data)
                if len(data) > 8:  # more than a head, or a block that says nothing
                    self.assertNotIn((direction, data), seen)
                    seen.add((direction, data))
        self.assertEqual(len(seen), 5 * 4)


class Faults(OnTheBus):
    def assert_each_opens(self, *faults):
        for fault in faults:
            with self.subTest(fault):
                self.assert_opens(f"--fault={fault}")

    def test_bytes_that_are_not_acknowledged(self):
        self.assert_each_opens("0:nack", "1:nack", "1:nack:6", "3:nack:1", "3:nack:30", "3:nack:56",
                               "5:nack", "6:nack:100", "6:nack:242", "8:nack")

    def test_damaged_and_truncated_blocks(self):
        self.assert_each_opens("2:corrupt:9", "3:corrupt:100", "4:corrupt:20", "5:corrupt:300",
                               "6:corrupt:1000", "8:corrupt:7", "3:truncate:5", "5:truncate:1",
                               "6:truncate:200", "8:truncate:60")

    def test_blocks_twice_and_blocks_lost(self):
        self.assert_each_opens("1:duplicate", "3:duplicate", "4:duplicate", "6:duplicate",
                               "8:duplicate", "1:swallow", "3:swallow", "6:swallow", "7:swallow")

    def test_errors_of_the_ioctl(self):
        self.assert_each_opens("1:short", "4:short", "3:again", "8:again", "1:timed-out",
                               "6:timed-out:1", "8:timed-out", "3:io", "7:io:1")

    def test_requests_for_time(self):
        self.assert_each_opens("3:wtx:3", "6:wtx:16", "6:wtx:20")

    def test_silence_for_a_while(self):
        self.assert_each_opens("0:silence:400", "4:silence:250", "6:silence:400", "7:silence:900")

    def test_a_module_that_loses_power_in_the_middle(self):
        self.assert_each_opens("1:reset", "3:reset", "4:reset", "6:reset", "7:reset", "8:reset")

    def test_what_never_ends_is_refused_in_time(self):
        for fault, says in (("1-:silence:60000", "no module answers"),
                            ("4-:silence:60000", "did not answer in time"),
                            ("6-:corrupt:40", "the bus to the module is disturbed"),
                            ("3-:again", "bus"), ("3-:io", "bus"), ("3-:timed-out", "bus"),
                            ("3-:wtx:1000", "the bus to the module is disturbed"),
                            ("2-:swallow", "does not speak the protocol"), ("6-:reset", "")):
            with self.subTest(fault):
                self.assert_refused(f"--fault={fault}", says=says)
        self.assert_opens()
        self.assertEqual(self.module.stats()["refusals"], 0)


class NoModule(OnTheBus):
    def test_no_such_bus(self):
        self.world.set_config("device = i2c:/dev/i2c-9@0x30\nwait = 1")
        self.addCleanup(self.world.set_config, f"device = {URI}\nwait = 1")
        self.assert_refused(says="no module answers")

    def test_a_node_that_is_no_bus(self):
        self.world.set_config("device = i2c:/dev/zero@0x30\nwait = 1")
        self.addCleanup(self.world.set_config, f"device = {URI}\nwait = 1")
        self.assert_refused(says="no I2C bus")

    def test_nobody_at_the_address(self):
        self.assert_refused("--device=nobody", says="no module answers", module=False)

    def test_a_memory_chip_is_not_written_to(self):
        trace = self.assert_refused("--device=eeprom", says="does not speak the protocol",
                                    module=False)
        self.assertEqual({direction for direction, _ in trace}, {"r"})

    def test_a_blank_memory_chip_gets_resynch_only(self):
        trace = self.assert_refused("--device=blank-eeprom", says="does not speak the protocol",
                                    module=False)
        written = {data.hex() for direction, data in trace if direction == "w"}
        self.assertEqual(written, {"21c0000065ac"})

    def test_another_version_of_the_protocol(self):
        self.assert_refused("--device=next-version", says="another protocol version", module=False)

    def test_an_address_that_a_driver_of_the_kernel_uses(self):
        trace = self.assert_refused("--claimed", says="a driver of the kernel uses")
        self.assertEqual(trace, [])

    def test_an_adapter_for_smbus_only(self):
        self.assert_refused("--smbus-only", says="SMBus only")


class SharedBus(OnTheBus):
    def test_another_process_is_waited_for(self):
        with self.bus() as bus, open(bus.node) as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            timer = threading.Timer(0.8, fcntl.flock, (other, fcntl.LOCK_UN))
            timer.start()
            opened, said = self.try_on(bus)
            timer.join()
            self.assertTrue(opened, said)

    def test_another_process_that_does_not_end(self):
        with self.bus() as bus, open(bus.node) as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            opened, said = self.try_on(bus)
            self.assertFalse(opened)
            self.assertIn("another process keeps the I2C bus", said)
            self.assertEqual(bus.trace(), [])

    def test_four_at_once(self):
        results = []
        with self.bus() as bus:
            def one():
                results.append(self.try_on(bus))
            threads = [threading.Thread(target=one) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual([opened for opened, _ in results], [True] * 4, results)

    def test_a_process_that_was_killed_leaves_nothing_behind(self):
        for transfer in (ITS_HEAD, ITS_REST, UNLOCK, KEY_HEAD, KEY_REST):
            with self.subTest(transfer), self.bus(f"--fault={transfer}:silence:500") as bus:
                environment = self.world.environment(**bus.environment())
                redirect = ([f"--external-tokens-path={fixture.PLUGIN_DIR}"]
                            if fixture.cryptsetup_version() >= (2, 7) else [])
                victim = subprocess.Popen(
                    ["cryptsetup", *redirect, "open", "--test-passphrase", "--token-only",
                     str(self.image)], env=environment, stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                deadline = time.monotonic() + fixture.LIMIT
                while len(bus.trace()) < transfer and victim.poll() is None:
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(0.01)
                victim.kill()
                victim.wait()
                opened, said = self.try_on(bus)
                self.assertTrue(opened, said)


if __name__ == "__main__":
    tap.main()
