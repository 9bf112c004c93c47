# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4ctl against the emulator: what it prints, what it refuses, and a bind that is cut off anywhere."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

import fixture
import tap
from fixture import run


class Relay:
    """Stands between host and module, and runs `at_connection(number)` before it passes one on."""

    def __init__(self, path, target, at_connection):
        self.path, self.target, self.at_connection = path, target, at_connection
        self.seen = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                host, _ = self.listener.accept()
            except OSError:
                return
            self.seen += 1
            self.at_connection(self.seen)
            module = socket.socket(socket.AF_UNIX)
            try:
                module.connect(str(self.target))
                for source, sink in ((host, module), (module, host)):
                    threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()
            except OSError:
                host.close()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(4096):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


class WithModule(unittest.TestCase):
    def setUp(self):
        self.world = fixture.World()
        self.addCleanup(self.world.__exit__)
        self.module = self.world.module.start()
        self.component = f"--component=board-serial {self.world.identity}"

    def facts(self, *arguments):
        return json.loads(self.world.ctl(*arguments, "--json").stdout)

    def assert_fails(self, *arguments, says, status=1, within=15):
        start = time.monotonic()
        done = self.world.ctl(*arguments, check=False)
        self.assertLess(time.monotonic() - start, within)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        lines = done.stderr.decode().splitlines()
        self.assertRegex("\n".join(lines), says)
        self.assertEqual(done.stdout, b"")
        if status == 1:
            self.assertEqual(len(lines), 1, lines)
            self.assertTrue(lines[0].startswith("hsm4ctl: "), lines)


class Bound(WithModule):
    def setUp(self):
        super().setUp()
        self.world.bind()

    def test_status(self):
        facts = self.facts("status")
        self.assertEqual(facts["life-cycle"], "development")
        self.assertEqual(facts["host"], "bound")
        self.assertEqual(facts["bound-slots"], [0])
        self.assertTrue(facts["secure"])
        self.assertIn("whoever holds the module can re-bind it", facts["advice"])
        text = self.world.ctl("status").stdout.decode()
        for line in ("Life cycle: +development", "State: +secure", "Wrong proofs: +0",
                     "Generation: +0", "Bound slots: +0", "Events: +0", "Advice: +development"):
            self.assertRegex(text, line)

    def test_status_after_a_power_cycle(self):
        self.module.inject("power-cycle")
        self.assertFalse(self.facts("status")["secure"])
        self.assertTrue(self.facts("attest")["secure"])
        self.assertTrue(self.facts("status")["secure"])

    def test_status_costs_no_proof(self):
        self.world.identity.write_text("another board\n")
        for _ in range(5):
            self.world.ctl("status")
        self.assertEqual(self.facts("status")["wrong-proofs"], 0)

    def test_info_names_the_pinned_keys(self):
        facts = self.facts("info")
        config = self.world.config.read_text()
        for name in ("module-id", "public-key", "verify-key"):
            self.assertIn(f"{name} = {facts[name]}\n", config)
        self.assertEqual(len(facts["fingerprint"]), 64)
        self.assertTrue(facts["fingerprint"].startswith(facts["module-id"]))

    def test_random_is_raw_or_hexadecimal_and_never_the_same(self):
        raw = self.world.ctl("random", "--bytes=300").stdout
        self.assertEqual(len(raw), 300)
        self.assertNotEqual(raw, self.world.ctl("random", "--bytes=300").stdout)
        self.assertRegex(self.world.ctl("random", "--hex").stdout.decode(), "^[0-9a-f]{64}\n$")
        self.assertRegex(self.facts("random", "--bytes=1")["random"], "^[0-9a-f]{2}$")

    def test_each_attestation_is_a_new_one(self):
        first, second = self.facts("attest"), self.facts("attest")
        self.assertTrue(first["attested"])
        for name in ("nonce", "handshake-hash", "signature"):
            self.assertNotEqual(first[name], second[name])

    def test_another_host_is_refused(self):
        self.world.identity.write_text("another board\n")
        self.assert_fails("attest", says="refused by the module")
        self.assertEqual(self.facts("status")["wrong-proofs"], 1)

    def test_three_wrong_proofs_shut_the_module_and_status_says_so(self):
        self.world.identity.write_text("another board\n")
        for _ in range(3):
            self.world.ctl("random", check=False)
        facts = self.facts("status")
        self.assertTrue(facts["compromised"])
        self.assertIn("power-cycle", facts["advice"])
        before = self.world.config.read_text()
        self.assert_fails("bind", self.component, says="power-cycle it first")
        self.assertEqual(self.world.config.read_text(), before)

    def test_an_identity_that_cannot_be_read_sends_no_proof(self):
        self.world.identity.unlink()
        self.assert_fails("attest", says="measured component cannot be read")
        self.assertEqual(self.facts("status")["wrong-proofs"], 0)

    def test_another_module(self):
        other = self.world.another_module().start()
        self.assertEqual(self.facts(f"--hsm4-device={other.uri}", "status")["host"], "other-module")
        self.assert_fails(f"--hsm4-device={other.uri}", "attest", says="another module answers")
        before = self.world.config.read_text()
        self.world.ctl(f"--hsm4-device={other.uri}", "bind", self.component)
        self.world.config.write_text(before)
        self.assert_fails(f"--hsm4-device={other.uri}", "attest", says="another module answers")

    def test_a_damaged_configuration_is_named_with_its_line_and_kept(self):
        for text in ("colour = blue\n", "[binding]\nslot = 9\n", "\0\xff garbage\n"):
            self.world.config.write_text(text)
            for verb in ("status", "attest", "bind"):
                self.assert_fails(verb, says=r"hsm4\.conf: .*\(line \d\)")
            self.assertEqual(self.world.config.read_text(), text)


