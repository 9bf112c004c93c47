# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""hsm4-enroll on volumes that have a token: rotating, wiping, planning, reporting."""

import ctypes
import json
import os
import stat
import subprocess
import threading
import unittest

import tap
from enrolling import FAULT_POINTS, Enrolled, add_key, checksum
from fixture import ENROLL, LIMIT, PASSPHRASE, run


def add_empty_key(image, slot):
    """By libcryptsetup: cryptsetup itself takes no empty passphrase from a file."""
    library = ctypes.CDLL("libcryptsetup.so.12")
    device = ctypes.c_void_p()
    assert library.crypt_init(ctypes.byref(device), str(image).encode()) == 0
    try:
        assert library.crypt_load(device, None, None) == 0
        assert library.crypt_keyslot_add_by_passphrase(
            device, slot, PASSPHRASE, ctypes.c_size_t(len(PASSPHRASE)), b"",
            ctypes.c_size_t(0)) == slot
    finally:
        library.crypt_free(device)


class Rotating(Enrolled):
    def assert_rotated(self, **counts):
        (token,) = self.tokens().values()
        self.assertNotEqual(token["hsm4-locked-key"], self.first["hsm4-locked-key"])
        self.assertEqual(len(self.pins()), 1)
        self.assert_whole(**counts)

    def test_by_passphrase(self):
        done = self.change("--rotate", passphrase=PASSPHRASE)
        self.assertIn(b"Removed the old token 0, key slot 1", done.stdout)
        self.assert_rotated()

    def test_by_the_token_itself(self):
        self.change("--rotate", "--unlock-hsm4")
        self.assert_rotated()

    def test_the_data_stay(self):
        area = self.image.read_bytes()[16 << 20:]
        self.change("--rotate", "--unlock-hsm4")
        self.assertEqual(self.image.read_bytes()[16 << 20:], area)

    def test_a_copy_of_the_old_header_still_opens(self):
        """As the manual says: only a revocation ends that."""
        copy = self.world.path / "copy"
        copy.write_bytes(self.image.read_bytes())
        pins = self.world.config.read_text()
        self.change("--rotate", "--unlock-hsm4")
        self.world.config.write_text(pins)
        self.assertTrue(self.world.opens_by_token(copy)[0])

    def test_without_a_token_it_adds_one(self):
        self.change("--wipe-slot=hsm4")
        self.change("--rotate", passphrase=PASSPHRASE)
        self.assert_rotated()

    def test_module_away(self):
        self.world.module.stop()
        self.fails("--rotate", says="no module answers")

    def test_after_a_new_uuid(self):
        run(["cryptsetup", "luksUUID", "-q", "--uuid=0c1f6a9e-5f0e-4d0d-9f0a-0123456789ab", self.image])
        self.assertEqual(self.states()[0][0], "volume-changed")
        self.assertIn("--rotate", self.states()[0][1])
        self.fails("--test", passphrase=None, says="--rotate")
        self.change("--rotate", passphrase=PASSPHRASE)
        self.assertEqual([state for state, _ in self.states().values()], ["usable"])
        self.assert_whole()

    def test_after_reencryption(self):
        run(["cryptsetup", "reencrypt", "-q", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000",
             "--key-slot=0", "--disable-external-tokens", "--force-offline-reencrypt", "--key-file=-",
             self.image], input=PASSPHRASE)
        self.assertEqual(len(self.keyslots()), 1)
        self.assertEqual(self.states()[0][0], "no-key-slot")
        self.fails("--test", passphrase=None, says="--rotate")
        self.change("--rotate", passphrase=PASSPHRASE)
        self.assert_rotated()

    def test_volume_that_is_open_elsewhere_in_the_tool(self):
        self.change("--rotate", "--recovery-key", "--wipe-slot=password", passphrase=PASSPHRASE)
        self.assertEqual(len(self.keyslots()), 2)
        self.assertFalse(self.world.opens_by_passphrase(self.image))
        self.assertTrue(self.world.opens_by_token(self.image)[0])


class Ahead(Enrolled):
    """Keys that a revocation leaves alive."""

    def revoke(self, check=True):
        return self.world.ctl("revoke", self.image, check=check)

    def test_survives_a_revocation(self):
        self.assertEqual(self.revoke(check=False).returncode, 1)
        copy = self.world.path / "copy"
        copy.write_bytes(self.image.read_bytes())
        self.change("--rotate", "--ahead", "--unlock-hsm4")
        self.assert_whole()
        self.revoke()
        self.assert_whole()
        self.change("--test")
        self.assertEqual(self.states()[min(self.tokens())][0], "usable")
        self.assertFalse(self.world.opens_by_token(copy)[0])

    def test_on_a_volume_without_token(self):
        self.change("--wipe-slot=hsm4")
        self.change("--ahead", passphrase=PASSPHRASE)
        self.revoke()
        self.assert_whole()

    def test_alone_it_replaces_nothing(self):
        self.fails("--ahead", says="--rotate")


