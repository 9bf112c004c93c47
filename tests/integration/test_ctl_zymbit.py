# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4ctl on a host with a Zymbit module: state, light, perimeter, random bytes, and what there is not."""

import json
import re
import unittest

import tap
import zymbit
from zymbit import BOTH, BY_PROGRAM


class Verbs(unittest.TestCase):
    def setUp(self):
        self.world = zymbit.VendorWorld()
        self.addCleanup(self.world.__exit__)

    def told(self, *verb):
        return json.loads(self.world.ctl(*verb, "--json").stdout)

    def fails(self, *verb, code=1, says=""):
        done = self.world.ctl(*verb, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        self.assertIn(says, done.stderr.decode())

    def test_status_of_each_state(self):
        for defect, host, life_cycle, secure in (
                ("", "bound", "development", True), ("production", "bound", "production", True),
                ("unbound", "unbound", "unbound", False), ("foreign", "refused", "production", False)):
            with self.subTest(state=defect):
                self.world.set_defects(defect)
                told = self.told("status")
                self.assertEqual((told["host"], told["life-cycle"], told["secure"]),
                                 (host, life_cycle, secure))
                self.assertNotIn("wrong-proofs", told)  # what nobody can tell is not told
                text = self.world.ctl("status").stdout.decode()
                self.assertNotIn("hsm4ctl bind", text)
                self.assertEqual("not bound" in text, host == "unbound", text)

    def test_status_shows_clock_and_perimeter(self):
        told = self.told("status")
        self.assertRegex(told["clock"], r"^20\d\d-\d\d-\d\dT")
        self.assertFalse(told["tampered"])
        self.world.set_defects("opened")
        told = self.told("status")
        self.assertEqual((told["tampered"], told["events"]), (True, 1))
        self.assertIn("events clear", told["advice"])

    def test_status_where_the_software_does_not_tell(self):
        for uri in (f"zymbit:{zymbit.SOFTWARE}/libzk_app_utils-2020.so", BY_PROGRAM):
            self.world.use(uri)
            told = self.told("status")
            self.assertEqual((told["host"], told["life-cycle"]), ("bound", "unknown"))

    def test_info(self):
        told = self.told("info")
        self.assertEqual(told["backend"], "zymbit")
        self.assertEqual((told["model"], told["firmware"]), ("Stand-in 4", "01.00.00"))
        self.assertEqual(told["module-id"], "00000123ABC")
        self.assertNotIn("fingerprint", told)

    def test_random(self):
        for uri in BOTH:
            self.world.use(uri)
            first, second = (self.world.ctl("random", "--bytes=300").stdout for _ in range(2))
            self.assertEqual((len(first), len(second)), (300, 300))
            self.assertNotEqual(first, second)

    def test_led(self):
        self.world.ctl("led", "flash", "--on=100", "--off=50", "--count=3")
        self.world.ctl("led", "on")
        self.world.ctl("led", "off")
        self.assertEqual([call for call in self.world.calls() if call.startswith("led")],
                         ["led flash 100 50 3", "led on", "led off"])
        self.fails("led", "auto", says="restart zkifc")
        self.world.use(BY_PROGRAM)
        self.fails("led", "on", says="only the vendor's library")

    def test_events(self):
        self.assertEqual(self.told("events")["events"], [])
        self.world.set_defects("opened")
        event, = self.told("events", "wait", "--timeout=5")["events"]
        self.assertEqual((event["kind"], event["detail"]), ("perimeter", 1))
        self.assertEqual(event["time"], "1970-01-01T00:16:40Z")
        self.world.ctl("events", "clear")
        self.assertIn("perimeter clear", self.world.calls())

    def test_policy(self):
        self.fails("policy", says="does not tell it")
        self.assertEqual(self.told("policy", "--channel-0=notify"), {"channel-0": "notify"})
        self.assertIn("perimeter 0 1", self.world.calls())
        self.fails("policy", "--channel-1=self-destruct", code=2, says="nothing was changed")
        self.fails("policy", "--channel-1=self-destruct", "--yes-i-have-a-recovery-key",
                   says="outside production")
        self.assertFalse([call for call in self.world.calls() if re.match("perimeter 1", call)])
        self.fails("policy", "--attest-interval=60", says="no such service")

    def test_what_there_is_not(self):
        self.fails("bind", says="bound by the vendor's software")
        self.fails("bind", "--lock", says="bound by the vendor's software")
        self.fails("attest", says="measures its host by itself")
        self.fails("pin", says="no such service")
        self.assertNotIn("lock binding", self.world.calls())

    def test_a_hanging_call_ends_and_leaves_nothing(self):
        self.world.set_defects("hang")
        self.fails("led", "on", says="hung")
        self.assertEqual(self.world.survivors(), [])


if __name__ == "__main__":
    tap.main()
