# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The plugin in stock cryptsetup: it opens what it must, refuses what it must, and never hides others."""

import hashlib
import json
import re
import shutil
import signal
import socket
import threading
import time
import unittest

import host  # first: it knows where the second implementation lies
import cbor2
import fixture
import luks2_edit
import protocol_example as texts
import tap
from fixture import PASSPHRASE, run

FOREIGN_KEY = "foreign key"
SYMBOLS = ["cryptsetup_token_buffer_free", "cryptsetup_token_dump", "cryptsetup_token_open",
           "cryptsetup_token_open_pin", "cryptsetup_token_validate", "cryptsetup_token_version"]


class Enrolled(unittest.TestCase):
    """A bound host with one enrolled volume."""

    def setUp(self):
        self.world = fixture.World()
        self.addCleanup(self.world.__exit__)
        self.world.bind()
        self.image = self.world.image()
        self.world.enroll(self.image)

    def token(self, image=None):
        tokens = self.world.header(image or self.image)["tokens"]
        return next((number, token) for number, token in tokens.items() if token["type"] == "hsm4")

    def replace_token(self, token, image=None, number=None):
        image = image or self.image
        number = number if number is not None else self.token(image)[0]
        run(["cryptsetup", "token", "remove", f"--token-id={number}", image], check=False)
        self.import_token(token, image, number)

    def import_token(self, token, image, number="0"):
        text = token if isinstance(token, str) else json.dumps(token)
        run(["cryptsetup", "token", "import", "--disable-external-tokens", f"--token-id={number}",
             "--json-file=-", image], input=text.encode())

    def assert_refused(self, image=None, says="", within=15):
        opened, said, seconds = self.world.opens_by_token(image or self.image)
        self.assertFalse(opened)
        self.assertIn("hsm4: ", said)
        self.assertIn(says, said)
        self.assertLess(seconds, within)
        self.assertTrue(self.world.opens_by_passphrase(image or self.image))


class Opening(Enrolled):
    def test_exactly_the_six_symbols_are_exported(self):
        listed = run(["nm", "-D", "--defined-only", "--with-symbol-versions",
                      fixture.PLUGIN_DIR / "libcryptsetup-token-hsm4.so"]).stdout.decode()
        names = [line.split()[-1] for line in listed.splitlines() if " A " not in line]
        self.assertEqual(sorted(names), [name + "@@CRYPTSETUP_TOKEN_1.0" for name in SYMBOLS])

    def test_stock_cryptsetup_opens_by_token(self):
        opened, said, _ = self.world.opens_by_token(self.image)
        self.assertTrue(opened, said)
        self.assertEqual(said, "")
        self.assertEqual(self.world.module.stats()["unlocks"], 3)  # enrolling proved it twice

    def test_a_good_token_makes_standard_input_irrelevant(self):
        self.world.cryptsetup("open", "--test-passphrase", "--key-file=-", self.image,
                              input=b"wrong")

    def test_luks_dump_shows_the_token(self):
        text = self.world.cryptsetup("luksDump", self.image).stdout.decode()
        self.assertIn("hsm4", text)
        self.assertRegex(text, r"Backend:\s+open")
        self.assertRegex(text, r"Locked key:\s+\d+ bytes, sealed-v1")

    def test_another_boot_of_the_host_opens_it_again(self):
        self.world.module.stop()
        self.world.module.start()
        self.assertTrue(self.world.opens_by_token(self.image)[0])

    def test_labels_and_other_key_slots_do_not_matter(self):
        run(["cryptsetup", "config", "--label=new", self.image])
        run(["cryptsetup", "luksAddKey", "-q", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000",
             "--disable-external-tokens", "--key-file=-", self.image, "/etc/hostname"],
            input=PASSPHRASE)
        run(["cryptsetup", "config", "--priority=prefer", "--key-slot=1", self.image])
        self.assertTrue(self.world.opens_by_token(self.image)[0])


