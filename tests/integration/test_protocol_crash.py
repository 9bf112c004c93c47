# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The emulator killed at random instants while hosts write to its memory: the state always loads, no
bound module becomes unbound, and no counter goes back.

HSM4_KILLS says how often (20 unless set).
"""

import os
import random
import signal
import threading
import unittest

import host
import tap
from fixture import World

KILLS = int(os.environ.get("HSM4_KILLS", "20"))


class Load(threading.Thread):
    """Binds again and again, and gives one wrong proof now and then, until the module is gone."""

    def __init__(self, path, binding, seed):
        super().__init__()
        self.path, self.chance = path, random.Random(seed)
        self.candidates = [binding]  # newest first: what may be bound now
        self.wrong_proofs = 0  # that the module has answered, so must remember
        self.rounds = 0
        self.surprise = None

    def run(self):
        try:
            while True:
                self.turn()
                self.rounds += 1
        except (OSError, host.ProtocolError):
            pass  # killed
        except Exception as error:  # pylint: disable=broad-except
            self.surprise = error

    def turn(self):
        if self.chance.random() < 0.5:
            with host.Host(self.path) as one:
                try:
                    one.open_psk(self.candidates[0].module, 0, bytes(32))
                except host.Refused:
                    self.wrong_proofs = 1
        name = self.chance.randbytes(8)
        offered = host.offer(self.path, 0, [("board-serial", name)])
        self.candidates.insert(0, offered)
        self.wrong_proofs = 0  # a proof clears the count
        host.attest(self.path, offered)
        self.candidates = [offered]


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

    def test_at_random_instants(self):
        path, chance, rounds = self.module.socket, random.Random(4), 0
        binding = host.bind(path)
        for kill in range(KILLS):
            load = Load(path, binding, kill)
            load.start()
            load.join(chance.uniform(0.005, 0.2))
            self.assertEqual(self.module.stop(signal.SIGKILL), -signal.SIGKILL)
            load.join()
            self.assertIsNone(load.surprise)
            self.module.start()
            status = host.status(path)
            self.assertEqual((status.state, status.bound), (host.DEVELOPMENT, 1))
            self.assertGreaterEqual(status.wrong_proofs, load.wrong_proofs)
            self.assertEqual(status.lockouts, 0)
            binding = self.find_binding(load.candidates)
            self.assertIsNotNone(binding, f"kill {kill}: neither the old nor the new binding")
            rounds += load.rounds
        self.assertGreater(rounds, 0)
        self.assertEqual(sorted(entry.name for entry in self.module.state.iterdir()), ["state"])


if __name__ == "__main__":
    tap.main()
