# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Recovery keys: shown, escrowed, and known to systemd's own tools."""

import json
import os
import pty
import re
import stat
import subprocess
import threading

import tap
from enrolling import Bound
from fixture import ENROLL, LIMIT, PASSPHRASE, run
from prompting import Conversation

MODHEX = "cbdefghijklnrtuv"
SHOWN = re.compile(rf"^ *((?:[{MODHEX}]{{8}}-){{7}}[{MODHEX}]{{8}})$", re.M)


class Recovery(Bound):
    def shown(self, *arguments, **options):
        done = self.world.enroll("--recovery-key", *arguments, self.image, **options)
        (key,) = SHOWN.findall(done.stdout.decode())
        return key.encode()


class Shown(Recovery):
    def test_opens_the_volume(self):
        key = self.shown()
        self.assertEqual(len(key), 71)
        self.assertTrue(self.world.opens_by_passphrase(self.image, key))
        self.assert_whole(tokens=0)

    def test_its_token_is_systemds(self):
        self.shown()
        (token,) = self.tokens(kind="systemd-recovery").values()
        self.assertEqual(token, {"type": "systemd-recovery", "keyslots": ["1"]})
        kdf = self.world.header(self.image)["keyslots"]["1"]["kdf"]
        self.assertEqual((kdf["type"], kdf["hash"], kdf["iterations"]), ("pbkdf2", "sha512", 1000))

    def test_two_keys_differ(self):
        self.assertNotEqual(self.shown(), self.shown())
        self.assert_whole(tokens=0, keyslots=3)

    def test_needs_no_module(self):
        self.world.module.stop()
        self.world.config.unlink()
        self.assertTrue(self.world.opens_by_passphrase(self.image, self.shown()))

    def test_with_a_token_in_one_run(self):
        key = self.shown("--ensure")
        self.assertTrue(self.world.opens_by_passphrase(self.image, key))
        self.assert_whole(keyslots=3)

    def test_opens_the_volume_for_the_next_run(self):
        self.world.enroll(self.image, passphrase=self.shown())
        self.assert_whole(keyslots=3)

    def test_json_shows_it_first(self):
        done = self.world.enroll("--json", "--recovery-key", self.image)
        first, last = map(json.loads, done.stdout.splitlines())
        self.assertEqual(sorted(first), ["device", "recovery-key"])
        self.assertTrue(self.world.opens_by_passphrase(self.image, first["recovery-key"].encode()))
        self.assertEqual((last["result"], last["recovery-keyslot"], last["exit"]), ("changed", 1, 0))
        self.assertNotIn("recovery-key", last)

    def test_the_journal_does_not_get_it(self):
        read_end, write_end = os.pipe()
        status = os.fstat(write_end)
        environment = self.world.environment(JOURNAL_STREAM=f"{status.st_dev}:{status.st_ino}")
        done = subprocess.run([ENROLL, "--recovery-key", "--unlock-key-file=-", self.image],
                              input=PASSPHRASE, stdout=write_end, stderr=subprocess.PIPE,
                              env=environment, timeout=LIMIT)
        os.close(write_end)
        self.assertEqual(os.read(read_end, 1), b"")
        os.close(read_end)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"--recovery-escrow", done.stderr)
        self.assertEqual(self.keyslots(), [0])

    def test_no_slot_when_it_cannot_be_shown(self):
        before = self.world.header(self.image)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([ENROLL, "--recovery-key", "--unlock-key-file=-", self.image],
                                  input=PASSPHRASE, stdout=full, stderr=subprocess.PIPE,
                                  env=self.world.environment(), timeout=LIMIT)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot be shown", done.stderr)
        self.assertEqual(self.world.header(self.image), before)


class OnATerminal(Recovery):
    def test_a_qr_code_is_shown(self):
        """Read back module by module: the code's own error correction is not needed."""
        main, side = pty.openpty()
        said = bytearray()

        def listen():
            while True:
                try:
                    said.extend(os.read(main, 4096))
                except OSError:
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        done = subprocess.run([ENROLL, "--recovery-key", "--unlock-key-file=-", self.image],
                              input=PASSPHRASE, stdout=side, stderr=subprocess.PIPE,
                              env=self.world.environment(), timeout=LIMIT)
        os.close(side)
        listener.join(LIMIT)
        os.close(main)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = said.decode().replace("\r\n", "\n")
        (key,) = SHOWN.findall(text)
        expected = run(["qrencode", "-t", "ASCII", "-m", "2", "-l", "L", "-8", key]).stdout.decode()
        self.assertEqual(drawn(text), modules(expected))


def drawn(text):
    """Rows of dark modules (True) from half blocks, light where a block is."""
    rows = []
    for line in text.splitlines():
        cells = re.fullmatch(r"\x1b\[40;37;1m([ \u2580\u2584\u2588]+)\x1b\[0m", line)
        if cells:
            rows.append([cell in " \u2584" for cell in cells.group(1)])
            rows.append([cell in " \u2580" for cell in cells.group(1)])
    return trimmed(rows)


