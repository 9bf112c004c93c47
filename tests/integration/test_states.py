# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Walks every line of the table of states in hsm4-protocol(7), with a host of its own and the emulator.

Each test names the line that it walks; a line without a test, or a test without a line, fails.
"""

import pathlib
import struct
import unittest

import host
import tap
from fixture import World

PAGE = pathlib.Path(__file__).resolve().parents[2] / "man/hsm4-protocol.7.scd"
VOLUME = bytes(range(32))
KEY = b"k" * 64
OPEN = host.OK
NONE, NOTIFY, SELF_DESTRUCT = range(3)
FIVE = 5


def lines_of_the_page():
    """(state, event) of each line of the table."""
    section = PAGE.read_text().split("\n# STATES\n")[1].split("\n\n", 2)[1]
    cells = [line[2:].strip() for line in section.splitlines()]
    rows = [tuple(cells[at:at + 3]) for at in range(0, len(cells), 3)]
    return [(state, event) for state, event, _ in rows[1:]]


def line(state, event):
    """Marks a test as the walk over one line of the table."""
    def mark(test):
        test.line = (state, event)
        return test
    return mark


class Walk(unittest.TestCase):
    def setUp(self):
        self.world = self.enterContext(World())
        self.module = self.world.module.start()
        self.path = self.module.socket

    # What the tests say.

    def bind(self):
        self.binding = host.bind(self.path)

    def produce(self):
        self.bind()
        self.assertEqual(self.ask(host.BIND_LOCK, b"\x01"), (OPEN, b""))

    def ask(self, opcode, fields=b"", binding=None):
        """(status, fields) of one command of the proven host."""
        binding = binding or self.binding
        with host.Host(self.path) as one:
            return one.open_psk(binding.module, binding.slot, binding.psk).request(opcode, fields)

    def ask_nk(self, opcode, fields=b""):
        with host.Host(self.path) as one:
            return one.open_nk(one.hello()).request(opcode, fields)

    def prove_wrongly(self):
        """The status that refuses a channel with a wrong secret."""
        with host.Host(self.path) as one, self.assertRaises(host.Refused) as refusal:
            one.open_psk(one_module(self.path), 0, bytes(32))
        return refusal.exception.status

    def compromise(self):
        self.bind()
        for _ in range(3):
            self.assertEqual(self.prove_wrongly(), host.REFUSED)

    def state(self):
        return host.hello(self.path).state

    def power_cycle(self):
        self.module.inject("power-cycle")

    def restart(self):
        self.module.stop()
        self.module.start()

    def pass_time(self, seconds):
        self.module.inject("clock", f"+{seconds}")

    def set_action(self, channel, action):
        return self.ask(host.POLICY, bytes([1, channel, action]))[0]

    def set_interval(self, seconds):
        self.assertEqual(self.ask(host.POLICY, struct.pack(">BI", 2, seconds)), (OPEN, b""))

    def lock(self, pin=b"", opcode=host.LOCK):
        status, locked = self.ask(
            opcode, VOLUME + bytes([len(pin)]) + pin + bytes([len(KEY)]) + KEY)
        self.assertEqual(status, OPEN)
        return locked

    def unlock(self, locked):
        return self.ask(host.UNLOCK, VOLUME + locked)

    def unlock_pin(self, locked, pin):
        return self.ask(host.UNLOCK_PIN, VOLUME + bytes([len(pin)]) + pin + locked)

    def events(self):
        """[(kind, detail)] and the number of the last one."""
        status, fields = self.ask(host.EVENTS, b"\x00")
        self.assertEqual(status, OPEN)
        last, lost, count = struct.unpack(">IIB", fields[:9])
        self.assertEqual((lost, len(fields)), (0, 9 + count * 14))
        entries = [struct.unpack(">IBBQ", fields[at:at + 14]) for at in range(9, len(fields), 14)]
        return [(kind, detail) for _, kind, detail, _ in entries], last


def one_module(path):
    return host.hello(path)


class Binding(Walk):
    @line("unbound", "proof of a pending binding")
    def test_first_binding(self):
        self.assertEqual(self.state(), host.UNBOUND)
        self.bind()
        self.assertEqual(self.state(), host.DEVELOPMENT | host.SECURE)
        self.restart()
        self.assertEqual(self.state(), host.DEVELOPMENT)

    @line("development", "BIND PREPARE, BIND OFFER, proof")
    def test_rebinding_keeps_keys(self):
        self.bind()
        first, locked = self.binding, self.lock()
        self.binding = host.bind(self.path, 0, [("board-serial", b"another")])
        self.assertEqual(self.binding.module[2:], first.module[2:])
        self.assertEqual(self.unlock(locked), (OPEN, KEY))
        with self.assertRaises(host.Refused):
            self.ask(host.STATUS, binding=first)

    @line("development", "BIND LOCK")
    def test_production(self):
        self.bind()
        other = host.bind(self.path, 1)
        offered = host.offer(self.path, 0, [("board-serial", b"intruder")])
        self.assertEqual(self.ask(host.BIND_LOCK, b"\x02")[0], host.MALFORMED)  # not the own slot
        self.assertEqual(self.ask(host.BIND_LOCK, b"\x01"), (OPEN, b""))
        for _ in range(2):
            self.assertEqual(host.status(self.path).bound, 1)
            self.assertEqual(self.ask(host.STATUS)[0], OPEN)
            for stranger in other, offered:
                with self.assertRaises(host.Refused):
                    self.ask(host.STATUS, binding=stranger)
                self.assertEqual(self.ask(host.STATUS)[0], OPEN)  # clears the count
            self.assertEqual(self.state(), host.PRODUCTION | host.SECURE)
            self.restart()

    @line("production", "BIND PREPARE, BIND OFFER")
    def test_no_binding_in_production(self):
        self.produce()
        self.assertEqual(self.ask_nk(host.BIND_PREPARE, b"\x00"), (host.WRONG_STATE, b""))
        self.assertEqual(self.ask_nk(host.BIND_OFFER, b"\x00" + bytes(32)), (host.WRONG_STATE, b""))
        self.assertEqual(self.ask(host.STATUS)[0], OPEN)

    def test_what_was_offered_before_counts_for_nothing(self):
        self.bind()
        offers = [host.offer(self.path, slot, [("board-serial", b"early")]) for slot in range(4)]
        self.assertEqual(self.ask(host.BIND_LOCK, b"\x01"), (OPEN, b""))
        for _ in range(2):
            for offered in offers:
                with self.assertRaises(host.Refused) as refusal:
                    self.ask(host.ATTEST, bytes(32), binding=offered)
                self.assertEqual(refusal.exception.status, host.REFUSED)
                self.assertEqual(self.ask(host.STATUS)[0], OPEN)
            self.assertEqual(host.status(self.path).bound, 1)
            self.restart()

    @line("production", "BIND LOCK")
    def test_production_twice(self):
        self.produce()
        self.assertEqual(self.ask(host.BIND_LOCK, b"\x01"), (host.WRONG_STATE, b""))


class Proofs(Walk):
    @line("any, not secure", "proof of an active binding")
    def test_secure(self):
        self.bind()
        self.assertEqual(self.prove_wrongly(), host.REFUSED)
        self.power_cycle()
        self.assertEqual(self.state(), host.DEVELOPMENT)
        self.assertEqual(host.status(self.path).wrong_proofs, 1)
        self.ask(host.STATUS)
        self.assertEqual(self.state(), host.DEVELOPMENT | host.SECURE)
        self.assertEqual(host.status(self.path).wrong_proofs, 0)

    @line("secure", "power cycle")
    def test_power_cycle(self):
        self.bind()
        self.power_cycle()
        self.assertEqual(self.state(), host.DEVELOPMENT)

    @line("any", "OPEN PSK that does not authenticate")
    def test_wrong_proof(self):
        self.bind()
        for count in 1, 2:
            self.assertEqual(self.prove_wrongly(), host.REFUSED)
            self.module.stop(9)
            self.module.start()
            self.assertEqual(host.status(self.path).wrong_proofs, count)

    @line("any", "the third wrong proof in a row, and each after it")
    def test_compromised(self):
        self.compromise()
        self.assertEqual(self.state(), host.DEVELOPMENT | host.COMPROMISED)
        self.power_cycle()
        self.pass_time(10)
        self.assertEqual(self.prove_wrongly(), host.REFUSED)
        status = host.status(self.path)
        self.assertEqual((status.state, status.wrong_proofs, status.lockouts),
                         (host.DEVELOPMENT | host.COMPROMISED, 4, 2))

    @line("compromised", "OPEN PSK")
    def test_compromised_listens_to_nobody(self):
        self.compromise()
        self.pass_time(86400)
        with self.assertRaises(host.Refused) as refusal:
            self.ask(host.STATUS)
        self.assertEqual(refusal.exception.status, host.WRONG_STATE)
        self.assertEqual(self.prove_wrongly(), host.WRONG_STATE)
        self.assertEqual(host.status(self.path).wrong_proofs, 3)

    @line("compromised", "BIND PREPARE, BIND OFFER")
    def test_compromised_binds_nobody(self):
        self.compromise()
        self.assertEqual(self.ask_nk(host.BIND_PREPARE, b"\x00"), (host.WRONG_STATE, b""))
        self.assertEqual(self.ask_nk(host.BIND_OFFER, b"\x00" + bytes(32)), (host.WRONG_STATE, b""))

    @line("compromised", "power cycle, then the delay")
    def test_end_of_the_delay(self):
        self.compromise()
        self.power_cycle()
        self.assertEqual(self.prove_wrongly(), host.WRONG_STATE)
        self.pass_time(10)
        status = host.status(self.path)
        self.assertEqual((status.state, status.wrong_proofs, status.lockouts),
                         (host.DEVELOPMENT, 3, 1))
        self.assertEqual(self.ask(host.STATUS)[0], OPEN)
        self.assertEqual([kind for kind, _ in self.events()[0]], [3])

    @line("compromised", "power cycle during the delay")
    def test_delay_begins_again(self):
        self.compromise()
        self.restart()
        self.pass_time(8)
        self.power_cycle()
        self.pass_time(8)
        self.assertEqual(self.prove_wrongly(), host.WRONG_STATE)
        self.assertEqual(self.state(), host.DEVELOPMENT | host.COMPROMISED)


class Attestation(Walk):
    def setUp(self):
        super().setUp()
        self.bind()
        self.locked = self.lock()
        self.set_interval(60)

    @line("secure, interval set", "the interval passes without ATTEST")
    def test_overdue(self):
        self.pass_time(50)
        self.assertEqual(self.unlock(self.locked), (OPEN, KEY))  # a proof, but no attestation
        self.pass_time(11)
        self.assertEqual(self.unlock(self.locked), (host.WRONG_STATE, b""))
        self.assertEqual(self.state(), host.DEVELOPMENT)
        self.assertEqual(host.status(self.path).left, 0)

    @line("overdue", "ATTEST")
    def test_attestation_opens(self):
        self.pass_time(61)
        self.assertEqual(host.attest(self.path, self.binding)[0], host.DEVELOPMENT | host.SECURE)
        self.assertEqual(self.unlock(self.locked), (OPEN, KEY))
        self.assertGreater(host.status(self.path).left, 50)
        self.assertEqual(self.events()[0], [(4, 0)])
        self.pass_time(61)
        self.assertEqual(self.unlock(self.locked), (host.WRONG_STATE, b""))

    @line("overdue", "power cycle")
    def test_power_cycle_opens(self):
        self.pass_time(61)
        self.restart()
        self.assertEqual(host.status(self.path).interval, 60)
        self.assertEqual(self.unlock(self.locked), (OPEN, KEY))


class Perimeter(Walk):
    @line("channel armed, action none", "trip")
    def test_none(self):
        self.bind()
        self.assertEqual(self.set_action(1, NONE), OPEN)
        self.module.inject("tamper", "1")
        self.assertEqual((self.state(), self.events()), (host.DEVELOPMENT | host.SECURE, ([], 0)))

    @line("channel armed, action notify", "trip")
    def test_notify(self):
        self.bind()
        locked = self.lock()
        self.module.inject("tamper", "1")
        self.assertEqual(self.state(), host.DEVELOPMENT | host.SECURE | host.TAMPERED)
        self.assertEqual(self.events(), ([(1, 1)], 1))
        self.assertEqual(host.status(self.path).events, 1)
        self.assertEqual(self.unlock(locked), (OPEN, KEY))

    @line("tampered", "trip of the same channel")
    def test_once(self):
        self.bind()
        for channel in "0", "0", "1", "0", "1":
            self.module.inject("tamper", channel)
        self.assertEqual(self.events(), ([(1, 0), (1, 1)], 2))

    @line("tampered", "power cycle")
    def test_tampered_stays(self):
        self.bind()
        self.module.inject("tamper", "0")
        self.module.stop(9)
        self.module.start()
        self.assertEqual(self.state(), host.DEVELOPMENT | host.TAMPERED)

    @line("tampered", "EVENTS, clear")
    def test_clearing(self):
        self.bind()
        self.module.inject("tamper", "0")
        seen = self.events()[1]
        self.module.inject("tamper", "1")  # not seen yet
        self.assertEqual(self.ask(host.EVENTS, struct.pack(">BI", 1, seen)), (OPEN, b""))
        self.assertEqual(self.events(), ([(1, 1)], 2))
        self.assertEqual(self.state() & host.TAMPERED, host.TAMPERED)
        self.assertEqual(self.ask(host.EVENTS, struct.pack(">BI", 1, 2)), (OPEN, b""))
        self.assertEqual(self.state(), host.DEVELOPMENT | host.SECURE)
        self.module.inject("tamper", "0")
        self.assertEqual(self.events(), ([(1, 0)], 3))

    @line("development", "POLICY, action self-destruct")
    def test_no_self_destruction_in_development(self):
        self.bind()
        self.assertEqual(self.set_action(0, SELF_DESTRUCT), host.WRONG_STATE)
        self.module.inject("tamper", "0")
        self.assertEqual(self.state() & host.DESTROYED, 0)

    @line("production", "POLICY, action self-destruct")
    def test_arming_is_for_good(self):
        self.produce()
        self.assertEqual(self.set_action(0, SELF_DESTRUCT), OPEN)
        self.assertEqual(self.set_action(0, NONE), host.WRONG_STATE)
        self.restart()
        self.assertEqual(self.set_action(0, NOTIFY), host.WRONG_STATE)
        self.assertEqual(self.ask(host.POLICY, b"\x00"), (OPEN, struct.pack(">IBBBBB", 0, 5, 2, 1, 1, 1)))

    def destroy(self):
        self.produce()
        self.locked = self.lock()
        self.assertEqual(self.set_action(1, SELF_DESTRUCT), OPEN)
        secret = self.stored()
        self.module.inject("tamper", "1")
        return secret

    def stored(self):
        """The device secret, as the emulator stores it: the second field."""
        return (self.module.state / "state").read_bytes()[4:36]

    @line("production, channel armed, action self-destruct", "trip")
    def test_destruction(self):
        secret = self.destroy()
        self.assertTrue(any(secret))
        self.assertNotIn(secret, (self.module.state / "state").read_bytes())
        self.assertEqual(self.state() & ~host.TAMPERED, host.PRODUCTION | host.DESTROYED)
        self.assertEqual(host.hello(self.path).module_id, self.binding.module.module_id)
        self.assertEqual(self.module.inject("led"), "destroyed\n")

    @line("destroyed", "OPEN NK, OPEN PSK")
    def test_destroyed_opens_nothing(self):
        self.destroy()
        for ask in lambda: self.ask_nk(host.STATUS), lambda: self.unlock(self.locked):
            with self.assertRaises(host.Refused) as refusal:
                ask()
            self.assertEqual(refusal.exception.status, host.WRONG_STATE)

    @line("destroyed", "power cycle")
    def test_destroyed_stays(self):
        self.destroy()
        for again in self.power_cycle, self.restart, self.restart:
            again()
            self.assertEqual(self.state() & ~host.TAMPERED, host.PRODUCTION | host.DESTROYED)


class Keys(Walk):
    def setUp(self):
        super().setUp()
        self.bind()

    @line("locked key with PIN", "wrong PIN")
    def test_wrong_pin(self):
        locked = self.lock(b"1234")
        self.assertEqual(self.unlock(locked), (host.BAD_PIN, bytes([FIVE])))  # not counted
        for left in 4, 3:
            self.assertEqual(self.unlock_pin(locked, b"1235"), (host.BAD_PIN, bytes([left])))
            self.module.stop(9)
            self.module.start()
            self.assertEqual(self.unlock(locked), (host.BAD_PIN, bytes([left])))

    @line("locked key with PIN", "right PIN")
    def test_right_pin(self):
        locked = self.lock(b"1234")
        self.assertEqual(self.unlock_pin(locked, b"12345"), (host.BAD_PIN, b"\x04"))
        self.assertEqual(self.unlock_pin(locked, b"1234"), (OPEN, KEY))
        self.restart()
        self.assertEqual(self.unlock(locked), (host.BAD_PIN, bytes([FIVE])))

    @line("locked key with PIN", "wrong PIN at the last try")
    def test_locked_pin(self):
        locked, other = self.lock(b"1234"), self.lock(b"1234")
        for left in 4, 3, 2, 1:
            self.assertEqual(self.unlock_pin(locked, b""), (host.MALFORMED, b""))
            self.assertEqual(self.unlock_pin(locked, b"0"), (host.BAD_PIN, bytes([left])))
        self.assertEqual(self.unlock_pin(locked, b"0"), (host.PIN_LOCKED, b""))
        self.restart()
        self.assertEqual(self.unlock_pin(locked, b"1234"), (host.PIN_LOCKED, b""))
        self.assertEqual(self.unlock(locked), (host.PIN_LOCKED, b""))
        self.assertEqual(self.unlock_pin(other, b"1234"), (OPEN, KEY))  # each key counts for itself
        self.assertEqual(self.events()[0], [(5, 0)])

    @line("generation G", "REVOKE from G")
    def test_revocation(self):
        old, old_pin = self.lock(), self.lock(b"1234")
        ahead, ahead_pin = self.lock(opcode=host.LOCK_AHEAD), self.lock(b"1234", host.LOCK_AHEAD)
        inspect = b"\x00" + VOLUME
        self.assertEqual(self.unlock(old), (OPEN, KEY))
        self.assertEqual(self.unlock(ahead), (OPEN, KEY))
        self.assertEqual(self.ask(host.REVOKE, inspect + old), (OPEN, struct.pack(">I", 0)))
        self.assertEqual(self.ask(host.REVOKE, inspect + ahead), (OPEN, struct.pack(">I", 1)))
        self.assertEqual(self.ask(host.REVOKE, struct.pack(">BI", 1, 1)), (host.WRONG_STATE, b""))
        for _ in range(2):  # asking again after a lost answer changes nothing
            self.assertEqual(self.ask(host.REVOKE, struct.pack(">BI", 1, 0)),
                             (OPEN, struct.pack(">I", 1)))
        for _ in range(2):
            self.assertEqual(host.status(self.path).generation, 1)
            self.assertEqual(self.unlock(old), (host.REFUSED, b""))
            self.assertEqual(self.unlock_pin(old_pin, b"1234"), (host.REFUSED, b""))
            self.assertEqual(self.ask(host.REVOKE, inspect + old), (host.REFUSED, b""))
            self.assertEqual(self.unlock(ahead), (OPEN, KEY))
            self.assertEqual(self.unlock_pin(ahead_pin, b"1234"), (OPEN, KEY))
            self.restart()


class PinRecords(Walk):
    def setUp(self):
        super().setUp()
        self.bind()

    def records(self):
        status, fields = self.ask(host.PIN, b"\x00")
        self.assertEqual((status, len(fields)), (OPEN, 1 + 10 * fields[0]))
        return [struct.unpack(">IIBB", fields[at:at + 10]) for at in range(1, len(fields), 10)]

    def test_forgetting(self):
        first, second = self.lock(b"1"), self.lock(b"2")
        self.assertEqual(self.records(), [(1, 0, 5, 0), (2, 0, 5, 0)])
        self.assertEqual(self.ask(host.PIN, b"\x01" + VOLUME + first), (OPEN, b""))
        self.assertEqual(self.unlock_pin(first, b"1"), (host.REFUSED, b""))
        self.assertEqual(self.ask(host.PIN, struct.pack(">BI", 2, 2)), (OPEN, b""))
        self.assertEqual(self.unlock_pin(second, b"2"), (host.REFUSED, b""))
        self.assertEqual(self.ask(host.PIN, struct.pack(">BI", 2, 2)), (host.REFUSED, b""))
        self.lock(b"3")
        self.assertEqual(self.records(), [(3, 0, 5, 0)])  # no id comes again

    def test_room(self):
        used = [self.lock(b"1") for _ in range(15)]
        for locked in used:
            self.assertEqual(self.unlock_pin(locked, b"1"), (OPEN, KEY))
        given_up = self.lock(b"1")
        last = self.lock(b"1")
        self.assertEqual(self.unlock_pin(given_up, b"1"), (host.REFUSED, b""))
        self.assertEqual(self.unlock_pin(last, b"1"), (OPEN, KEY))
        self.assertEqual(self.ask(host.LOCK, VOLUME + b"\x011" + bytes([len(KEY)]) + KEY),
                         (host.NO_ROOM, b""))
        self.assertEqual(self.unlock_pin(used[0], b"1"), (OPEN, KEY))

    def test_tries_by_policy(self):
        self.assertEqual(self.ask(host.POLICY, b"\x03\x02"), (OPEN, b""))
        locked = self.lock(b"1")
        self.assertEqual(self.unlock_pin(locked, b"2"), (host.BAD_PIN, b"\x01"))
        self.assertEqual(self.unlock_pin(locked, b"2"), (host.PIN_LOCKED, b""))

    def test_a_pin_where_none_is_wanted(self):
        self.assertEqual(self.unlock_pin(self.lock(), b"1"), (host.REFUSED, b""))


class Light(Walk):
    def led(self):
        return self.module.inject("led").strip()

    def test_of_the_states(self):
        self.assertEqual(self.led(), "searching")
        self.bind()
        self.assertEqual(self.led(), "development")
        self.power_cycle()
        self.assertEqual(self.led(), "searching")
        self.ask(host.BIND_LOCK, b"\x01")
        self.assertEqual(self.led(), "production")
        for _ in range(3):
            self.prove_wrongly()
        self.assertEqual((self.led(), self.module.stats()["led"]), ("locked-out", "locked-out"))

    def test_as_the_host_says(self):
        self.bind()
        for mode, shown in (1, "on"), (2, "off"), (0, "development"):
            self.assertEqual(self.ask(host.LED, struct.pack(">BHHH", mode, 0, 0, 0)), (OPEN, b""))
            self.assertEqual(self.led(), shown)
        self.assertEqual(self.ask(host.LED, struct.pack(">BHHH", 3, 0, 1, 0))[0], host.MALFORMED)
        self.assertEqual(self.ask(host.LED, struct.pack(">BHHH", 3, 1000, 1000, 30)), (OPEN, b""))
        self.assertEqual(self.led(), "flash")
        self.pass_time(60)
        self.assertEqual(self.led(), "development")
        self.ask(host.LED, struct.pack(">BHHH", 1, 0, 0, 0))
        self.power_cycle()
        self.assertEqual(self.led(), "searching")

    def test_of_a_disturbed_bus(self):
        self.bind()
        with host.Host(self.path) as one:
            for _ in range(3):
                one.link.send_raw(b"\x21\x00\x00\x00\xff\xff")
                one.link.read_block()
            self.assertEqual(self.led(), "interrupted")
            one.hello()
        self.assertEqual(self.led(), "development")


class Page(unittest.TestCase):
    def test_every_line_is_walked(self):
        tests = [getattr(case, name) for case in Walk.__subclasses__()
                 for name in unittest.defaultTestLoader.getTestCaseNames(case)]
        walked = [test.line for test in tests if hasattr(test, "line")]
        self.assertEqual(sorted(walked), sorted(lines_of_the_page()))


if __name__ == "__main__":
    tap.main()
