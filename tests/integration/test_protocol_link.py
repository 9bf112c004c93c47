# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The link of hsm4-protocol(7) as the emulator keeps it: chains, repetition, damage, garbage, silence,
and several hosts at once."""

import concurrent.futures
import hashlib
import random
import socket
import time
import unittest

import host
import t1
import tap
from fixture import World
from host import Host

VOLUME = hashlib.sha256(b"a volume").digest()
COMPLAINT = {error: (t1.NAD_MODULE, t1.receive(0, error), b"") for error in (1, 2)}


class Case(unittest.TestCase):
    def setUp(self):
        self.world = self.enterContext(World())
        self.module = self.world.module.start()
        self.path = self.module.socket
        self.link = self.connect()

    def connect(self):
        return self.enterContext(Host(self.path)).link

    def ask_raw(self, data, link=None):
        link = link or self.link
        link.send_raw(data)
        return link.read_block()


class Blocks(Case):
    def test_resynch_release_and_software_reset_are_answered(self):
        for service in (t1.RESYNCH, t1.RELEASE, t1.SWR):
            self.assertEqual(self.link.ask(t1.request(service)),
                             (t1.NAD_MODULE, t1.response(service), b""))

    def test_resynch_starts_the_numbers_again_and_ends_the_channel(self):
        one = self.enterContext(Host(self.path))
        self.link.connection.close()
        one.open_nk(one.hello())
        one.link.ask(t1.request(t1.RESYNCH))
        one.link.number = one.link.expected = 0
        self.assertEqual(one.link.exchange(bytes(20)), bytes([host.MALFORMED]))
        self.assertEqual(one.hello().version, 1)

    def test_the_interface_parameters_are_well_formed_and_bind_the_channel(self):
        one = self.enterContext(Host(self.path))
        self.link.connection.close()
        module = one.hello()
        cip = one.link.ask(t1.request(t1.CIP))
        self.assertEqual(cip.pcb, t1.response(t1.CIP))
        version, issuer = cip.inf[0], cip.inf[1]
        rest = cip.inf[2 + issuer:]
        self.assertEqual((version, rest[0], rest[1], rest[10], rest[-1]), (1, 2, 8, 4, 0))
        self.assertEqual(rest[11:15], (300).to_bytes(2, "big") + (254).to_bytes(2, "big"))
        with self.assertRaises(host.Refused):
            one.open_nk(module)
        one.open_nk(module, host.texts.prologue(host.OPEN_NK, 0, module.module_id, cip=cip.inf))

    def test_answers_come_in_blocks_as_small_as_the_host_asked_for(self):
        one = self.enterContext(Host(self.path))
        self.link.connection.close()
        self.assertEqual(one.link.ask(t1.request(t1.IFS), b"\x00\x10"),
                         (t1.NAD_MODULE, t1.response(t1.IFS), b"\x00\x10"))
        first = one.link.send_message(bytes([host.HELLO]))
        self.assertEqual((first.pcb, len(first.inf)), (t1.information(0, True), 16))
        self.assertEqual(len(one.link.receive_message(first)), 83)
        module = one.hello()
        prologue = host.texts.prologue(host.OPEN_NK, 0, module.module_id, ifsd=16)
        self.assertEqual(len(one.open_nk(module, prologue).ask(host.STATUS)), 28)

    def test_sizes_that_cannot_be_are_complained_of(self):
        for inf in (b"", b"\x10", b"\x00\x0f", b"\xff\xff", b"\x0f\xfa", b"\x00\x10\x00"):
            self.assertEqual(self.link.ask(t1.request(t1.IFS), inf), COMPLAINT[2])

    def test_requests_may_come_in_blocks_of_any_size(self):
        binding = host.bind(self.path)
        for size in (1, 2, 15, 100, 253, 254):
            with Host(self.path) as one:
                channel = one.open_psk(binding.module, 0, binding.psk)
                request = bytes([host.LOCK]) + VOLUME + b"\x00\x80" + bytes(128)
                answer = one.link.exchange(channel.send.encrypt(request), size)
                self.assertEqual(channel.receive.decrypt(answer)[0], host.OK)

    def test_a_repeated_block_is_not_executed_again(self):
        message = bytes([host.HELLO])
        first = self.link.ask(t1.information(0), message)
        self.assertEqual(self.link.ask(t1.information(0), message), first)
        self.assertEqual(self.link.ask(t1.information(0), b"something else"), first)
        second = self.link.ask(t1.information(1), message)
        self.assertEqual((first.pcb, second.pcb), (t1.information(0), t1.information(1)))

    def test_the_last_block_is_repeated_on_demand(self):
        first = self.link.ask(t1.information(0), bytes([host.HELLO]))
        for pcb in (t1.receive(0, 1), t1.receive(0, 2), t1.receive(1, 1), t1.receive(0, 0)):
            self.assertEqual(self.link.ask(pcb), first)

    def test_with_nothing_to_repeat_it_says_what_it_expects(self):
        for pcb in (t1.receive(0, 1), t1.receive(1, 0), t1.information(1)):
            self.assertEqual(self.link.ask(pcb, b"x" if pcb < 0x80 else b""), COMPLAINT[2])

    def test_damage_is_complained_of_and_changes_nothing(self):
        good = t1.encode(t1.NAD_HOST, t1.information(0), bytes([host.HELLO]))
        for bit in range(8 * len(good)):
            if 16 <= bit < 32:  # LEN: another test
                continue
            damaged = bytearray(good)
            damaged[bit // 8] ^= 1 << bit % 8
            self.assertEqual(self.ask_raw(bytes(damaged)), COMPLAINT[1])
        self.assertEqual(self.ask_raw(good).pcb, t1.information(0))

    def test_blocks_that_no_host_sends_are_complained_of(self):
        for nad, pcb, inf in [(t1.NAD_MODULE, 0, b"\x01"), (0, 0, b"\x01"),
                              (t1.NAD_HOST, t1.information(0), bytes(255)),
                              (t1.NAD_HOST, t1.request(t1.WTX), b"\x01"), (t1.NAD_HOST, 0x01, b"\x01"),
                              (t1.NAD_HOST, 0x1f, b""), (t1.NAD_HOST, 0x83, b""),
                              (t1.NAD_HOST, 0xa0, b""), (t1.NAD_HOST, 0xc5, b""),
                              (t1.NAD_HOST, 0xde, b"")]:
            self.assertEqual(self.ask_raw(t1.encode(nad, pcb, inf)), COMPLAINT[2], (nad, pcb))

    def test_a_chain_without_end_is_broken_off(self):
        number, blocks = 0, []
        for _ in range(5):
            blocks.append(self.link.ask(t1.information(number, True), bytes(254)))
            number ^= 1
        self.assertEqual(blocks[-1], (t1.NAD_MODULE, t1.request(t1.ABORT), b""))
        self.link.send_block(t1.response(t1.ABORT))
        self.link.number = number
        self.assertEqual(len(self.link.exchange(bytes([host.HELLO]))), 83)

    def test_the_host_may_break_its_own_chain_off(self):
        self.link.ask(t1.information(0, True), b"abandoned")
        self.assertEqual(self.link.ask(t1.request(t1.ABORT)).pcb, t1.response(t1.ABORT))
        self.link.number = 1
        self.assertEqual(len(self.link.exchange(bytes([host.HELLO]))), 83)


class Garbage(Case):
    def test_a_length_that_cannot_be_is_one_damaged_block(self):
        for head in (b"\x21\x00\xff\xff", b"\x21\x00\x0f\xfa", b"\xff" * 300):
            self.assertEqual(self.ask_raw(head), COMPLAINT[2])
        self.assertEqual(len(self.link.exchange(bytes([host.HELLO]))), 83)

    def test_whatever_comes_the_module_stays_itself(self):
        chance = random.Random(20260101)
        before = host.bind(self.path)
        for _ in range(150):
            with Host(self.path) as one:
                for _ in range(chance.randrange(1, 6)):
                    body = chance.randbytes(chance.randrange(0, 300))
                    if chance.random() < 0.7:
                        body = t1.encode(t1.NAD_HOST, chance.randrange(256), body)
                    one.link.send_raw(body)
        host.attest(self.path, before)
        self.assertIsNone(self.module.process.poll())

    def test_half_a_block_and_a_hang_up(self):
        block = t1.encode(t1.NAD_HOST, t1.information(0), bytes([host.HELLO]))
        for size in range(len(block)):
            with Host(self.path) as one:
                one.link.send_raw(block[:size])
        self.assertEqual(host.hello(self.path).version, 1)


class Taking(Case):
    """Turns, silence, and who has the module."""

    def test_a_second_of_silence_ends_the_exchange(self):
        binding = host.bind(self.path)
        with Host(self.path) as one:
            channel = one.open_psk(binding.module, 0, binding.psk)
            time.sleep(1.3)
            one.link.number = one.link.expected = 0
            answer = one.link.exchange(channel.send.encrypt(bytes([host.STATUS])))
            self.assertEqual(answer, bytes([host.MALFORMED]))

    def test_a_second_host_waits_for_the_first_one_to_end(self):
        self.link.ask(t1.information(0), bytes([host.HELLO]))
        second = self.connect()
        second.send_block(t1.information(0), bytes([host.HELLO]))
        second.connection.settimeout(0.3)
        with self.assertRaises(socket.timeout):
            second.read_block()
        self.link.connection.close()
        second.connection.settimeout(host.PATIENCE)
        self.assertEqual(second.read_block().pcb, t1.information(0))

    def test_a_host_that_falls_silent_does_not_keep_the_others_out(self):
        self.link.ask(t1.information(0), bytes([host.HELLO]))
        begun = time.monotonic()
        second = self.connect()
        self.assertEqual(len(second.exchange(bytes([host.HELLO]))), 83)
        self.assertGreater(time.monotonic() - begun, 0.5)

    def test_one_that_hangs_up_while_it_waits_costs_nothing(self):
        self.link.ask(t1.information(0), bytes([host.HELLO]))
        for _ in range(5):
            waiting = self.connect()
            waiting.send_block(t1.information(0), bytes([host.HELLO]))
            waiting.connection.close()
        before = self.module.busy_seconds()
        for number in 1, 0, 1, 0:
            time.sleep(0.5)
            self.link.ask(t1.information(number), bytes([host.HELLO]))
        # A loop that does not wait would be busy for all of these two seconds.
        self.assertLess(self.module.busy_seconds() - before, 1)

    def test_half_a_block_takes_nothing(self):
        self.link.send_raw(b"\x21\x00\x00")
        second = self.connect()
        self.assertEqual(len(second.exchange(bytes([host.HELLO]))), 83)

    def test_many_hosts_at_once_each_get_their_own_keys(self):
        self.link.connection.close()
        bindings = [host.bind(self.path, slot) for slot in range(4)]

        def work(number):
            binding = bindings[number % 4]
            volume = hashlib.sha256(bytes([number])).digest()
            for turn in range(5):
                key = bytes([number, turn]) * 32
                locked = host.lock(self.path, binding, volume, key)
                if host.unlock(self.path, binding, volume, locked) != (host.OK, key):
                    return False
            return True

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual(list(pool.map(work, range(8))), [True] * 8)
        stats = self.module.stats()
        self.assertEqual((stats["unlocks"], stats["refusals"]), (40, 0))


if __name__ == "__main__":
    tap.main()