def modules(text):
    """Rows of dark modules (True) from qrencode's two letters for each."""
    return trimmed([[cell == "#" for cell in line[::2]] for line in text.splitlines()])


def trimmed(rows):
    """Without the light border."""
    used = [number for number, row in enumerate(rows) if any(row)]
    rows = rows[used[0]:used[-1] + 1]
    columns = [number for number in range(len(rows[0])) if any(row[number] for row in rows)]
    return [row[columns[0]:columns[-1] + 1] for row in rows]


class Escrow(Recovery):
    def setUp(self):
        super().setUp()
        self.kept = self.world.path / "escrow.pem"

    def certificate(self, name="fleet", kind="rsa:2048"):
        """A certificate and the file of its private key."""
        certificate, key = self.world.path / f"{name}.pem", self.world.path / f"{name}.key"
        algorithm, _, curve = kind.partition(":")
        options = ["-pkeyopt", f"ec_paramgen_curve:{curve}"] if algorithm == "ec" else []
        run(["openssl", "req", "-x509", "-newkey", kind if algorithm == "rsa" else "ec", *options,
             "-noenc", "-keyout", key, "-out", certificate, "-days", "36500", "-subj", f"/CN={name}"])
        return certificate, key

    def recovered(self, key):
        return run(["openssl", "cms", "-decrypt", "-inform", "PEM", "-in", self.kept,
                    "-inkey", key]).stdout

    def escrow(self, *certificates, **options):
        return self.world.enroll(*[f"--recovery-escrow={one}" for one in certificates],
                                 f"--escrow-to={self.kept}", self.image, **options)

    def test_openssl_alone_recovers_it(self):
        for kind in ("rsa:2048", "ec:P-256"):
            with self.subTest(kind):
                self.kept.unlink(missing_ok=True)
                certificate, key = self.certificate(kind=kind)
                done = self.escrow(certificate)
                self.assertNotRegex(done.stdout.decode() + done.stderr.decode(), SHOWN)
                recovered = self.recovered(key)
                self.assertRegex(recovered.decode(), SHOWN)
                self.assertTrue(self.world.opens_by_passphrase(self.image, recovered))

    def test_two_holders(self):
        (one, one_key), (two, two_key) = self.certificate("one"), self.certificate("two", "ec:P-384")
        self.escrow(one, two)
        self.assertEqual(self.recovered(one_key), self.recovered(two_key))
        self.assertTrue(self.world.opens_by_passphrase(self.image, self.recovered(two_key)))

    def test_others_cannot_read_it(self):
        _, stranger = self.certificate("stranger")
        self.escrow(self.certificate()[0])
        done = run(["openssl", "cms", "-decrypt", "-inform", "PEM", "-in", self.kept, "-inkey",
                    stranger], check=False)
        # Without a certificate openssl answers a wrong key with random bytes, so as to be no oracle.
        self.assertFalse(self.world.opens_by_passphrase(self.image, done.stdout or b"x"))

    def test_rsa_by_oaep_and_aes_256(self):
        self.escrow(self.certificate()[0])
        text = run(["openssl", "cms", "-cmsout", "-print", "-inform", "PEM", "-in",
                    self.kept]).stdout.decode()
        self.assertIn("rsaesOaep", text)
        self.assertIn("aes-256", text)
        self.assertEqual(stat.S_IMODE(self.kept.stat().st_mode), 0o644)

    def test_shown_as_well(self):
        certificate, key = self.certificate()
        shown = self.shown(f"--recovery-escrow={certificate}", f"--escrow-to={self.kept}")
        self.assertEqual(self.recovered(key), shown)
        self.assert_whole(tokens=0)

    def test_the_volume_names_the_file(self):
        certificate, key = self.certificate()
        other = self.world.image("other")
        self.world.enroll(f"--recovery-escrow={certificate}",
                          f"--escrow-to={self.world.path}/%u.pem", self.image, other)
        for image in (self.image, other):
            uuid = run(["cryptsetup", "luksUUID", image]).stdout.decode().strip()
            self.kept = self.world.path / f"{uuid}.pem"
            self.assertTrue(self.world.opens_by_passphrase(image, self.recovered(key)))

    def test_a_file_that_is_there_is_never_overwritten(self):
        certificate, _ = self.certificate()
        self.kept.write_text("the only copy of another one")
        self.fails(f"--recovery-escrow={certificate}", f"--escrow-to={self.kept}",
                   says="is there already")
        self.assertEqual(self.kept.read_text(), "the only copy of another one")

    def test_no_slot_without_the_file(self):
        certificate, _ = self.certificate()
        before = self.world.header(self.image)
        for place in ("/nonexistent/escrow.pem", "/proc/escrow.pem"):
            done = self.world.enroll(f"--recovery-escrow={certificate}", f"--escrow-to={place}",
                                     self.image, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(place.encode(), done.stderr)
            self.assertEqual(self.world.header(self.image), before)

    def test_a_full_disk(self):
        """No slot, no half-written file; the next run, with room, adds both."""
        certificate, _ = self.certificate()
        folder = self.world.path / "full"
        folder.mkdir()
        before = self.world.header(self.image)
        script = ('mount -t tmpfs -o size=4k none "$1" && head -c 4096 /dev/zero > "$1/filler" && '
                  'shift && "$@"; code=$?; ls -A "$0"; umount "$0"; exit $code')
        # A chroot that is no mount point cannot be made private.
        namespace = ["unshare", "--mount"]
        if run([*namespace, "true"], check=False).returncode != 0:
            namespace += ["--propagation", "unchanged"]
        done = run([*namespace, "sh", "-c", script, folder, folder, ENROLL,
                    f"--recovery-escrow={certificate}", f"--escrow-to={folder}/escrow.pem",
                    "--unlock-key-file=-", self.image], check=False, input=PASSPHRASE,
                   env=self.world.environment())
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"No space left", done.stderr)
        self.assertEqual(done.stdout, b"filler\n")
        self.assertEqual(self.world.header(self.image), before)
        self.escrow(certificate)
        self.assert_whole(tokens=0)

    def test_what_is_no_certificate(self):
        _, key = self.certificate()
        for path in (key, self.image, "/nonexistent"):
            self.fails(f"--recovery-escrow={path}", f"--escrow-to={self.kept}")
        self.assertFalse(self.kept.exists())

    def test_wrong_usage(self):
        certificate, _ = self.certificate()
        self.fails(f"--recovery-escrow={certificate}", code=2, says="--escrow-to")
        self.fails(f"--escrow-to={self.kept}", code=2, says="--recovery-escrow")