class Refusals(Enrolled):
    """What concerns the volume; the module's own refusals have a test of their own."""

    def test_null_cipher_in_the_segment(self):
        self.edit_header(lambda header: header["segments"]["0"].update(encryption="cipher_null-ecb"))
        self.assert_refused_by_header("null cipher")

    def test_null_cipher_in_another_key_slots_area(self):
        def change(header):
            header["keyslots"]["0"]["area"].update(encryption="cipher_null-ecb")
        self.edit_header(change)
        self.assert_refused_by_header("null cipher")

    def test_swapped_digest(self):
        other = self.world.image("other")
        theirs = self.world.header(other)["digests"]["0"]
        def change(header):
            header["digests"]["0"].update(salt=theirs["salt"], digest=theirs["digest"])
        self.edit_header(change)
        self.assert_refused_by_header("")

    def test_blob_moved_to_another_volume(self):
        other = self.world.image("other")
        self.import_token(dict(self.token()[1], keyslots=["0"]), other)
        self.assert_refused(other)

    def test_blob_moved_to_another_volume_with_the_same_uuid(self):
        other = self.world.image("other")
        uuid = run(["cryptsetup", "luksUUID", self.image]).stdout.decode().strip()
        run(["cryptsetup", "luksUUID", "-q", f"--uuid={uuid}", other])
        self.import_token(dict(self.token()[1], keyslots=["0"]), other)
        self.assert_refused(other, "changed since it was enrolled")

    def test_blob_moved_to_another_key_slot(self):
        self.replace_token(dict(self.token()[1], keyslots=["0"]))
        self.assert_refused()

    def test_token_that_lists_two_slots(self):
        self.replace_token(dict(self.token()[1], keyslots=["0", "1"]))
        self.assert_refused(says="more than one key slot")

    def test_changed_uuid(self):
        run(["cryptsetup", "luksUUID", "-q", "--uuid=00000000-1111-4222-8333-444444444444", self.image])
        self.assert_refused()

    def test_token_that_disagrees_with_a_pin(self):
        number, token = self.token()
        for field, value in (("hsm4-module-id", "00" * 16),
                             ("hsm4-public-key", "A" * 43 + "="),
                             ("hsm4-verify-key", "A" * 43 + "=")):
            with self.subTest(field=field):
                before = self.world.module.stats()["transfers"]
                self.replace_token({**token, field: value}, number=number)
                self.assert_refused()
                # Refused before the first message.
                self.assertEqual(self.world.module.stats()["transfers"], before)

    def test_changed_blob(self):
        number, token = self.token()
        blob = token["hsm4-locked-key"]
        for at in range(0, len(blob) - 4, 40):
            letter = "A" if blob[at] != "A" else "B"
            self.replace_token({**token, "hsm4-locked-key": blob[:at] + letter + blob[at + 1:]},
                               number=number)
            self.assert_refused()

    def test_unbound_host(self):
        self.world.config.write_text(f"device = {self.world.module.uri}\n")
        self.assert_refused(says="hsm4ctl bind")

    def test_module_that_was_bound_elsewhere_since(self):
        host.bind(self.world.module.socket, 0, [("board-serial", b"another host's")])
        self.assert_refused(says="refused by the module: other binding")
        self.assertEqual(host.status(self.world.module.socket).wrong_proofs, 1)

    def test_module_that_is_bound_to_nobody(self):
        """The same keys, and no binding: as a module whose owner has reset it."""
        self.world.module.stop()
        state = self.world.module.state / "state"
        fields = cbor2.loads(state.read_bytes()[:-32])
        fields[3], fields[5] = 0, [[None, None]] * 4  # life cycle, slots
        body = texts.cbor(fields)
        state.write_bytes(body + hashlib.sha256(body).digest())
        self.world.module.start()
        self.assertEqual(host.hello(self.world.module.socket).state, host.UNBOUND)
        self.assert_refused(says="the module's state does not allow it")

    def test_damaged_configuration(self):
        self.world.config.write_text("device = \nnonsense\n")
        self.assert_refused(says="hsm4.conf")

    def test_device_of_another_kind(self):
        self.world.set_config("device = zymbit:")
        self.assert_refused()

    def edit_header(self, change):
        """Writes a changed header JSON with right checksums, as an attacker with the card would."""
        luks2_edit.edit(self.image, change)

    def assert_refused_by_header(self, says):
        opened, said, _ = self.world.opens_by_token(self.image)
        self.assertFalse(opened)
        self.assertIn("hsm4: ", said)
        self.assertIn(says, said)


