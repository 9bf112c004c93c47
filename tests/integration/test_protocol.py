# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The emulator and a host that was written from hsm4-protocol(7) alone: every command, and every
refusal that a host which skips its own checks must get from the module itself."""

import hashlib
import os
import time
import unittest

import host  # first: it knows where the second implementation lies
import cbor2
import cose
import noise
import protocol_example as texts
import t1
import tap
from fixture import World
from host import Host, Refused

KEY = bytes(range(64))
VOLUME = hashlib.sha256(b"one volume, one key slot").digest()


def flipped(data, bit):
    return data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:]


class Case(unittest.TestCase):
    def setUp(self):
        self.world = self.enterContext(World())
        self.module = self.world.module.start()
        self.path = self.module.socket

    def assertRefused(self, status, call, *arguments):
        with self.assertRaises(Refused) as caught:
            call(*arguments)
        self.assertEqual(caught.exception.status, status)

    def connect(self):
        return self.enterContext(Host(self.path))

    def open_psk(self, binding):
        return self.connect().open_psk(binding.module, binding.slot, binding.psk)

    def device_keys(self):
        """The module's own keys, from its memory: for making what no module would make."""
        return texts.ModuleKeys(cbor2.loads((self.module.state / "state").read_bytes())[1])


class Everyday(Case):
    def test_hello_shows_an_unbound_module_whose_id_fits_its_keys(self):
        module = host.hello(self.path)
        self.assertEqual((module.version, module.state), (1, host.UNBOUND))
        self.assertEqual(module.module_id, self.device_keys().module_id)

    def test_info_repeats_the_keys_and_names_the_model(self):
        one = self.connect()
        module = one.hello()
        fields = one.open_nk(module).ask(host.INFO)
        self.assertEqual(fields[:83], b"\x01" + module.module_id + module.channel_key
                         + module.verify_key + b"\x04\x80")
        model = fields[84:84 + fields[83]]
        self.assertEqual(model, b"hsm4-emulator")
        firmware = fields[84 + len(model):]
        self.assertEqual(len(firmware), 1 + firmware[0])

    def test_binding_takes_an_offer_and_its_proof(self):
        offer = host.offer(self.path, 2, [("board-serial", b"1")])
        self.assertEqual(host.status(self.path).bound, 0)
        self.assertEqual(host.hello(self.path).state, host.UNBOUND)
        self.assertEqual(host.attest(self.path, offer), (host.DEVELOPMENT | host.SECURE, 0))
        status = host.status(self.path)
        self.assertEqual((status.state, status.bound), (host.DEVELOPMENT | host.SECURE, 1 << 2))

    def test_a_new_binding_replaces_the_old_one_only_when_it_is_proven(self):
        old = host.bind(self.path)
        new = host.offer(self.path, 0, [("board-serial", b"another")])
        host.attest(self.path, old)
        host.attest(self.path, new)
        self.assertRefused(host.REFUSED, host.attest, self.path, old)

    def test_four_hosts_may_be_bound_and_share_what_they_lock(self):
        bindings = [host.bind(self.path, slot) for slot in range(4)]
        self.assertEqual(len({binding.psk for binding in bindings}), 4)
        locked = host.lock(self.path, bindings[0], VOLUME, KEY)
        for binding in bindings:
            self.assertEqual(host.unlock(self.path, binding, VOLUME, locked), (host.OK, KEY))

    def test_keys_of_every_length_come_back(self):
        channel = self.open_psk(host.bind(self.path))
        for size in (1, 23, 24, 64, 127, 128):
            key = os.urandom(size)
            locked = channel.ask(host.LOCK, VOLUME + b"\x00" + bytes([size]) + key)
            self.assertEqual(channel.ask(host.UNLOCK, VOLUME + locked), key)

    def test_a_locked_key_is_what_the_page_says(self):
        binding = host.bind(self.path)
        keys = self.device_keys()
        locked = host.lock(self.path, binding, VOLUME, KEY)
        self.assertEqual(len(locked), 184)
        encrypted = cose.verify1(binding.module.verify_key, VOLUME, locked)
        plain = cose.decrypt0(keys.seal_key, VOLUME, encrypted)
        self.assertEqual(plain, texts.cbor([1, 1, 0, KEY]))
        iv = cbor2.loads(encrypted).value[1][cose.IV]
        again = cose.encrypt0(keys.seal_key, iv, VOLUME, plain)
        self.assertEqual(cose.sign1(keys.sign_seed, VOLUME, again), locked)

    def test_random_bytes_of_every_length(self):
        channel = self.open_psk(host.bind(self.path))
        drawn = [channel.ask(host.RANDOM, bytes([size])) for size in range(1, 129)]
        self.assertEqual([len(some) for some in drawn], list(range(1, 129)))
        self.assertEqual(len(set(drawn[8:])), 120)

    def test_memory_outlasts_a_restart(self):
        binding = host.bind(self.path)
        locked = host.lock(self.path, binding, VOLUME, KEY)
        self.module.stop()
        self.module.start()
        self.assertEqual(host.hello(self.path).state, host.DEVELOPMENT)
        self.assertEqual(host.unlock(self.path, binding, VOLUME, locked), (host.OK, KEY))