class Unbound(WithModule):
    def device(self):
        return f"--hsm4-device={self.module.uri}"

    def test_status_and_info_work_and_the_rest_says_what_to_do(self):
        facts = self.facts(self.device(), "status")
        self.assertEqual((facts["life-cycle"], facts["host"]), ("unbound", "unbound"))
        self.assertIn("hsm4ctl bind", facts["advice"])
        self.assertEqual(self.facts(self.device(), "info")["backend"], "open")
        for verb in ("attest", "random"):
            self.assert_fails(self.device(), verb, says="not bound.*hsm4ctl bind")

    def test_no_device(self):
        for verb in ("status", "info", "bind"):
            self.assert_fails("--hsm4-device=unix:/nowhere/at-all", verb, says="no module answers")
        self.assertFalse(self.world.config.exists())

    def test_a_peer_that_is_no_module(self):
        path = self.world.path / "garbage.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    peer, _ = listener.accept()
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
                    peer.close()
                except OSError:
                    if listener.fileno() < 0:
                        return
        threading.Thread(target=serve, daemon=True).start()
        for verb in ("status", "bind"):
            self.assert_fails(f"--hsm4-device=unix:{path}", verb, says="no HSM4 module|disturbed|in time")
        self.assertFalse(self.world.config.exists())

    def test_wrong_usage(self):
        for arguments in ([], ["unknown"], ["status", "more"], ["bind", "--slot=4"], ["bind", "--slot=-1"],
                          ["random", "--bytes=0"], ["random", "--bytes=65537"], ["random", "--bytes=x"],
                          ["bind", "--component=board-serial relative"], ["bind", "--component=colour /blue"],
                          ["bind", "--component=otp /x", "--boot-medium=/dev/x"],
                          ["--hsm4-device=ftp:x", "status"], ["--hsm4-device=i2c:/dev/i2c-1@0x50", "status"]):
            with self.subTest(arguments):
                self.assert_fails(*arguments, says=".", status=2)

    def test_help_and_version(self):
        for arguments in (["--help"], ["bind", "--help"], ["--version"]):
            self.assertNotEqual(self.world.ctl(*arguments).stdout, b"")


