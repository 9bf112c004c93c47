# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The vendor's software as a backend: enrol, open, import; and what its defects may not do."""

import base64
import json
import sys
import unittest

import fixture
import tap
import zymbit
from fixture import run
from zymbit import BOTH, BY_LIBRARY, BY_PROGRAM


class Vendor(unittest.TestCase):
    def setUp(self):
        self.world = zymbit.VendorWorld()
        self.addCleanup(self.world.__exit__)

    def tokens(self, image):
        return [token for token in self.world.header(image)["tokens"].values()
                if token["type"] == "hsm4"]

    def assert_opens(self, image):
        opened, said, _ = self.world.opens_by_token(image)
        self.assertTrue(opened, said)
        self.assertEqual(said, "")

    def assert_refused(self, image, says, within=30):
        opened, said, seconds = self.world.opens_by_token(image)
        self.assertFalse(opened)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertTrue(said.startswith("hsm4: "), said)
        self.assertIn(says, said)
        self.assertLess(seconds, within)
        return seconds


class Enrolling(Vendor):
    def test_enrols_and_opens_by_library_and_by_programs(self):
        for uri in BOTH:
            with self.subTest(uri=uri):
                self.world.use(uri)
                image = self.world.image("image-" + uri.partition(":")[0])
                self.world.enroll(image)
                self.assert_opens(image)
                token, = self.tokens(image)
                self.assertEqual(token["hsm4-backend"], "zymbit")
                self.assertEqual(token["hsm4-format"], "sealed-v1")
                self.assertNotIn("hsm4-public-key", token)

    def test_a_rotated_key_replaces_the_old_one(self):
        image = self.world.image()
        self.world.enroll(image)
        before, = self.tokens(image)
        self.world.enroll("--rotate", image)
        after, = self.tokens(image)
        self.assertNotEqual(before["hsm4-locked-key"], after["hsm4-locked-key"])
        self.assertNotIn(before["keyslots"][0], self.world.header(image)["keyslots"])
        self.assert_opens(image)

    def test_what_the_running_system_enrols_the_initramfs_opens(self):
        image = self.world.image()
        self.world.enroll(image)
        self.world.use(BY_PROGRAM)
        self.assert_opens(image)

    def test_both_conventions_of_return_codes(self):
        image = self.world.image()
        self.world.enroll(image)
        self.world.set_defects("wrapper")
        self.assert_opens(image)

    def test_libraries_that_lack_functions_serve(self):
        for age in ("2020", "bare"):
            with self.subTest(library=age):
                self.world.use(f"zymbit:{zymbit.SOFTWARE}/libzk_app_utils-{age}.so")
                image = self.world.image(age)
                self.world.enroll(image)
                self.assert_opens(image)

    def test_noise_of_the_vendors_code_is_not_heard(self):
        image = self.world.image()
        self.world.enroll(image)
        self.world.set_defects("noise", "leftover-thread", "hang-close")
        self.assert_opens(image)
        self.assertEqual(self.world.survivors(), [])

    def test_the_key_is_bound_to_its_volume(self):
        image = self.world.image()
        self.world.enroll(image)
        other = self.world.image("other")
        token, = self.tokens(image)
        key = self.world.path / "new-key"
        key.write_text("another key")
        run(["cryptsetup", "luksAddKey", "-q", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000",
             "--key-file=-", other, key], input=fixture.PASSPHRASE)
        run(["cryptsetup", "token", "import", "--disable-external-tokens", "--json-file=-", other],
            input=json.dumps(token).encode())
        self.assert_refused(other, "another volume")
        token["hsm4-format"] = "raw"
        run(["cryptsetup", "token", "remove", "--token-id=0", other])
        run(["cryptsetup", "token", "import", "--disable-external-tokens", "--json-file=-", other],
            input=json.dumps(token).encode())
        self.assert_refused(other, "calls it raw")

    def test_another_module_does_not_open(self):
        image = self.world.image()
        self.world.enroll(image)
        self.world.another_stand_in()
        for uri in BOTH:
            self.world.use(uri)
            self.assert_refused(image, "refused")