class RefusedKeys(Case):
    """REFUSED for each, in a channel that stays open and still unlocks the right one."""

    def setUp(self):
        super().setUp()
        self.binding = host.bind(self.path)
        self.channel = self.open_psk(self.binding)
        self.locked = self.channel.ask(host.LOCK, VOLUME + b"\x00" + bytes([len(KEY)]) + KEY)

    def tearDown(self):
        self.assertEqual(self.channel.ask(host.UNLOCK, VOLUME + self.locked), KEY)

    def assertNotUnlocked(self, volume, locked):
        self.assertEqual(self.channel.request(host.UNLOCK, volume + locked), (host.REFUSED, b""))

    def seal(self, plaintext, volume=VOLUME, seal_key=None, seed=None):
        keys = self.device_keys()
        encrypted = cose.encrypt0(seal_key or keys.seal_key, os.urandom(12), volume, plaintext)
        return cose.sign1(seed or keys.sign_seed, volume, encrypted)

    def test_of_another_volume_or_slot(self):
        for bit in range(0, 256, 5):
            self.assertNotUnlocked(flipped(VOLUME, bit), self.locked)

    def test_with_any_bit_changed(self):
        for bit in range(8 * len(self.locked)):
            self.assertNotUnlocked(VOLUME, flipped(self.locked, bit))

    def test_cut_off_or_with_more_behind(self):
        for size in range(len(self.locked)):
            self.assertNotUnlocked(VOLUME, self.locked[:size])
        for more in (b"\x00", b"\xf6", self.locked):
            self.assertNotUnlocked(VOLUME, self.locked + more)

    def test_of_another_module(self):
        other = self.world.another_module().start()
        foreign = host.lock(other.socket, host.bind(other.socket), VOLUME, KEY)
        self.assertNotUnlocked(VOLUME, foreign)

    def test_of_another_generation_version_or_purpose(self):
        self.assertEqual(self.channel.ask(host.UNLOCK, VOLUME + self.seal(texts.cbor([1, 1, 0, KEY]))),
                         KEY)
        for plaintext in ([1, 1, 7, KEY], [1, 1, 2**32, KEY], [1, 1, -1, KEY], [2, 1, 0, KEY],
                          [1, 9, 0, KEY], [0, 1, 0, KEY]):
            self.assertNotUnlocked(VOLUME, self.seal(texts.cbor(plaintext)))

    def test_with_another_plaintext(self):
        for plaintext in (b"", KEY, texts.cbor([1, 1, 0]), texts.cbor([1, 1, 0, KEY, 0]),
                          texts.cbor([1, 1, 0, ""]), texts.cbor([1, 1, 0, b""]),
                          texts.cbor([1, 1, 0, bytes(129)]), texts.cbor({1: KEY}),
                          texts.cbor([1, 1, 0, KEY]) + b"\x00",
                          b"\x84\x18\x01\x01\x00\x58\x40" + KEY,  # 1, not in its shortest form
                          b"\x9f\x01\x01\x00\x58\x40" + KEY + b"\xff"):
            self.assertNotUnlocked(VOLUME, self.seal(plaintext))

    def test_signed_or_encrypted_with_another_key(self):
        plaintext = texts.cbor([1, 1, 0, KEY])
        self.assertNotUnlocked(VOLUME, self.seal(plaintext, seed=bytes(32)))
        self.assertNotUnlocked(VOLUME, self.seal(plaintext, seal_key=bytes(32)))
        self.assertNotUnlocked(VOLUME, self.seal(plaintext, seal_key=bytes(16)))

    def test_signed_for_this_volume_but_encrypted_for_another(self):
        keys = self.device_keys()
        encrypted = cose.encrypt0(keys.seal_key, os.urandom(12), bytes(32),
                                  texts.cbor([1, 1, 0, KEY]))
        self.assertNotUnlocked(VOLUME, cose.sign1(keys.sign_seed, VOLUME, encrypted))

    def test_without_a_signature(self):
        encrypted = cbor2.loads(self.locked).value[2]
        self.assertNotUnlocked(VOLUME, encrypted)


