# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4-enroll asks: on the terminal, through systemd's password agents; and where secrets never are."""

import os
import resource
import signal
import subprocess
import time
import unittest

import tap
from enrolling import FAULT_POINTS, Bound
from fixture import ENROLL, LIMIT, PASSPHRASE
from prompting import Agent, Conversation, may_unshare

PIN = b"8472-pin-of-this-test"


class Terminal(Bound):
    def start(self, *arguments, **environment):
        variables = self.world.environment(**self.world.plugin_environment(), **environment)
        return Conversation([ENROLL, *arguments, self.image], variables)

    def test_passphrase(self):
        talk = self.start()
        talk.expect(b"Existing passphrase")
        talk.answer(PASSPHRASE)
        self.assertEqual(talk.end(), 0, talk.said)
        self.assertNotIn(PASSPHRASE, talk.said)
        self.assertIn(b"Opening", talk.said)  # which takes long with Argon2
        self.assert_whole()

    def test_pin_twice(self):
        for again, code in ((PIN + b"x", 1), (PIN, 0)):
            talk = self.start("--with-pin")
            talk.expect(b"Existing passphrase")
            talk.answer(PASSPHRASE)
            talk.expect(b"New PIN: ")
            talk.answer(PIN)
            talk.expect(b"New PIN again: ")
            talk.answer(again)
            self.assertEqual(talk.end(), code, talk.said)
            self.assertEqual(len(self.tokens()), 1 - code)
            self.assertNotIn(PIN, talk.said)

    def test_nothing_typed(self):
        talk = self.start()
        talk.expect(b"Existing passphrase")
        talk.answer(b"")
        self.assertEqual(talk.end(), 1)
        self.assertIn(b"nothing was changed", talk.said)

    def test_interrupted(self):
        before = self.image.read_bytes()
        talk = self.start()
        talk.expect(b"Existing passphrase")
        os.write(talk.terminal, b"\x03")
        self.assertEqual(talk.end(), 1)
        self.assertIn(b"interrupted", talk.said)
        self.assertEqual(self.image.read_bytes(), before)

    def test_several_devices_are_asked_for_one_by_one(self):
        other = self.world.image("other", b"another one")
        talk = self.start(other)
        talk.expect(b"other: ")
        talk.answer(b"another one")
        talk.expect(b"Existing passphrase")
        talk.answer(PASSPHRASE)
        self.assertEqual(talk.end(), 0, talk.said)
        self.assert_whole()

    def test_colours(self):
        for arguments, environment, coloured in (
                ([], {"NO_COLOR": "1"}, False), ([], {"NO_COLOR": ""}, True),
                (["--list"], {"NO_COLOR": "1"}, False), (["--list"], {"NO_COLOR": ""}, True)):
            talk = self.start(*(arguments or ["--test"]), **environment)
            talk.end()
            with self.subTest(arguments=arguments, environment=environment):
                self.assertEqual(b"\x1b" in talk.said, coloured, talk.said)


@unittest.skipUnless(may_unshare(), "no mount name space can be made here")
class PasswordAgents(Bound, Agent):
    """Under systemd, without a terminal: by systemd-ask-password, with an agent of this test."""

    def start(self, *arguments):
        variables = self.world.environment(**self.world.plugin_environment())
        return self.start_managed([ENROLL, *arguments, self.image], variables)

    def test_passphrase(self):
        running = self.start()
        message, place = self.question(running)
        self.assertIn("Existing passphrase", message)
        self.answer(place, b"+" + PASSPHRASE)
        _, said = running.communicate(timeout=LIMIT)
        self.assertEqual(running.returncode, 0, said)
        self.assert_whole()

    def test_given_up(self):
        running = self.start()
        self.answer(self.question(running)[1], b"-")
        _, said = running.communicate(timeout=LIMIT)
        self.assertEqual(running.returncode, 1)
        self.assertIn(b"nothing was changed", said)
        self.assert_whole(tokens=0, keyslots=1)

    def test_no_prompt(self):
        running = self.start("--no-prompt")
        self.assertIsNone(self.question(running))
        _, said = running.communicate(timeout=LIMIT)
        self.assertEqual(running.returncode, 1)
        self.assertIn(b"--unlock-key-file", said)


@unittest.skipUnless(FAULT_POINTS, "built without the option fault_points")
class Secrets(Bound):
    """Passphrase, PIN and recovery key: nowhere but where the user put them."""

    def command(self, image):
        pin = self.world.path / "pin.secret"
        pin.write_bytes(PIN)
        return [ENROLL, "--with-pin", f"--pin-file={pin}", "--recovery-key", "--unlock-key-file=-", image]

    def start(self, step, sign, image, **options):
        environment = self.world.environment(**self.world.plugin_environment(),
                                             HSM4_FAULT_POINT=f"{step}:{int(sign)}")
        running = subprocess.Popen(self.command(image), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment, **options)
        running.stdin.write(PASSPHRASE)
        running.stdin.close()
        running.stdin = None
        return running

    def stopped(self, running):
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline and running.poll() is None:
            with open(f"/proc/{running.pid}/stat", encoding="ascii") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "T":
                    return True
            time.sleep(0.02)
        return False

    def test_neither_in_arguments_nor_in_the_environment(self):
        running = self.start(4, signal.SIGSTOP, self.image)
        self.addCleanup(running.kill)
        self.assertTrue(self.stopped(running))
        for name in ("cmdline", "environ"):
            with open(f"/proc/{running.pid}/{name}", "rb") as file:
                content = file.read()
            self.assertTrue(content)
            for secret in (PASSPHRASE, PIN):
                self.assertNotIn(secret, content)
        running.send_signal(signal.SIGCONT)
        self.assertEqual(running.wait(LIMIT), 0)

    def test_neither_in_messages_nor_in_files(self):
        running = self.start(999, signal.SIGKILL, self.image)
        said, complained = running.communicate(timeout=LIMIT)
        self.assertEqual(running.returncode, 0, complained)
        (key,) = [line.strip() for line in said.splitlines() if line.count(b"-") == 7]
        self.assertTrue(self.world.opens_by_passphrase(self.image, key))
        for secret in (PASSPHRASE, PIN):
            self.assertNotIn(secret, said)
        for secret in (PASSPHRASE, PIN, key):
            self.assertNotIn(secret, complained)
            for path in self.world.path.rglob("*"):
                if path.is_file() and path.suffix != ".secret":
                    self.assertNotIn(secret, path.read_bytes(), path)

    def test_no_core_dump(self):
        """Killed as a crash would do it, where a core dump is wanted."""
        def allow():
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
        control = subprocess.Popen(["sleep", "60"], preexec_fn=allow, cwd=self.world.path)
        control.send_signal(signal.SIGABRT)
        if not os.WCOREDUMP(os.waitpid(control.pid, 0)[1]):
            control.returncode = 0
            self.skipTest("the kernel dumps no cores here")
        control.returncode = 0
        running = self.start(4, signal.SIGABRT, self.image, preexec_fn=allow, cwd=self.world.path)
        status = os.waitpid(running.pid, 0)[1]
        running.communicate()
        self.assertEqual(os.WTERMSIG(status), signal.SIGABRT)
        self.assertFalse(os.WCOREDUMP(status))


if __name__ == "__main__":
    tap.main()