class Wiping(Enrolled):
    def wipe(self, words, **options):
        return self.change(f"--wipe-slot={words}", **options)

    def test_hsm4(self):
        self.wipe("hsm4")
        self.assert_whole(tokens=0, keyslots=1)
        self.assertEqual(self.pins(), [])

    def test_a_number(self):
        self.wipe("1")
        self.assert_whole(tokens=0, keyslots=1)
        self.fails("--wipe-slot=7", passphrase=None, says="not in use")

    def test_password(self):
        self.wipe("password")
        self.assertEqual(self.keyslots(), [1])
        self.assertTrue(self.world.opens_by_token(self.image)[0])

    def test_password_while_the_module_is_away(self):
        self.world.module.stop()
        self.fails("--wipe-slot=password", passphrase=None, says="the module does not open now")

    def test_empty(self):
        add_empty_key(self.image, 5)
        self.wipe("empty")
        self.assertEqual(self.keyslots(), [0, 1])
        self.assertIn(b"No key slot to wipe", self.wipe("empty").stdout)

    def test_several(self):
        add_key(self.image, b"other", "--key-slot=5")
        self.wipe("5,password")
        self.assertEqual(self.keyslots(), [1])
        self.world.enroll("--recovery-key", "--unlock-hsm4", self.image, passphrase=None)
        self.wipe("hsm4", check=True)
        self.assertEqual(self.keyslots(), [0])

    def test_never_the_last(self):
        self.fails("--wipe-slot=all", passphrase=None, says="last key slot")
        self.wipe("0")
        self.fails("--wipe-slot=hsm4", passphrase=None, says="last key slot")
        self.fails("--wipe-slot=1", passphrase=None, says="last key slot")

    def test_all_spares_what_was_just_added(self):
        add_key(self.image, b"other", "--key-slot=5")
        self.change("--rotate", "--wipe-slot=all", passphrase=PASSPHRASE)
        self.assertEqual(len(self.keyslots()), 1)
        self.assertTrue(self.world.opens_by_token(self.image)[0])

    def test_foreign_tokens_stay(self):
        add_key(self.image, b"other", "--key-slot=5")
        run(["cryptsetup", "token", "import", "--token-id=9", "--json-file=-", self.image],
            input=b'{"type": "zzz", "keyslots": ["5"]}')
        self.wipe("5")
        self.assertEqual(self.tokens(kind="zzz"), {9: {"type": "zzz", "keyslots": []}})
        self.assert_whole()

    def test_words_that_are_none(self):
        for word in ("nonsense", "99", "-1", "1x", ""):
            self.fails(f"--wipe-slot={word}", passphrase=None, code=2)

    def test_imported_or_not_it_needs_no_passphrase_and_no_module(self):
        self.world.module.stop()
        self.wipe("hsm4")
        self.assert_whole(tokens=0, keyslots=1)