class Binding(WithModule):
    """What bind writes, and what it says."""

    def bind(self, *arguments, check=True):
        return self.world.ctl(f"--hsm4-device={self.module.uri}", "bind", self.component, *arguments,
                              check=check)

    def test_it_records_the_device_and_shows_the_fingerprint(self):
        text = self.bind().stdout.decode()
        self.assertRegex(text, r"Key fingerprint: +([0-9a-f]{4} ){15}[0-9a-f]{4}\n")
        self.assertRegex(text, "whoever holds the module can re-bind it")
        self.assertIn(f"device = {self.module.uri}\n", self.world.config.read_text())
        self.world.ctl("attest")

    def test_the_json_has_what_the_text_has(self):
        facts = json.loads(self.bind("--json", "--slot=2").stdout)
        self.assertEqual(facts["slot"], 2)
        self.assertEqual(facts["life-cycle"], "development")
        self.assertEqual(facts["components"], [f"board-serial {self.world.identity}"])
        self.assertEqual(facts["config"], str(self.world.config))
        self.assertEqual(facts["fingerprint"], self.facts("info")["fingerprint"])
        self.assertEqual(self.facts("status")["bound-slots"], [2])

    def test_what_the_administrator_wrote_stays(self):
        self.world.config.write_text("# mine\nwait = 7\n\n[volume 5a8f9a6e-0000-4000-8000-0123456789ab]\n"
                                     f"binding = {'00' * 32}\n")
        self.bind()
        text = self.world.config.read_text()
        for line in ("# mine", "wait = 7", f"binding = {'00' * 32}"):
            self.assertIn(line, text)

    def test_binding_again_keeps_the_module_and_changes_the_salt(self):
        self.bind()
        first = self.world.config.read_text()
        self.bind()
        second = self.world.config.read_text()
        lines = [line for line in first.splitlines() if line not in second.splitlines()]
        self.assertEqual([line.split(" ")[0] for line in lines], ["salt"])
        self.world.ctl("attest")

    def test_a_host_that_changed_is_bound_again(self):
        self.bind()
        self.world.identity.write_text("another board\n")
        self.bind()
        self.world.ctl("attest")
        self.assertEqual(self.facts("status")["wrong-proofs"], 0)

    def test_a_replaced_module_is_bound_and_the_volumes_are_mentioned(self):
        self.bind()
        with open(self.world.config, "a") as config:
            config.write(f"[volume 5a8f9a6e-0000-4000-8000-0123456789ab]\nbinding = {'00' * 32}\n")
        other = self.world.another_module().start()
        done = self.world.ctl(f"--hsm4-device={other.uri}", "bind", self.component)
        self.assertIn("enrol each again", done.stderr.decode())
        self.assertIn(f"device = {other.uri}\n", self.world.config.read_text())
        self.world.ctl("attest")

    def test_a_slot_that_another_host_used_is_mentioned(self):
        self.bind()
        self.world.config.unlink()
        self.assertIn("slot 0 was in use", self.bind().stderr.decode())

    def test_a_component_on_the_root_file_system_is_for_data_only(self):
        done = self.world.ctl(f"--hsm4-device={self.module.uri}", "bind", "--json",
                              "--component=board-serial /etc/passwd", check=False)
        self.assertEqual(done.returncode, 1)  # more than a serial number can be
        done = self.world.ctl(f"--hsm4-device={self.module.uri}", "bind", "--json",
                              "--component=board-serial /etc/debian_version")
        self.assertTrue(json.loads(done.stdout)["data-only"])
        self.assertIn("data volumes only", done.stderr.decode())
        self.assertIn("data-only = yes\n", self.world.config.read_text())

    def test_a_component_that_cannot_be_read_changes_nothing(self):
        before = self.facts(f"--hsm4-device={self.module.uri}", "status")
        self.assert_fails(f"--hsm4-device={self.module.uri}", "bind",
                          "--component=board-serial /proc/nothing", says="measured component")
        self.assert_fails(f"--hsm4-device={self.module.uri}", "bind", "--boot-medium=/dev/nothing",
                          says="named boot medium")
        self.assertEqual(self.facts(f"--hsm4-device={self.module.uri}", "status"), before)
        self.assertFalse(self.world.config.exists())

    def test_a_configuration_that_cannot_be_written_leaves_the_old_binding(self):
        self.bind()
        before = self.world.config.read_text()
        parent = self.world.config.parent
        run(["mount", "--bind", parent, parent])
        self.addCleanup(run, ["umount", parent])
        run(["mount", "-o", "remount,bind,ro", parent])
        done = self.bind(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Read-only file system", done.stderr.decode())
        self.assertEqual(self.world.config.read_text(), before)
        self.world.ctl("attest")


class CutOff(WithModule):
    """bind is killed before its Nth exchange with the module, N = 1, 2, ..."""

    def setUp(self):
        super().setUp()
        self.relay_path = self.world.path / "relay.sock"

    def bind_and_kill(self, at):
        """True when bind ended before it got as far."""
        victim = []

        def kill(number):
            if number == at:
                victim[0].kill()
                victim[0].wait()
        relay = Relay(self.relay_path, self.module.socket, kill)
        try:
            victim.append(subprocess.Popen(
                [fixture.CTL, f"--hsm4-device=unix:{self.relay_path}", "bind", self.component],
                env=self.world.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL))
            return victim[0].wait(timeout=fixture.LIMIT) == 0
        finally:
            relay.close()
            os.unlink(self.relay_path)

    def attest(self):
        return self.world.ctl(f"--hsm4-device={self.module.uri}", "attest", check=False).returncode == 0

    def test_a_bound_host_stays_bound_wherever_a_bind_is_killed(self):
        self.world.bind()
        salts = set()
        at = 1
        while not self.bind_and_kill(at):
            # Killed a second time, before the first was made good: still nothing is lost.
            self.bind_and_kill(at)
            self.assertTrue(self.attest(), f"killed before exchange {at}")
            salts.add(re.search("salt = (.*)", self.world.config.read_text()).group(1))
            at += 1
        self.assertTrue(self.attest())
        self.assertGreaterEqual(at, 5)  # hello, status, earlier bind, offer, attest
        self.assertGreaterEqual(len(salts), 2)  # the last kill came after the new binding was written

    def test_an_unbound_host_binds_at_the_next_try(self):
        at = 1
        while not self.bind_and_kill(at):
            if self.world.config.exists():
                self.assertTrue(self.attest(), f"killed before exchange {at}")
            at += 1
            self.world.config.unlink(missing_ok=True)
            self.module.stop()
            run(["rm", "-r", self.module.state])
            self.module.start()
        self.assertTrue(self.attest())
        self.assertGreaterEqual(at, 4)

    def test_a_module_that_loses_power_before_the_commit_knows_the_offer(self):
        self.world.bind()
        old = self.world.config.read_text()

        def lose_power(number):
            if number == 5:
                self.module.stop(signal.SIGKILL)
                self.module.start()
        relay = Relay(self.relay_path, self.module.socket, lose_power)
        self.addCleanup(relay.close)
        self.world.ctl(f"--hsm4-device=unix:{self.relay_path}", "bind", self.component)
        self.assertGreaterEqual(relay.seen, 5)  # a retry may find the module not yet up
        self.assertNotEqual(self.world.config.read_text(), old)
        self.assertTrue(self.attest())

    def test_a_module_that_vanishes_before_the_commit_is_named_and_both_bindings_hold(self):
        self.world.bind()
        old = self.world.config.read_text()

        def vanish(number):
            if number == 5:
                self.module.stop(signal.SIGKILL)
        relay = Relay(self.relay_path, self.module.socket, vanish)
        self.addCleanup(relay.close)
        done = self.world.ctl(f"--hsm4-device=unix:{self.relay_path}", "bind", self.component, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("hsm4ctl attest", done.stderr.decode())
        self.module.start()
        new = self.world.config.read_text()
        self.world.config.write_text(old)
        self.assertTrue(self.attest())
        self.world.config.write_text(new)
        self.assertTrue(self.attest())
        self.world.config.write_text(old)
        self.assertFalse(self.attest())


if __name__ == "__main__":
    tap.main()