class WrongHosts(Case):
    def test_an_unbound_module_listens_to_no_proof_and_counts_none(self):
        module = host.hello(self.path)
        for slot in (0, 3, 4, 255):
            with Host(self.path) as one:
                self.assertRefused(host.WRONG_STATE, one.open_psk, module, slot, bytes(32))
        self.assertEqual(host.status(self.path)[3:6], (0, 0, 0))

    def test_a_wrong_secret_another_slot_and_a_wrong_prologue_are_refused_alike(self):
        binding = host.bind(self.path)
        right = texts.prologue(host.OPEN_PSK, 0, binding.module.module_id)
        tries = [
            (0, bytes(32), None), (1, binding.psk, None), (4, binding.psk, None),
            (255, binding.psk, None), (0, binding.psk, texts.prologue(3, 1, binding.module.module_id)),
            (0, binding.psk, texts.prologue(2, 0, binding.module.module_id)),
            (0, binding.psk, texts.prologue(3, 0, bytes(16))),
            (0, binding.psk, texts.prologue(3, 0, binding.module.module_id, ifsc=512)),
            (0, binding.psk, right + b"\x00"), (0, binding.psk, right.replace(b"\x01", b"\x02", 1)),
            (0, flipped(binding.psk, 255), None)]
        for slot, psk, prologue in tries:
            with Host(self.path) as one:
                self.assertRefused(host.REFUSED, one.open_psk, binding.module, slot, psk, prologue)
            self.assertEqual(host.status(self.path).wrong_proofs, 1)
            host.attest(self.path, binding)  # starts the count again
            self.assertEqual(host.status(self.path).wrong_proofs, 0)

    def test_a_key_of_low_order_is_refused(self):
        binding = host.bind(self.path)
        for point in (bytes(32), b"\x01" + bytes(31), b"\xff" * 31 + b"\x7f"):
            for head in (bytes([host.OPEN_NK]), bytes([host.OPEN_PSK, 0])):
                with Host(self.path) as one:
                    self.assertEqual(one.link.exchange(head + point + bytes(16)),
                                     bytes([host.REFUSED]))
            host.attest(self.path, binding)

    def test_a_host_that_expects_another_module_finds_none(self):
        module = host.hello(self.path)
        with Host(self.path) as one:
            self.assertRefused(host.REFUSED, one.open_nk,
                               module._replace(channel_key=noise.public_of(bytes(32))))

    def test_three_wrong_proofs_shut_the_module_until_power_and_time_have_gone(self):
        binding = host.bind(self.path)
        for wrong in (1, 2, 3):
            with Host(self.path) as one:
                self.assertRefused(host.REFUSED, one.open_psk, binding.module, 0, bytes(32))
            self.assertEqual(host.status(self.path).wrong_proofs, wrong)
        status = host.status(self.path)
        self.assertEqual(status.state, host.DEVELOPMENT | host.COMPROMISED)
        self.assertEqual((status.wrong_proofs, status.lockouts), (3, 1))
        self.assertRefused(host.WRONG_STATE, host.attest, self.path, binding)
        self.module.stop()
        begun = time.monotonic()
        self.module.start()
        self.assertRefused(host.WRONG_STATE, host.attest, self.path, binding)
        delay = host.status(self.path).delay
        self.assertTrue(0 < delay <= 10)
        while host.status(self.path).delay > 0:
            time.sleep(0.2)
        self.assertGreaterEqual(time.monotonic() - begun, 9.9)
        host.attest(self.path, binding)
        self.assertEqual(host.status(self.path)[3:6], (0, 0, 0))

    def test_a_recorded_first_message_proves_nothing(self):
        binding = host.bind(self.path)
        self.module.inject("power-cycle")
        handshake = noise.Handshake(
            "Noise_NKpsk0_25519_ChaChaPoly_SHA256", True,
            texts.prologue(host.OPEN_PSK, 0, binding.module.module_id),
            rs=binding.module.channel_key, psk=binding.psk)
        recorded = bytes([host.OPEN_PSK, 0]) + handshake.write_message()
        answers = set()
        for _ in range(3):
            with Host(self.path) as one:
                answers.add(one.link.exchange(recorded))
                self.assertEqual(one.link.exchange(bytes(17)), bytes([host.REFUSED]))
        self.assertEqual(len(answers), 3)
        self.assertEqual(host.hello(self.path).state, host.DEVELOPMENT)  # not secure

    def test_a_recorded_command_ends_the_channel(self):
        channel = self.open_psk(host.bind(self.path))
        sealed = channel.send.encrypt(bytes([host.RANDOM, 8]))
        channel.receive.decrypt(channel.link.exchange(sealed))
        self.assertEqual(channel.link.exchange(sealed), bytes([host.REFUSED]))
        self.assertEqual(channel.link.exchange(channel.send.encrypt(b"\x02")),
                         bytes([host.MALFORMED]))  # no channel any more

    def test_a_command_of_another_channel_is_worth_nothing(self):
        binding = host.bind(self.path)
        with Host(self.path) as one:
            sealed = one.open_psk(binding.module, 0, binding.psk).send.encrypt(bytes([host.RANDOM, 8]))
        channel = self.open_psk(binding)
        self.assertEqual(channel.link.exchange(sealed), bytes([host.REFUSED]))