class Importing(Vendor):
    """A volume exactly as the vendor's scripts leave it, taken over without changing anything else."""

    def setUp(self):
        super().setUp()
        self.image, self.locked = self.world.vendor_volume()

    def import_key(self, check=True, locked=None, image=None):
        return self.world.enroll(f"--import-locked-key={locked or self.locked}", image or self.image,
                                 passphrase=None, check=check)

    def test_import_adds_a_token_and_nothing_else(self):
        before = self.world.header(self.image)
        self.assertTrue(self.world.opens_by_keyscript(self.image, self.locked))
        self.import_key()
        after = self.world.header(self.image)
        self.assertEqual(before["keyslots"], after["keyslots"])
        self.assertEqual(before["digests"], after["digests"])
        token, = self.tokens(self.image)
        self.assertEqual((token["keyslots"], token["hsm4-format"]), (["0"], "raw"))
        self.assertTrue(self.world.opens_by_keyscript(self.image, self.locked))

    def test_a_dry_run_says_it_and_a_backup_comes_first(self):
        backup = self.world.path / "backup"
        arguments = [f"--import-locked-key={self.locked}", f"--header-backup={backup}", self.image]
        before = self.world.header(self.image), self.world.config.read_bytes()
        planned = self.world.enroll("--dry-run", *arguments, passphrase=None).stdout
        self.assertIn(b"would write a token for key slot 0", planned)
        self.assertEqual((self.world.header(self.image), self.world.config.read_bytes()), before)
        self.assertFalse(backup.exists())
        self.world.enroll(*arguments, passphrase=None)
        self.assertEqual(len(self.tokens(self.image)), 1)
        run(["cryptsetup", "luksHeaderRestore", "-q", f"--header-backup-file={backup}", self.image])
        self.assertEqual(self.world.header(self.image), before[0])

    def test_opens_unattended_by_library_and_by_programs(self):
        self.import_key()
        for uri in BOTH:
            self.world.use(uri)
            self.assert_opens(self.image)

    def test_rotation_adds_a_sealed_key_and_keeps_the_vendors_slot(self):
        self.import_key()
        self.world.enroll("--rotate", "--unlock-hsm4", self.image, passphrase=None)
        formats = {token["keyslots"][0]: token["hsm4-format"] for token in self.tokens(self.image)}
        self.assertEqual(formats, {"0": "raw", "1": "sealed-v1"})
        self.assertTrue(self.world.opens_by_keyscript(self.image, self.locked))
        self.assert_opens(self.image)
        self.world.enroll("--wipe-slot=0", "--unlock-hsm4", self.image, passphrase=None)
        token, = self.tokens(self.image)
        self.assertEqual((token["keyslots"], token["hsm4-format"]), (["1"], "sealed-v1"))
        self.assertFalse(self.world.opens_by_keyscript(self.image, self.locked))
        for uri in BOTH:
            self.world.use(uri)
            self.assert_opens(self.image)

    def test_finds_the_slot_by_trying(self):
        key = self.world.path / "key"
        key.write_bytes(bytes(range(256)) * 2)
        image = self.world.image("two-keys")
        run(["cryptsetup", "luksAddKey", "-q", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000",
             "--key-slot=5", "--key-file=-", image, key], input=fixture.PASSPHRASE)
        self.import_key(image=image, locked=self.world.lock_as_the_vendor_does(key))
        self.assertEqual(self.tokens(image)[0]["keyslots"], ["5"])
        self.assert_opens(image)

    def test_rotating_keeps_the_vendors_way_until_it_is_wiped(self):
        self.import_key()
        for _ in range(2):
            self.world.enroll("--rotate", "--unlock-hsm4", self.image, passphrase=None)
            self.assertEqual(sorted(token["hsm4-format"] for token in self.tokens(self.image)),
                             ["raw", "sealed-v1"])
            self.assertTrue(self.world.opens_by_keyscript(self.image, self.locked))
        self.world.enroll("--wipe-slot=0", self.image, passphrase=None)
        token, = self.tokens(self.image)
        self.assertEqual(token["hsm4-format"], "sealed-v1")
        self.assertFalse(self.world.opens_by_keyscript(self.image, self.locked))
        self.assert_opens(self.image)

    def test_a_second_import_and_a_foreign_volume_are_refused(self):
        self.import_key()
        again = self.import_key(check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn(b"has a token already", again.stderr)
        other = self.world.image("other")
        foreign = self.import_key(check=False, image=other)
        self.assertEqual(foreign.returncode, 1)
        self.assertIn(b"opens no key slot", foreign.stderr)
        self.assertEqual(self.tokens(other), [])

    def test_what_is_no_vendor_key_is_refused(self):
        sealed = self.world.image("sealed")
        self.world.enroll(sealed)
        token, = self.tokens(sealed)
        blob = self.world.path / "blob"
        blob.write_bytes(base64.b64decode(token["hsm4-locked-key"]))
        done = self.import_key(check=False, locked=blob)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"calls it raw", done.stderr)
        blob.write_bytes(b"x" * 600)
        self.assertEqual(self.import_key(check=False, locked=blob).returncode, 1)
        for unfit in (b"", b"x" * 5000):
            blob.write_bytes(unfit)
            self.assertEqual(self.import_key(check=False, locked=blob).returncode, 1)
        self.world.use("unix:/nonexistent/module.sock")
        done = self.import_key(check=False)
        self.assertIn(b"another kind of module", done.stderr)
        self.assertEqual(self.tokens(self.image), [])


