# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Somebody between stock cryptsetup and the module, who drops, replays, reorders, changes and injects.

    cryptsetup -- plugin -- unix socket -- Interposer -- unix socket -- hsm4-emulator

Whatever is done: the volume opens with its own key or there is a refusal in time; the module serves
nobody who does not know the binding; and what went by holds nothing of worth.

HSM4_MEDDLING says how many random attacks are made (15 unless set), HSM4_CAPTURED how many unlocks are
captured (100 unless set).
"""

import base64
import hashlib
import json
import os
import random
import re
import time
import unittest

import host  # first: it knows where the second implementation lies
import cbor2
import fixture
import protocol_example as texts
import t1
import tap
from fixture import World, run
from interposer import TO_HOST, TO_MODULE, Interposer

MEDDLING = int(os.environ.get("HSM4_MEDDLING", "15"))
CAPTURED = int(os.environ.get("HSM4_CAPTURED", "100"))
IN_TIME = 15  # seconds: then people give up
SERIAL = b"10000000abcdef01"

# The blocks of an unlock that nobody disturbs.
MESSAGE1, MESSAGE2, UNLOCK, KEY = range(4)
NAMES = ["message 1", "message 2", "UNLOCK", "its answer"]


def checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Between(unittest.TestCase):
    """A bound host with one enrolled volume, and somebody in between."""

    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.__exit__)
        cls.module = cls.world.bind()
        cls.image = cls.world.image()
        cls.world.enroll(cls.image)
        cls.before = checksum(cls.image)
        cls.secrets = cls.read_secrets()

    @classmethod
    def read_secrets(cls):
        """What the module and the host know, and nobody else may: {name: bytes}."""
        memory = cbor2.loads((cls.module.state / "state").read_bytes())
        salt, psk = memory[5][0][0]
        keys = texts.ModuleKeys(memory[1])
        cls.binding = host.Binding(host.hello(cls.module.socket), 0, salt, psk)
        cls.volume = bytes.fromhex(
            re.search(r"^binding = (\w{64})$", cls.world.config.read_text(), re.M)[1])
        cls.token = next(token for token in cls.world.header(cls.image)["tokens"].values()
                         if token["type"] == "hsm4")
        cls.locked = base64.b64decode(cls.token["hsm4-locked-key"])
        status, user_key = host.unlock(cls.module.socket, cls.binding, cls.volume, cls.locked)
        assert (status, len(user_key)) == (host.OK, 64)
        assert host.texts.psk_of(salt, texts.identity([("board-serial", SERIAL)]),
                                 keys.module_id, 0) == psk
        return {"user key": user_key, "binding's secret": psk, "device secret": memory[1],
                "channel secret": keys.channel_secret, "signing secret": keys.sign_seed,
                "sealing key": keys.seal_key, "passphrase": fixture.PASSPHRASE,
                "board serial": SERIAL, "board serial's value": bytes.fromhex(SERIAL.decode()),
                "identity": texts.identity([("board-serial", SERIAL)]),
                "hash of the serial": hashlib.sha256(SERIAL).digest()}

    def setUp(self):
        # A good proof forgets the wrong ones that the test before this has made.
        host.attest(self.module.socket, self.binding)
        self.between = self.enterContext(Interposer(self.world.path / "between.sock",
                                                    self.module.socket))
        self.world.set_config(f"device = unix:{self.between.path}\nwait = 1")

    # What the tests say.

    def try_through(self):
        """(opened, what was said). Never a wrong key, never a change, never too late."""
        start = time.monotonic()
        done = self.world.cryptsetup("open", "--test-passphrase", "--token-only", self.image,
                                     check=False)
        self.assertLess(time.monotonic() - start, IN_TIME)
        said = done.stderr.decode()
        # 2 would be: the plugin gave a key, and it opened nothing.
        self.assertIn(done.returncode, (0, 1), said)
        self.assertNotIn("Sanitizer", said)
        self.assertEqual(checksum(self.image), self.before)
        if done.returncode == 1:
            self.assertIn("hsm4: ", said)
        return done.returncode == 0, said

    def assert_opens(self):
        opened, said = self.try_through()
        self.assertTrue(opened, said)

    def assert_refused(self):
        before = self.module.stats()["unlocks"]
        opened, said = self.try_through()
        self.assertFalse(opened)
        self.assert_undamaged()
        return said, self.module.stats()["unlocks"] - before - 1

    def assert_undamaged(self):
        """The binding is what it was, and serves its host: here once, without anybody in between."""
        self.assertEqual(host.unlock(self.module.socket, self.binding, self.volume, self.locked),
                         (host.OK, self.secrets["user key"]))
        status = host.status(self.module.socket)
        self.assertEqual((status.state, status.bound, status.wrong_proofs, status.lockouts),
                         (host.DEVELOPMENT | host.SECURE, 1, 0, 0))

    def capture(self):
        """The blocks of an undisturbed unlock."""
        self.between.meddle = lambda block: [block.frame]
        start = len(self.between.record)
        self.assert_opens()
        blocks = self.between.record[start:]
        self.assertEqual([block.way for block in blocks], [TO_MODULE, TO_HOST] * 2)
        return blocks

    def assert_nothing_learned(self):
        """Nothing secret went by, whole or split over blocks, in any of its forms."""
        for way in TO_MODULE, TO_HOST:
            infs = [block.inf for block in self.between.record if block.way == way]
            seen = b"".join(infs)
            for name, secret in self.secrets.items():
                for form in (secret, secret[::-1], secret.hex().encode(),
                             secret.hex().upper().encode(), base64.b64encode(secret)):
                    self.assertNotIn(form, seen, f"{name} went {way}")
        return [block.inf for block in self.between.record if len(block.inf) > 16]


def flipped(inf, at, mask=1):
    at %= len(inf)
    return inf[:at] + bytes([inf[at] ^ mask]) + inf[at + 1:]


class Capture(Between):
    def test_of_many_unlocks_shows_nothing_and_nothing_twice(self):
        for _ in range(CAPTURED):
            self.assert_opens()
        texts_seen = self.assert_nothing_learned()
        self.assertEqual(len(texts_seen), 4 * CAPTURED)
        self.assertEqual(len(set(texts_seen)), len(texts_seen))
        # Nor does a part of one come again: every 16 bytes that begin a ciphertext are new.
        for name, first in ("message", 2), ("command", 0):
            heads = [inf[first:first + 16] for inf in texts_seen]
            self.assertEqual(len(set(heads)), len(heads), name)


class Drop(Between):
    def test_one_block_lost_is_mended(self):
        for index in range(4):
            with self.subTest(NAMES[index]):
                once = iter([[]])
                self.between.meddle = lambda block, index=index, once=once: (
                    next(once, [block.frame]) if block.index == index else [block.frame])
                self.assert_opens()

    def test_every_block_of_a_kind_lost_is_refused_in_time(self):
        for index in MESSAGE1, KEY:
            with self.subTest(NAMES[index]):
                way = TO_MODULE if index == MESSAGE1 else TO_HOST
                self.between.meddle = lambda block, way=way, index=index: (
                    [] if block.way == way and block.index >= index else [block.frame])
                self.assert_refused()
        self.assert_nothing_learned()


class Change(Between):
    def test_a_bit_anywhere_is_found_by_the_host_or_by_the_module(self):
        """With a CRC that is right again."""
        for index in range(4):
            for place in 0, 1, 2, 20, 40, -17, -1:
                with self.subTest(NAMES[index], place=place):
                    self.between.meddle = lambda block, index=index, place=place: [
                        block.with_inf(flipped(block.inf, place)) if block.index == index
                        else block.frame]
                    _, served = self.assert_refused()
                    # The module has done its work before the answer to it is changed.
                    self.assertEqual(served > 0, index == KEY)
        self.assert_nothing_learned()

    def test_a_message_cut_off_or_lengthened(self):
        for index in range(4):
            for change in (lambda inf: inf[:-1], lambda inf: inf[:16], lambda inf: inf[:1],
                           lambda inf: inf + b"\0", lambda inf: inf + inf[:20]):
                with self.subTest(NAMES[index]):
                    self.between.meddle = lambda block, index=index, change=change: [
                        block.with_inf(change(block.inf)) if block.index == index
                        else block.frame]
                    self.assert_refused()

    def test_each_byte_of_a_request_counts(self):
        """At the module, by a host that knows the binding and is changed on its way."""
        size = len(host.UNLOCK.to_bytes(1, "big") + self.volume + self.locked) + 16
        for at in range(size):
            with host.Host(self.module.socket) as one:
                channel = one.open_psk(self.binding.module, 0, self.binding.psk)
                request = bytes([host.UNLOCK]) + self.volume + self.locked
                answer = one.link.exchange(flipped(channel.send.encrypt(request), at, 0x80))
                self.assertEqual(answer, bytes([host.REFUSED]))
        self.assert_undamaged()

    def test_the_refusal_of_a_stranger_changes_nothing(self):
        """Plain statuses in place of answers: hints, never decisions."""
        for status in range(9):
            for index in MESSAGE2, KEY:
                with self.subTest(NAMES[index], status=status):
                    self.between.meddle = lambda block, index=index, status=status: [
                        block.with_inf(bytes([status])) if block.index == index else block.frame]
                    self.assert_refused()


class Replay(Between):
    def test_a_whole_session_played_to_the_module(self):
        """By somebody without the host. It answers the first message, and nothing that matters."""
        blocks = self.capture()
        self.module.inject("power-cycle")
        before = self.module.stats()["unlocks"]
        with host.Host(self.module.socket) as one:
            one.link.send_raw(blocks[MESSAGE1].frame)
            message2 = one.link.read_block().inf
            self.assertEqual(len(message2), 48)
            self.assertNotEqual(message2, blocks[MESSAGE2].inf)
            one.link.send_raw(blocks[UNLOCK].frame)
            self.assertEqual(one.link.read_block().inf, bytes([host.REFUSED]))
        self.assertEqual(self.module.stats()["unlocks"], before)
        # A recording proves nobody: the module is not secure by it.
        self.assertEqual(host.hello(self.module.socket).state, host.DEVELOPMENT)
        self.assert_undamaged()

    def test_a_recording_binds_nobody(self):
        """Its first message is authentic for a binding that is offered; it must not commit it."""
        offered = host.offer(self.module.socket, 1, [("board-serial", b"another")])
        with Interposer(self.world.path / "offer.sock", self.module.socket) as between:
            between.meddle = lambda block: [] if block.index > MESSAGE1 else [block.frame]
            with host.Host(between.path) as one:
                one.link.connection.settimeout(1)
                with self.assertRaises(TimeoutError):
                    one.open_psk(offered.module, 1, offered.psk)
            recorded = between.record[MESSAGE1].frame
        for _ in range(3):
            with host.Host(self.module.socket) as one:
                one.link.send_raw(recorded)
                self.assertEqual(len(one.link.read_block().inf), 48)
        self.assertEqual(host.status(self.module.socket).bound, 1)

    def test_answers_of_another_time_played_to_the_host(self):
        blocks = self.capture()
        for old in [MESSAGE2], [KEY], [MESSAGE2, KEY]:
            with self.subTest(old):
                self.between.meddle = lambda block, old=old: [
                    block.with_inf(blocks[block.index].inf) if block.index in old else block.frame]
                self.assert_refused()
        self.assert_nothing_learned()

    def test_requests_of_another_time_in_place_of_the_hosts(self):
        blocks = self.capture()
        for old in [MESSAGE1], [UNLOCK], [MESSAGE1, UNLOCK]:
            with self.subTest(old):
                self.between.meddle = lambda block, old=old: [
                    block.with_inf(blocks[block.index].inf) if block.index in old else block.frame]
                _, served = self.assert_refused()
                self.assertEqual(served, 0)

    def test_every_block_twice_is_executed_once(self):
        before = self.module.stats()["unlocks"]
        self.between.meddle = lambda block: [block.frame] * 2
        self.assert_opens()
        self.assertEqual(self.module.stats()["unlocks"] - before, 1)


class Reorder(Between):
    def test_each_block_in_place_of_each_other(self):
        """Within one unlock: what went by before, or what another unlock had at that place."""
        blocks = self.capture()
        for index in range(4):
            for other in range(4):
                if other == index:
                    continue
                with self.subTest(NAMES[other], in_place_of=NAMES[index]):
                    self.between.meddle = lambda block, index=index, other=other: [
                        block.with_inf(blocks[other].inf) if block.index == index else block.frame]
                    _, served = self.assert_refused()
                    self.assertEqual(served > 0, index == KEY)

    def test_a_command_before_its_handshake(self):
        blocks = self.capture()
        self.between.meddle = lambda block: (
            [blocks[UNLOCK].frame, block.frame] if block.index == MESSAGE1 else [block.frame])
        self.try_through()
        self.assert_undamaged()


def strange_blocks(nad, chance):
    """What an end might say, and never does here."""
    yield t1.encode(nad, t1.information(0), chance.randbytes(49))
    yield t1.encode(nad, t1.information(1), chance.randbytes(81))
    yield t1.encode(nad, t1.information(0, True), chance.randbytes(254))
    for number in 0, 1:
        for error in t1.ACK, t1.CRC_ERROR, t1.OTHER_ERROR:
            yield t1.encode(nad, t1.receive(number, error))
    for service in t1.RESYNCH, t1.ABORT, t1.CIP, t1.RELEASE, t1.SWR, 9:
        yield t1.encode(nad, t1.request(service))
        yield t1.encode(nad, t1.response(service))
    yield t1.encode(nad, t1.request(t1.IFS), b"\x00\x10")
    yield t1.encode(nad, t1.request(t1.WTX), b"\xff")
    yield chance.randbytes(40)


class Inject(Between):
    def test_strange_blocks_at_every_place(self):
        chance = random.Random(3)
        for nad, way in (t1.NAD_HOST, TO_MODULE), (t1.NAD_MODULE, TO_HOST):
            for number, strange in enumerate(strange_blocks(nad, chance)):
                index = (MESSAGE1 if way == TO_MODULE else MESSAGE2) + 2 * (number % 2)
                with self.subTest(way, block=strange[:8].hex(), before=NAMES[index]):
                    self.between.meddle = lambda block, index=index, strange=strange: (
                        [strange, block.frame] if block.index == index else [block.frame])
                    self.try_through()
                    self.assert_undamaged()
        self.assert_nothing_learned()

    def test_commands_of_somebody_who_takes_over_a_proven_channel(self):
        """After the host's UNLOCK his own messages, under numbers that the module accepts."""
        chance = random.Random(5)
        blocks = self.capture()
        before = self.module.stats()["unlocks"]
        for request in (chance.randbytes(219), bytes(17), bytes([host.UNLOCK]) + bytes(40),
                        blocks[UNLOCK].inf, bytes([host.STATUS])):
            with host.Host(self.module.socket) as one:
                channel = one.open_psk(self.binding.module, 0, self.binding.psk)
                self.assertEqual(channel.request(host.STATUS)[0], host.OK)
                self.assertEqual(one.link.exchange(request), bytes([host.REFUSED]))
                # And the channel is gone, for its owner too.
                answer = one.link.exchange(channel.send.encrypt(bytes([host.STATUS])))
                self.assertEqual(answer, bytes([host.MALFORMED]))
        self.assertEqual(self.module.stats()["unlocks"], before)
        self.assert_undamaged()