class Hostile(Enrolled):
    """Token JSON that an attacker wrote: luksDump and open survive it (under the sanitizers, too)."""

    def test_hostile_json(self):
        number, good = self.token()
        blob = good["hsm4-locked-key"]
        cases = {
            "missing": {"type": "hsm4", "keyslots": ["1"]},
            "numbers": {**good, "hsm4-locked-key": 5, "hsm4-backend": 7},
            "nulls": {name: None for name in good} | {"type": "hsm4", "keyslots": ["1"]},
            "objects": {**good, "hsm4-public-key": {"a": [1, 2, {"b": "c"}]}},
            "version": {**good, "hsm4-version": -1},
            "big version": {**good, "hsm4-version": 2 ** 63 - 1},
            "huge": {**good, "hsm4-locked-key": "A" * 8000},
            "not base64": {**good, "hsm4-locked-key": "%" * len(blob)},
            "escape": {**good, "hsm4-module-id": "\x1b[2J\x07\x00\n"},
            "format string": {**good, "hsm4-module-id": "%s%n%x" * 10},
            "deep": {**good, "x": json.loads("[" * 20 + "]" * 20)},
            "short blob": {**good, "hsm4-locked-key": "0oQ="},
            "empty blob": {**good, "hsm4-locked-key": ""},
            "cbor bomb": {**good, "hsm4-locked-key": "m/////////8="},
            "pin": {**good, "hsm4-pin": True},
        }
        for name, token in cases.items():
            with self.subTest(case=name):
                self.replace_token(token, number=number)
                dumped = self.world.cryptsetup("luksDump", self.image)
                self.assertNotIn(b"\x1b", dumped.stdout)
                opened, said, seconds = self.world.opens_by_token(self.image)
                self.assertFalse(opened)
                self.assertNotRegex(said, "Sanitizer|runtime error")
                self.assertLess(seconds, 15)
                self.assertTrue(self.world.opens_by_passphrase(self.image))

    def test_import_is_validated_where_the_plugin_is(self):
        token = {"type": "hsm4", "keyslots": ["0"], "hsm4-version": 1}
        done = self.world.cryptsetup("token", "import", "--json-file=-", self.image, check=False,
                                     input=json.dumps(token).encode())
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"hsm4: ", done.stderr)


class FakeModule(threading.Thread):
    """Accepts connections on a socket, and lets `serve` misbehave on each."""

    def __init__(self, path, serve):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(8)
        self.serve = serve

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self.serve(connection)
                except OSError:
                    pass


def _flood(connection):
    while True:
        connection.sendall(b"\x12\x00\x0f\xff" + b"\xa5" * 100)


def _chatter(connection):
    for _ in range(600):
        connection.sendall(b"\x12\xc3\x00\x01\xff\x00\x00")
        time.sleep(0.05)


MISBEHAVIOUR = {
    "silent": lambda connection: time.sleep(30),
    "hangs up": lambda connection: None,
    "hangs up in the middle": lambda connection: (connection.recv(4), connection.sendall(b"\x12\x00\x00")),
    "garbage": lambda connection: (connection.recv(100), connection.sendall(bytes(range(256)) * 4)),
    "flood": _flood,
    "endless waiting extensions": _chatter,
    "echo": lambda connection: [connection.sendall(connection.recv(1000)) for _ in range(1000)],
}