# Defects, the line's words, and the errno of the plugin's contract; for the library, the programs.
BY_LIBRARY_DEFECTS = {
    "hang": ("hung", "EAGAIN"),
    "hang-open": ("hung", "EAGAIN"),
    "timeout": ("wake pin", "EAGAIN"),
    "crash": ("crashed", "EAGAIN"),
    "refuse": ("refused", "ENOENT"),
    "unverified": ("did not make", "ENOENT"),
    "unverified wrapper": ("did not make", "ENOENT"),
    "unverified-output": ("not in the expected format", "ENOENT"),
    "unbound": ("not bound", "ENOENT"),
    "foreign": ("does not accept this board", "ENOENT"),
}
BY_PROGRAM_DEFECTS = {
    "hang": ("hung", "EAGAIN"),
    "timeout": ("wake pin", "ENOENT"),
    "empty": ("refused", "ENOENT"),
    "unverified": ("refused", "ENOENT"),
    "unverified-output": ("not in the expected format", "ENOENT"),
}
NUMBERS = {"EAGAIN": -11, "ENOENT": -2}

# Opens by token inside this process, as cryptsetup would, and then looks at what is left of it.
IN_PROCESS = """
import ctypes, os, sys
library = ctypes.CDLL("libcryptsetup.so.12")
device = ctypes.c_void_p()
assert library.crypt_init(ctypes.byref(device), os.fsencode(sys.argv[1])) == 0
assert library.crypt_load(device, b"LUKS2", None) == 0
descriptors = set(os.listdir("/proc/self/fd"))
print(library.crypt_activate_by_token(device, None, 0, None, 0))
print(len(os.listdir("/proc/self/task")))
try:
    print(os.waitpid(-1, os.WNOHANG))
except ChildProcessError:
    print("no child")
print(set(os.listdir("/proc/self/fd")) <= descriptors)
"""


class Defects(Vendor):
    def setUp(self):
        super().setUp()
        self.image = self.world.image()
        self.world.enroll(self.image)

    def in_process(self):
        """(errno, threads, children, no descriptor more)"""
        environment = self.world.environment(**self.world.plugin_environment())
        redirect = IN_PROCESS
        if fixture.cryptsetup_version() >= (2, 7):
            redirect = redirect.replace(
                "device = ", f"library.crypt_token_set_external_path(b'{fixture.PLUGIN_DIR}')\ndevice = ", 1)
        done = run([sys.executable, "-c", redirect, self.image], env=environment)
        return done.stdout.decode().split("\n")[:4]

    def check(self, uri, defects):
        for words, (says, name) in defects.items():
            with self.subTest(uri=uri, defect=words):
                self.world.use(uri)
                self.world.set_defects(*words.split())
                self.assert_refused(self.image, says)
                self.assertTrue(self.world.opens_by_passphrase(self.image))
                self.assertEqual(self.in_process(),
                                 [str(NUMBERS[name]), "1", "no child", "True"])
                self.assertEqual(self.world.survivors(), [])

    def test_each_defect_of_the_library_is_one_line_and_one_errno(self):
        self.check(BY_LIBRARY, BY_LIBRARY_DEFECTS)

    def test_each_defect_of_the_programs_is_one_line_and_one_errno(self):
        self.check(BY_PROGRAM, BY_PROGRAM_DEFECTS)

    def test_a_hang_ends_after_the_default_wait(self):
        for uri in BOTH:
            with self.subTest(uri=uri):
                self.world.set_defects("hang")
                self.world.use(uri, wait=None)
                self.assertGreater(self.assert_refused(self.image, "hung"), 9)

    def test_a_long_wait_does_not_hold_up_a_boot_for_long(self):
        self.world.set_defects("hang")
        self.world.use(BY_LIBRARY, wait=600)
        self.assert_refused(self.image, "hung", within=35)

    def test_a_module_that_binds_late_opens(self):
        self.world.set_defects("flaky-4")
        self.world.use(BY_LIBRARY, wait=10)
        self.world.calls() and (self.world.stand_in / "calls").unlink()
        self.assert_opens(self.image)

    def test_missing_software_is_said_at_once(self):
        for uri in ("zymbit:/nonexistent/libzk_app_utils.so", "zymbit-exec:/nonexistent/zkunlockifs",
                    f"zymbit:{zymbit.SOFTWARE}/libzk_app_utils-crippled.so"):
            with self.subTest(uri=uri):
                self.world.use(uri, wait=600)
                self.assert_refused(self.image, "install or update the vendor's packages", within=20)

    def test_programs_do_not_run_beside_zkifc(self):
        self.world.use(BY_PROGRAM)
        before = self.world.calls()
        with self.world.zkifc():
            self.assert_refused(self.image, "zkifc owns the module")
        self.assertEqual(self.world.calls(), before)
        self.assert_opens(self.image)


if __name__ == "__main__":
    tap.main()