class AnyMeddling(Between):
    """Everything above, by chance and in any number."""

    def test_random_attacks(self):
        seed = int(os.environ.get("HSM4_SEED", "20260704"))
        chance, past = random.Random(seed), self.capture()
        opened = 0
        for attack in range(MEDDLING):
            rate = chance.choice((0.1, 0.3, 1.0))

            def meddle(block, rate=rate):
                if chance.random() >= rate:
                    return [block.frame]
                past.append(block)
                nad = block.frame[0]
                return chance.choice((
                    lambda: [],
                    lambda: [block.frame, block.frame],
                    lambda: [block.with_inf(flipped(block.inf, chance.randrange(len(block.inf))))
                             if block.inf else block.frame],
                    lambda: [block.with_inf(chance.choice(past).inf)],
                    lambda: [chance.choice(list(strange_blocks(nad, chance))), block.frame],
                    lambda: [block.frame, chance.choice(past).frame]))()

            with self.subTest(seed=seed, attack=attack):
                self.between.meddle = meddle
                opened += self.try_through()[0]
                self.assert_undamaged()
        print(f"# {opened} of {MEDDLING} unlocks under attack succeeded")
        self.assert_nothing_learned()


class Strangers(Between):
    """Somebody who has the card, the token and the module, but not the host."""

    def test_no_way_in_without_the_binding(self):
        refused = self.module.stats()["unlocks"]
        request = self.volume + self.locked
        with host.Host(self.module.socket) as one:
            channel = one.open_nk(one.hello())
            for opcode in host.UNLOCK, host.LOCK, host.ATTEST, host.RANDOM, host.REVOKE:
                self.assertEqual(channel.request(opcode, request), (host.REFUSED, b""))
        for slot, psk in (0, bytes(32)), (0, self.binding.salt), (1, self.binding.psk):
            with host.Host(self.module.socket) as one, self.assertRaises(host.Refused):
                one.open_psk(self.binding.module, slot, psk)
            host.attest(self.module.socket, self.binding)
        self.assertEqual(self.module.stats()["unlocks"], refused)
        self.assert_undamaged()

    def test_another_module_in_the_place_of_ours(self):
        """Its keys are not the pinned ones: the host's first message is worth nothing to it."""
        other = self.world.another_module("impostor").start()
        with Interposer(self.world.path / "impostor.sock", other.socket) as between:
            self.world.set_config(f"device = unix:{between.path}\nwait = 1")
            opened, _ = self.try_through()
            self.assertFalse(opened)
            first = [block.inf for block in between.record if block.index == MESSAGE2]
            self.assertEqual(set(map(len, first)), {1})  # a refusal, no handshake
        self.assertEqual(other.stats()["unlocks"], 0)

    def test_a_token_with_another_modules_keys_is_refused_before_a_word_is_said(self):
        other = self.world.another_module("forger").start()
        keys = host.hello(other.socket)
        changed = {"hsm4-module-id": keys.module_id.hex(),
                   "hsm4-public-key": base64.b64encode(keys.channel_key).decode(),
                   "hsm4-verify-key": base64.b64encode(keys.verify_key).decode()}
        with Interposer(self.world.path / "forger.sock", other.socket) as between:
            self.world.set_config(f"device = unix:{between.path}\nwait = 1")
            for names in [[name] for name in changed] + [list(changed)]:
                with self.subTest(names):
                    token = {**self.token, **{name: changed[name] for name in names}}
                    copy = self.world.path / "copy"
                    copy.write_bytes(self.image.read_bytes())
                    run(["cryptsetup", "token", "import", "--disable-external-tokens",
                         "--token-replace" if fixture.cryptsetup_version() >= (2, 5) else "-q",
                         "--token-id=0", "--json-file=-", copy], input=json.dumps(token).encode())
                    opened, said, _ = self.world.opens_by_token(copy)
                    self.assertFalse(opened)
                    self.assertIn("disagrees with what hsm4.conf pins", said)
            self.assertEqual((between.exchanges, between.record), (0, []))


if __name__ == "__main__":
    tap.main()