class NeverHidesOthers(Enrolled):
    """Whatever our module does: a foreign token and a passphrase still open the volume, in 15 s."""

    def setUp(self):
        super().setUp()
        self.plugins = self.world.path / "plugins"
        self.plugins.mkdir()
        for source in (fixture.PLUGIN_DIR / "libcryptsetup-token-hsm4.so",
                       fixture.BUILD / "tests/integration/libcryptsetup-token-zzz.so"):
            shutil.copy(source, self.plugins)
        run(["cryptsetup", "luksAddKey", "-q", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000",
             "--disable-external-tokens", "--key-file=-", "--key-slot=5", self.image,
             self.foreign_key_file()], input=PASSPHRASE)
        self.import_token({"type": "zzz", "keyslots": ["5"]}, self.image, "7")
        self.ours = self.token()[0]

    def foreign_key_file(self):
        path = self.world.path / "foreign"
        path.write_text(FOREIGN_KEY)
        return path

    def assert_others_work(self, says="hsm4: "):
        by_foreign = {"HSM4_TEST_FOREIGN_KEY": FOREIGN_KEY}
        opened, said, seconds = self.world.opens_by_token(self.image, directory=self.plugins,
                                                          env=by_foreign)
        self.assertTrue(opened, said)
        self.assertLess(seconds, 15)
        self.assertIn(says, said)
        start = time.monotonic()
        done = self.world.cryptsetup("open", "--test-passphrase", "--key-file=-", self.image,
                                     directory=self.plugins, check=False, input=PASSPHRASE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(time.monotonic() - start, 15)
        alone = self.world.cryptsetup("open", "--test-passphrase", "--token-only",
                                      f"--token-id={self.ours}", self.image,
                                      directory=self.plugins, check=False)
        self.assertEqual(alone.returncode, 1, alone.stderr)

    def test_absent_with_the_default_wait(self):
        self.world.module.stop()
        self.world.set_config(f"device = {self.world.module.uri}")
        self.assert_others_work("no module answers")

    def test_absent_and_preferred_waits_once(self):
        self.world.module.stop()
        self.world.set_config(f"device = {self.world.module.uri}\nwait = 8")
        run(["cryptsetup", "config", "--priority=prefer", "--key-slot=1", self.image])
        opened, _, seconds = self.world.opens_by_token(self.image)
        self.assertFalse(opened)
        self.assertGreater(seconds, 7.9)
        self.assertLess(seconds, 15)

    def test_appears_late(self):
        self.world.module.stop()
        self.world.set_config(f"device = {self.world.module.uri}\nwait = 10")
        timer = threading.Timer(2, self.world.module.start)
        timer.start()
        opened, said, _ = self.world.opens_by_token(self.image)
        timer.join()
        self.assertTrue(opened, said)

    def test_refusing(self):
        self.world.identity.write_text("20000000abcdef02\n")
        self.assert_others_work("refused")

    def test_identity_that_cannot_be_read(self):
        self.world.identity.unlink()
        before = self.world.module.stats()["transfers"]
        self.assert_others_work("measured component")
        self.assertEqual(self.world.module.stats()["transfers"], before)  # no handshake was sent

    def test_stopped_process(self):
        self.world.module.process.send_signal(signal.SIGSTOP)
        try:
            self.assert_others_work()
        finally:
            self.world.module.process.send_signal(signal.SIGCONT)

    def test_misbehaving(self):
        self.world.module.stop()
        for name, serve in MISBEHAVIOUR.items():
            with self.subTest(module=name):
                path = self.world.path / (re.sub(r"\W", "-", name) + ".sock")
                module = FakeModule(path, serve)
                module.start()
                self.world.set_config(f"device = unix:{path}\nwait = 1")
                self.assert_others_work()
                module.listener.close()

    def test_another_module_at_the_same_address(self):
        self.world.module.stop()
        other = self.world.another_module().start()
        self.world.set_config(f"device = {other.uri}\nwait = 1")
        self.assert_others_work()

    def test_plugin_missing(self):
        (self.plugins / "libcryptsetup-token-hsm4.so").unlink()
        self.assert_others_work("")


if __name__ == "__main__":
    tap.main()
