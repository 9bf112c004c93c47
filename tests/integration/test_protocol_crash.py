# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The emulator killed at random instants while hosts write to its memory: the state always loads, no
bound module becomes unbound, and no counter goes back: wrong proofs, generation, tries of a PIN.

HSM4_KILLS says how often (20 unless set).
"""

import collections
import hashlib
import os
import random
import signal
import struct
import threading
import unittest

import host
import tap
from fixture import World

KILLS = int(os.environ.get("HSM4_KILLS", "20"))
VOLUME = hashlib.sha256(b"a volume").digest()
KEY = b"k" * 32
PIN = b"1234"
FULL = 5  # tries of a PIN, as delivered


class Known:
    """What hosts have heard from the module, so that it must remember it."""

    def __init__(self, binding):
        self.candidates = [binding]  # newest first: what may be bound now
        self.wrong_proofs = 0
        self.generation = 0
        self.pin = None  # id of the newest locked key with PIN
        self.locked = b""
        self.tries = 0  # at most so many are left of it


class Load(threading.Thread):
    """Writes to the module's memory in every way, and remembers what it answers, until it is gone."""

    def __init__(self, path, known, seed):
        super().__init__()
        self.path, self.known, self.chance = path, known, random.Random(seed)
        self.rounds = collections.Counter()
        self.surprise = None

    def run(self):
        try:
            while True:
                turn = self.chance.choice((self.prove_wrongly, self.rebind, self.try_pin,
                                           self.try_pin, self.revoke))
                turn()
                self.rounds[turn.__name__] += 1
        except (OSError, host.ProtocolError):
            pass  # killed
        except Exception as error:  # pylint: disable=broad-except
            self.surprise = error

    def ask(self, opcode, fields):
        """(status, fields) of one command; the proof that goes with it clears the wrong ones."""
        binding = self.known.candidates[0]
        self.known.wrong_proofs = 0
        with host.Host(self.path) as one:
            return one.open_psk(binding.module, 0, binding.psk).request(opcode, fields)

    def prove_wrongly(self):
        with host.Host(self.path) as one:
            try:
                one.open_psk(self.known.candidates[0].module, 0, bytes(32))
            except host.Refused:
                self.known.wrong_proofs = 1
        self.ask(host.STATUS, b"")  # before there are three in a row

    def rebind(self):
        offered = host.offer(self.path, 0, [("board-serial", self.chance.randbytes(8))])
        self.known.candidates.insert(0, offered)
        self.known.wrong_proofs = 0
        host.attest(self.path, offered)
        self.known.candidates = [offered]

    def try_pin(self):
        if self.known.pin is None:
            self.lock_with_pin()
            return
        right = self.chance.random() < 0.2
        if right:
            self.known.tries = FULL
        status, fields = self.ask(
            host.UNLOCK_PIN, VOLUME + b"\x04" + (PIN if right else b"0000") + self.known.locked)
        if status == host.BAD_PIN:
            self.known.tries = fields[0]
        elif status == host.PIN_LOCKED:
            self.known.pin = None
        elif (status, fields) != (host.OK, KEY) or not right:
            raise AssertionError(f"UNLOCK PIN: {status}")

    def lock_with_pin(self):
        status, locked = self.ask(
            host.LOCK, VOLUME + b"\x04" + PIN + bytes([len(KEY)]) + KEY)
        if status == host.NO_ROOM:
            self.revoke()
            return
        records = pin_records(self.ask(host.PIN, b"\x00"))
        self.known.locked, self.known.tries = locked, FULL
        self.known.pin = max(records)

    def revoke(self):
        """Rarely: it takes the records along."""
        if self.chance.random() < 0.8:
            return
        self.known.pin = None
        status, fields = self.ask(host.REVOKE, b"\x01" + self.known.generation.to_bytes(4, "big"))
        if status != host.OK:
            raise AssertionError(f"REVOKE: {status}")
        self.known.generation = int.from_bytes(fields, "big")


def pin_records(answer):
    """{id: tries left} of an answer to PIN."""
    status, fields = answer
    assert (status, len(fields)) == (host.OK, 1 + 10 * fields[0])
    records = (struct.unpack(">IIBB", fields[at:at + 10]) for at in range(1, len(fields), 10))
    return {number: left for number, _, left, _ in records}


class Kill(unittest.TestCase):
    def setUp(self):
        self.world = self.enterContext(World())
        self.module = self.world.module.start()

    def find_binding(self, candidates):
        """Which of the candidates the module has; a wrong try counts as a wrong proof."""
        for candidate in candidates:
            try:
                host.attest(self.module.socket, candidate)
                return candidate
            except host.Refused as refusal:
                self.assertEqual(refusal.status, host.REFUSED)
        return None

    def check(self, known):
        """What the module remembers is what it has told, or newer."""
        path = self.module.socket
        status = host.status(path)
        self.assertEqual((status.state, status.bound), (host.DEVELOPMENT, 1))
        self.assertGreaterEqual(status.wrong_proofs, known.wrong_proofs)
        self.assertEqual(status.lockouts, 0)
        binding = self.find_binding(known.candidates)
        self.assertIsNotNone(binding, "neither the old nor the new binding")
        known.candidates = [binding]
        self.assertIn(status.generation, (known.generation, known.generation + 1))
        known.generation = status.generation
        if known.pin is not None:
            with host.Host(path) as one:
                answer = one.open_psk(binding.module, 0, binding.psk).request(host.PIN, b"\x00")
            left = pin_records(answer).get(known.pin)
            self.assertIsNotNone(left, "the record of a PIN is lost")
            self.assertLessEqual(left, known.tries)
            known.tries = left
        self.assertEqual(sorted(entry.name for entry in self.module.state.iterdir()),
                         ["created", "state"])

    def test_at_random_instants(self):
        path, chance, rounds = self.module.socket, random.Random(4), collections.Counter()
        known = Known(host.bind(path))
        for kill in range(KILLS):
            load = Load(path, known, kill)
            load.start()
            load.join(chance.uniform(0.005, 0.3))
            self.assertEqual(self.module.stop(signal.SIGKILL), -signal.SIGKILL)
            load.join()
            self.assertIsNone(load.surprise)
            self.module.start()
            with self.subTest(kill=kill):
                self.check(known)
            rounds += load.rounds
        print(f"# answered between {KILLS} kills: {dict(rounds)}")
        self.assertEqual(len(rounds), 4)


if __name__ == "__main__":
    tap.main()