class Telling(Enrolled):
    def test_dry_run(self):
        before = checksum(self.image), self.world.config.read_bytes()
        done = self.change("--dry-run", "--rotate", "--recovery-key", "--wipe-slot=password",
                           f"--header-backup={self.world.path}/backup")
        for step in ("save the header", "let the module lock it", "write key slot 2",
                     "remove the old key slot 1", "recovery key", "wipe key slot 0"):
            self.assertIn(step, done.stdout.decode())
        self.assertEqual((checksum(self.image), self.world.config.read_bytes()), before)
        self.assertFalse((self.world.path / "backup").exists())
        done = self.change("--dry-run", "--rotate", "--wipe-slot=hsm4")
        self.assertNotIn(b"wipe", done.stdout)
        steps = json.loads(self.change("--dry-run", "--json", "--ensure").stdout)
        self.assertEqual((steps["result"], len(steps["steps"])), ("planned", 1))

    def test_json_of_each_device(self):
        other = self.world.image("other")
        done = self.world.enroll("--json", self.image, other, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        failed, changed = map(json.loads, done.stdout.splitlines())
        self.assertEqual((failed["result"], failed["exit"], failed["device"]),
                         ("failed", 1, str(self.image)))
        self.assertIn("--rotate", failed["message"])
        self.assertEqual((changed["result"], changed["keyslot"], changed["token"]), ("changed", 1, 0))
        self.assertIn("development", changed["warnings"][0])
        self.assert_whole(other)

    def test_json_of_wrong_usage(self):
        done = run([ENROLL, "--json"], check=False)
        self.assertEqual((done.returncode, json.loads(done.stdout)["result"]), (2, "failed"))

    def test_header_backup(self):
        backup = self.world.path / "backup"
        before = self.world.header(self.image)
        self.change("--rotate", "--unlock-hsm4", f"--header-backup={backup}")
        self.assertEqual(stat.S_IMODE(backup.stat().st_mode), 0o600)
        run(["cryptsetup", "luksHeaderRestore", "-q", f"--header-backup-file={backup}", self.image])
        self.assertEqual(self.world.header(self.image), before)
        self.fails("--rotate", f"--header-backup={backup}")

    def test_list_in_words_of_systemd(self):
        listed = self.change("--list").stdout.decode()
        self.assertRegex(listed, r"(?m)^ *0 password +- *$")
        self.assertRegex(listed, r"(?m)^ *1 hsm4 +0  usable$")
        self.assertNotIn("\x1b", listed)

    def test_options_that_exclude_each_other(self):
        for words in (["--list", "--test"], ["--list", "--header-backup=x"], ["--list", "--rotate"], ["--test", "--wipe-slot=0"],
                      ["--rotate", "--ensure"], ["--ensure", "--change-pin"], ["--ahead", "--ensure"],
                      ["--unlock-hsm4", "--unlock-key-file=x"],
                      ["--import-locked-key=x", "--recovery-key"]):
            self.assertEqual(self.change(*words, check=False).returncode, 2, words)

    def test_no_prompt(self):
        self.fails("--rotate", "--no-prompt", passphrase=None, says="--unlock-key-file")

    def test_all_of_the_machine(self):
        for arguments in (["--all"], ["--all", "--rotate"]):
            self.assertEqual(run([ENROLL, *arguments], check=False).returncode, 2)

    @unittest.skipUnless(os.path.exists("/dev/loop-control"), "the kernel has no loop devices")
    def test_all_of_the_machine_finds_ours(self):
        other = self.world.image("without a token")
        devices = []
        for image in (self.image, other):
            devices.append(run(["losetup", "--find", "--show", image]).stdout.decode().strip())
            self.addCleanup(run, ["losetup", "--detach", devices[-1]])
        for action, result in (("--test", "opens"), ("--list", "listed")):
            # Other volumes of this machine, which may be other tests', are not judged.
            done = self.world.enroll(action, "--all", "--json", passphrase=None, check=False)
            found = {line["device"]: line for line in map(json.loads, done.stdout.splitlines())}
            self.assertEqual(found[devices[0]]["result"], result)
            self.assertNotIn(devices[1], found)

    def test_one_screen_of_help(self):
        lines = run([ENROLL, "--help"]).stdout.decode().splitlines()
        self.assertLessEqual(len(lines), 40)
        self.assertLessEqual(max(map(len, lines)), 80)


@unittest.skipUnless(FAULT_POINTS, "built without the option fault_points")
class AtTheSameTime(Enrolled):
    def stopped(self, step, *arguments):
        """A run that has stopped before its writing step number `step`."""
        environment = self.world.environment(**self.world.plugin_environment(),
                                             HSM4_FAULT_POINT=f"{step}:19")
        running = subprocess.Popen([ENROLL, "--unlock-key-file=-", *arguments, self.image],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment)
        self.addCleanup(running.kill)
        running.stdin.write(PASSPHRASE)
        running.stdin.close()
        running.stdin = None
        waiting = threading.Event()
        for _ in range(LIMIT * 50):
            with open(f"/proc/{running.pid}/stat", encoding="ascii") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "T":
                    return running
            waiting.wait(0.02)
        self.fail("it did not stop")

    def test_a_second_run_of_ours_waits_for_no_one(self):
        running = self.stopped(3, "--rotate")
        done = self.change("--rotate", passphrase=PASSPHRASE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"another hsm4-enroll", done.stderr)
        running.send_signal(18)
        self.assertEqual(running.wait(LIMIT), 0)
        self.assert_whole()

    def test_a_header_that_is_lost_meanwhile_comes_back(self):
        for step in range(2, 6):
            with self.subTest(step=step):
                self.image = self.world.image(f"image{step}")
                self.world.enroll(self.image)
                running = self.stopped(step, "--rotate")
                with open(self.image, "r+b") as file:
                    file.write(bytes(32 << 10))
                running.send_signal(18)
                self.assertIn(running.wait(LIMIT), (0, 1))
                self.assert_whole()

    def test_a_device_that_vanishes(self):
        away = self.world.path / "away"
        for step in range(1, 8):
            with self.subTest(step=step):
                self.image = self.world.image(f"image{step}")
                self.world.enroll(self.image)
                running = self.stopped(step, "--rotate")
                self.image.rename(away)
                running.send_signal(18)
                _, said = running.communicate(timeout=LIMIT)
                away.rename(self.image)
                self.assertEqual(running.returncode, 1, said)
                self.assertEqual(said.count(b"\n"), 1, said)
                self.assertTrue(self.world.opens_by_passphrase(self.image))
                self.assertTrue(self.world.opens_by_token(self.image)[0])
                self.change("--rotate", passphrase=PASSPHRASE)
                self.assert_whole()

    def test_another_program_adds_a_key_meanwhile(self):
        for step in range(2, 6):
            with self.subTest(step=step):
                self.image = self.world.image(f"image{step}")
                self.world.enroll(self.image)
                running = self.stopped(step, "--rotate")
                add_key(self.image, b"foreign key", "--key-slot=9")
                running.send_signal(18)
                running.wait(LIMIT)
                self.assertTrue(self.world.opens_by_passphrase(self.image, b"foreign key"))
                self.change("--ensure", passphrase=PASSPHRASE)
                self.assert_whole(keyslots=3)


if __name__ == "__main__":
    tap.main()