class WithSystemd(Recovery):
    """systemd-cryptenroll of this Debian."""

    def cryptenroll(self, *arguments, passphrase=None):
        key_file = self.world.path / "systemd.key"
        key_file.write_bytes(passphrase or b"")
        unlock = [f"--unlock-key-file={key_file}"] if passphrase else []
        return run(["systemd-cryptenroll", *unlock, *arguments, self.image])

    def slots(self):
        """{slot: type} as systemd-cryptenroll lists them."""
        lines = self.cryptenroll().stdout.decode().splitlines()
        return dict(line.split() for line in lines if line.split()[0].isdigit())

    def test_lists_our_slots_without_a_conflict(self):
        self.shown("--ensure")
        self.assertEqual(self.slots(), {"0": "password", "1": "other", "2": "recovery"})

    def test_our_recovery_key_is_its_passphrase(self):
        self.cryptenroll("--recovery-key", passphrase=self.shown())
        self.assertEqual(self.slots(), {"0": "password", "1": "recovery", "2": "recovery"})

    def test_our_recovery_key_at_its_prompt(self):
        key = self.shown()
        talk = Conversation(["/usr/bin/systemd-cryptenroll", "--recovery-key", self.image],
                            self.world.environment())
        talk.expect(b"passphrase")
        talk.answer(key)
        self.assertEqual(talk.end(), 0, talk.said)
        self.assertEqual(self.slots(), {"0": "password", "1": "recovery", "2": "recovery"})

    def test_its_recovery_key_is_ours(self):
        made = self.cryptenroll("--recovery-key", passphrase=PASSPHRASE).stdout.decode().strip()
        listed = self.world.enroll("--list", self.image, passphrase=None).stdout.decode()
        self.assertRegex(listed, r"(?m)^ *1 recovery ")
        self.world.enroll(self.image, passphrase=made.encode())
        self.assert_whole(keyslots=3)

    def test_wiping_passwords_leaves_ours(self):
        key = self.shown("--ensure")
        self.cryptenroll("--wipe-slot=password")
        self.assertEqual(self.keyslots(), [1, 2])
        self.assertTrue(self.world.opens_by_passphrase(self.image, key))
        self.assertTrue(self.world.opens_by_token(self.image)[0])

    def test_wiping_recovery_keys_each_others(self):
        self.shown()
        self.cryptenroll("--recovery-key", passphrase=PASSPHRASE)
        self.world.enroll("--wipe-slot=recovery", self.image, passphrase=None)
        self.assertEqual(self.slots(), {"0": "password"})
        self.assertEqual(self.world.header(self.image)["tokens"], {})
        self.shown()
        self.cryptenroll("--wipe-slot=recovery")
        self.assertEqual(self.slots(), {"0": "password"})


if __name__ == "__main__":
    tap.main()
