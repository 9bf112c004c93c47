# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4ctl on the module's states and policies: production, events, policy, LED, revocation."""

import json
import os
import pty
import subprocess
import time
import unittest

import host
import tap
from fixture import CTL, LIMIT, World, run

YES = "--yes-i-have-a-recovery-key"


class Bound(unittest.TestCase):
    def setUp(self):
        self.world = self.enterContext(World())
        self.module = self.world.bind()

    def ask(self, *words):
        return json.loads(self.world.ctl("--json", *words).stdout)

    def refuse(self, status, says, *words):
        done = self.world.ctl(*words, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(len(done.stderr.decode().splitlines()), 1, done.stderr)
        self.assertIn(says, done.stderr.decode())

    def on_terminal(self, answer, *words):
        """The exit status of a call on a terminal where somebody types `answer`."""
        terminal, inside = pty.openpty()
        self.addCleanup(os.close, terminal)
        with subprocess.Popen([CTL, *words], stdin=inside, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=self.world.environment()) as process:
            os.close(inside)
            os.write(terminal, answer)
            return process.wait(LIMIT)


class Production(Bound):
    def test_nothing_is_locked_without_consent(self):
        self.refuse(2, "nothing was locked", "bind", "--lock")
        self.assertEqual(self.on_terminal(b"yes\n", "bind", "--lock"), 2)
        self.assertEqual(self.ask("status")["life-cycle"], "development")

    def test_words_lock_it(self):
        self.assertEqual(self.on_terminal(b"lock for good\n", "bind", "--lock"), 0)
        self.assertEqual(self.ask("status")["life-cycle"], "production")

    def test_option_locks_it_for_good(self):
        self.assertEqual(self.ask("bind", "--lock", YES)["life-cycle"], "production")
        self.module.stop(9)
        self.module.start()
        self.assertEqual(self.ask("status")["life-cycle"], "production")
        self.refuse(1, "production", "bind", "--lock", YES)
        self.refuse(1, "production", "bind", f"--component=board-serial {self.world.identity}")
        self.assertTrue(self.ask("attest")["secure"])

    def test_without_the_present_proof(self):
        self.world.identity.write_text("another board\n")
        self.refuse(1, "refused", "bind", "--lock", YES)
        self.world.identity.unlink()
        self.refuse(1, "measured component", "bind", "--lock", YES)
        self.assertEqual(self.ask("status")["life-cycle"], "development")

    def test_without_a_component(self):
        text = self.world.config.read_text()
        self.world.config.write_text("".join(
            line for line in text.splitlines(True) if not line.startswith("component")))
        self.refuse(1, "measures nothing", "bind", "--lock", YES)


class Watching(Bound):
    def test_events(self):
        self.assertEqual(self.ask("events"), {"events": [], "last-number": 0, "lost": 0})
        self.module.inject("tamper", "1")
        log = self.ask("events", "list")
        self.assertEqual([(event["kind"], event["detail"]) for event in log["events"]],
                         [("perimeter", 1)])
        moment = time.strptime(log["events"][0]["time"], "%Y-%m-%dT%H:%M:%SZ")
        self.assertLess(abs(time.mktime(moment) - time.timezone - time.time()), 600)
        self.assertTrue(self.ask("status")["tampered"])
        self.ask("events", "clear")
        self.assertEqual(self.ask("events", "list")["events"], [])
        self.assertFalse(self.ask("status")["tampered"])

    def test_waiting(self):
        self.refuse(1, "no event came in time", "events", "wait", "--timeout=1")
        with subprocess.Popen([CTL, "--json", "events", "wait"], stdout=subprocess.PIPE,
                              env=self.world.environment()) as waiting:
            self.module.inject("tamper", "0")
            said, _ = waiting.communicate(timeout=LIMIT)
        self.assertEqual(json.loads(said)["events"][0]["detail"], 0)

    def test_policy(self):
        self.assertEqual(self.ask("policy"), {
            "channel-0": "notify", "channel-0-armed": True, "channel-1": "notify",
            "channel-1-armed": True, "attest-interval": 0, "pin-tries": 5})
        changed = self.ask("policy", "--channel-1=none", "--attest-interval=60", "--pin-tries=3")
        self.assertEqual((changed["channel-1"], changed["attest-interval"], changed["pin-tries"]),
                         ("none", 60, 3))
        self.refuse(2, "interval", "policy", "--attest-interval=9")
        self.refuse(2, "nothing was changed", "policy", "--channel-0=self-destruct")
        self.refuse(1, "state does not allow", "policy", "--channel-0=self-destruct", YES)

    def test_missed_attestation(self):
        self.ask("policy", "--attest-interval=60")
        self.module.inject("clock", "+61")
        self.refuse(1, "hsm4ctl status", "random")
        self.assertIn("hsm4ctl attest", self.ask("status")["advice"])
        self.ask("attest")
        self.ask("random")

    def test_self_destruction(self):
        self.ask("bind", "--lock", YES)
        self.assertEqual(self.ask("policy", "--channel-0=self-destruct", YES)["channel-0"],
                         "self-destruct")
        self.refuse(1, "state does not allow", "policy", "--channel-0=none")
        self.module.inject("tamper", "0")
        for _ in range(2):
            status = self.ask("status")
            self.assertTrue(status["destroyed"] and not status["secure"])
            self.assertIn("recovery key", status["advice"])
            self.refuse(1, "destroyed its keys", "random")
            self.module.stop(9)
            self.module.start()

    def test_led(self):
        for mode in "on", "off", "flash":
            self.assertEqual(self.ask("led", mode), {"led": mode})
            self.assertEqual(self.module.inject("led"), mode + "\n")
        self.ask("led", "auto")
        self.assertEqual(self.module.inject("led"), "development\n")
        self.ask("led", "flash", "--on=10", "--off=10", "--count=1")
        self.module.inject("clock", "+1")
        self.assertEqual(self.module.inject("led"), "development\n")
        self.assertEqual(self.world.ctl("led", "green", check=False).returncode, 2)

    def test_pin_records(self):
        self.assertEqual(self.ask("pin"), {"pins": []})
        self.refuse(2, "hsm4ctl pin list", "pin", "forget")
        self.refuse(1, "refused", "pin", "forget", "1")


class Faults(Bound):
    def test_calls_survive_or_end_cleanly(self):
        for kind in "drop", "corrupt", "nak", "delay", "wtx":
            self.module.inject("fault", kind, "1")
            self.assertEqual(len(self.ask("random", "--bytes=32")["random"]), 64, kind)
        self.module.inject("fault", "drop", "1000")
        self.assertEqual(self.world.ctl("random", check=False).returncode, 1)
        self.module.inject("fault", "none")
        self.ask("random")

    def test_bad_events(self):
        for event in ("tamper",), ("tamper", "2"), ("clock", "5"), ("fault", "fire"), ("nothing",):
            with self.assertRaisesRegex(AssertionError, "refused"):
                self.module.inject(*event)


class Revocation(Bound):
    def test_of_nothing(self):
        self.assertFalse(self.ask("revoke", "--dry-run")["revoked"])
        self.assertEqual(self.ask("revoke")["generation"], 1)
        self.assertEqual(host.status(self.module.socket).generation, 1)

    def pin(self, uuid):
        with open(self.world.config, "a") as config:
            config.write(f"\n[volume {uuid}]\nbinding = {'00' * 32}\n")

    def test_refuses_while_a_volume_would_die(self):
        lost, image = "11111111-2222-3333-4444-555555555555", self.world.image()
        uuid = run(["cryptsetup", "luksUUID", image]).stdout.decode().strip()
        self.pin(lost)
        self.pin(uuid)
        fates = self.ask("revoke", "--dry-run", str(image))
        self.assertEqual((fates["surviving"], fates["dying"], fates["unknown"]), ([], [uuid], [lost]))
        done = self.world.ctl("revoke", image, check=False)
        self.assertEqual(done.returncode, 1)
        for named in lost, uuid:
            self.assertIn(named, done.stderr.decode())
        self.assertEqual(host.status(self.module.socket).generation, 0)
        self.assertEqual(self.ask("revoke", "--give-up", str(image))["generation"], 1)


if __name__ == "__main__":
    tap.main()