class WrongRequests(Case):
    def setUp(self):
        super().setUp()
        self.binding = host.bind(self.path)

    def open_nk(self):
        one = self.connect()
        return one.open_nk(one.hello())

    def test_services_of_the_other_kind_of_channel_are_refused(self):
        with Host(self.path) as one:
            channel = one.open_nk(one.hello())
            for opcode, fields in [(host.LOCK, VOLUME + b"\x00\x01k"), (host.ATTEST, bytes(32)),
                                   (host.UNLOCK, VOLUME + bytes(184)), (host.RANDOM, b"\x08")]:
                self.assertEqual(channel.request(opcode, fields), (host.REFUSED, b""))
        channel = self.open_psk(self.binding)
        for opcode, fields in [(host.BIND_PREPARE, b"\x00"), (host.BIND_OFFER, bytes(33))]:
            self.assertEqual(channel.request(opcode, fields), (host.REFUSED, b""))

    def test_opcodes_that_do_not_exist(self):
        channel = self.open_psk(self.binding)
        for opcode in (0x00, 0x0f, 0x12, 0x20, 0x7f, 0x80, 0xff):
            self.assertEqual(channel.request(opcode), (host.UNKNOWN, b""))
            self.assertEqual(channel.request(opcode, bytes(100)), (host.UNKNOWN, b""))

    def test_fields_that_are_missing_too_many_or_out_of_range(self):
        channel = self.open_psk(self.binding)
        for opcode, fields in [
                (host.INFO, b"\x00"), (host.STATUS, b"\x00"), (host.RANDOM, b""),
                (host.RANDOM, b"\x00"), (host.RANDOM, b"\x81"), (host.RANDOM, b"\x08\x00"),
                (host.ATTEST, bytes(31)), (host.ATTEST, bytes(33)), (host.UNLOCK, VOLUME[:31]),
                (host.LOCK, b""), (host.LOCK, VOLUME), (host.LOCK, VOLUME + b"\x00"),
                (host.LOCK, VOLUME + b"\x00\x00"), (host.LOCK, VOLUME + b"\x00\x02k"),
                (host.LOCK, VOLUME + b"\x00\x01kk"), (host.LOCK, VOLUME + b"\x00\x81" + bytes(129)),
                (host.LOCK, VOLUME + b"\xff" + bytes(40))]:
            self.assertEqual(channel.request(opcode, fields), (host.MALFORMED, b""),
                             (opcode, fields))
        self.assertEqual(channel.request_raw(b""), (host.MALFORMED, b""))
        self.assertEqual(channel.request(host.UNLOCK, VOLUME + bytes(960)), (host.REFUSED, b""))

    def test_an_offer_needs_its_preparation(self):
        channel = self.open_nk()
        offer = b"\x01" + bytes(32)
        self.assertEqual(channel.request(host.BIND_OFFER, offer), (host.REFUSED, b""))
        self.assertEqual(channel.request(host.BIND_PREPARE, b"\x04"), (host.MALFORMED, b""))
        self.assertEqual(channel.request(host.BIND_OFFER, offer + b"\x00"), (host.MALFORMED, b""))
        channel.ask(host.BIND_PREPARE, b"\x02")
        self.assertEqual(channel.request(host.BIND_OFFER, offer), (host.REFUSED, b""))
        salt = channel.ask(host.BIND_PREPARE, b"\x01")
        self.assertNotEqual(salt, channel.ask(host.BIND_PREPARE, b"\x01"))
        self.assertEqual(channel.request(host.BIND_OFFER, offer), (host.OK, b""))
        self.assertEqual(channel.request(host.BIND_OFFER, offer), (host.REFUSED, b""))

    def test_messages_outside_a_channel_that_do_not_exist(self):
        with Host(self.path) as one:
            for message in (b"\x00", b"\x04", b"\xff", b"\x01\x00", b"\x02", b"\x02" + bytes(47),
                            b"\x02" + bytes(49), b"\x03" + bytes(48), b"\x03" + bytes(50), bytes(1024)):
                self.assertEqual(one.link.exchange(message), bytes([host.MALFORMED]), message)
            self.assertEqual(one.hello().state & 0x0f, host.DEVELOPMENT)
        self.assertEqual(host.status(self.path).wrong_proofs, 0)

    def test_a_message_in_a_channel_that_does_not_authenticate(self):
        for size in (0, 1, 15, 16, 17, 300, 1024):
            with Host(self.path) as one:
                channel = one.open_psk(self.binding.module, 0, self.binding.psk)
                if size == 0:  # an empty I-block is an empty message
                    answer = channel.link.receive_message(
                        channel.link.ask(t1.information(channel.link.number)))
                else:
                    answer = channel.link.exchange(os.urandom(size))
                self.assertEqual(answer, bytes([host.REFUSED]))


if __name__ == "__main__":
    tap.main()
