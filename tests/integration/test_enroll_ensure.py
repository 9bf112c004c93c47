# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Tokens that lost their worth: recognised, named with what mends them, and replaced by --ensure."""

import json

import tap
from enrolling import Enrolled, checksum, key_in_the_module
from fixture import PASSPHRASE, run

QUICK = ("--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000")


class Ensuring(Enrolled):
    def test_a_valid_token_stays(self):
        before = checksum(self.image)
        done = self.change("--ensure")
        self.assertIn(b"nothing to do", done.stdout)
        self.assertEqual(checksum(self.image), before)
        self.assertEqual(json.loads(self.change("--ensure", "--json").stdout)["result"], "kept")

    def test_wiping_in_the_same_run_spares_it(self):
        done = self.change("--dry-run", "--ensure", "--wipe-slot=hsm4")
        self.assertNotIn(b"wipe", done.stdout)
        self.change("--ensure", "--wipe-slot=hsm4", passphrase=PASSPHRASE)
        self.assert_whole()
        self.assertEqual(self.tokens()[0], self.first)

    def test_a_missing_one_is_added(self):
        image = self.world.image("new")
        self.world.enroll("--ensure", image)
        self.assert_whole(image)

    def test_a_broken_one_is_replaced(self):
        run(["cryptsetup", "luksUUID", "-q", "--uuid=0c1f6a9e-5f0e-4d0d-9f0a-0123456789ab", self.image])
        self.change("--ensure", passphrase=PASSPHRASE)
        self.assert_whole()

    def test_a_reencrypted_volume_gets_a_new_one(self):
        run(["cryptsetup", "reencrypt", "-q", *QUICK, "--key-slot=0", "--disable-external-tokens",
             "--force-offline-reencrypt", "--key-file=-", self.image], input=PASSPHRASE)
        self.change("--ensure", passphrase=PASSPHRASE)
        self.assert_whole()
        self.assertEqual(len(self.pins()), 1)

    def test_a_killed_slot_is_replaced(self):
        run(["cryptsetup", "luksKillSlot", "-q", "--disable-external-tokens", self.image, "1"])
        self.change("--ensure", passphrase=PASSPHRASE)
        self.assert_whole()

    def test_another_modules_token_stays_beside_the_new_one(self):
        other = self.world.another_module().start()
        self.world.set_config(f"device = {other.uri}\nwait = 1")
        self.world.ctl("bind", f"--component=board-serial {self.world.identity}")
        self.change("--ensure", passphrase=PASSPHRASE)
        self.assertEqual(self.tokens()[0], self.first)
        self.assertEqual(self.states()[1][0], "usable")
        self.assert_whole(tokens=2, keyslots=3)
        self.assertIn(b"nothing to do", self.change("--ensure").stdout)

    def damage(self, keyslots):
        run(["cryptsetup", "token", "remove", "--token-id=0", self.image])
        run(["cryptsetup", "token", "import", "--disable-external-tokens", "--token-id=0",
             "--json-file=-", self.image],
            input=json.dumps({"type": "hsm4", "keyslots": keyslots, "hsm4-version": "?"}).encode())

    def test_a_damaged_token_stays_until_it_is_wiped(self):
        """Whose it was cannot be read, so it is nobody's to replace."""
        self.damage(["1"])
        self.assertEqual(self.states()[0][0], "damaged")
        self.assertIn("--wipe-slot", self.states()[0][1])
        self.fails("--test", passphrase=None, says="--wipe-slot")
        self.change("--ensure", passphrase=PASSPHRASE)
        self.assert_whole(tokens=2, keyslots=3)
        self.change("--wipe-slot=1")
        self.assert_whole()

    def test_a_damaged_token_without_a_slot_goes(self):
        """The slot that it once had is anybody's now."""
        self.damage([])
        self.change("--ensure", passphrase=PASSPHRASE)
        self.assert_whole(keyslots=3)

    def test_by_the_module_alone_nothing_opens_what_was_revoked(self):
        self.world.ctl("revoke", "--give-up", self.image)
        self.fails("--ensure", "--unlock-hsm4", passphrase=None, says="enrol again")


class Revoked(Enrolled):
    """The module refuses keys of an old generation, for good."""

    def setUp(self):
        super().setUp()
        self.world.ctl("revoke", "--give-up", self.image)

    def test_is_told(self):
        self.fails("--test", passphrase=None, says="enrol again")

    def test_is_replaced(self):
        done = self.change("--ensure", passphrase=PASSPHRASE)
        self.assertIn(b"Removed the old token 0, key slot 1", done.stdout)
        self.assert_whole()
        self.assertEqual(len(self.pins()), 1)
        self.assertIn(b"nothing to do", self.change("--ensure").stdout)

    def test_is_replaced_by_rotating(self):
        self.change("--rotate", passphrase=PASSPHRASE)
        self.assert_whole()

    def test_a_run_is_planned_by_it(self):
        done = self.change("--ensure", "--dry-run")
        self.assertIn(b"remove the old key slot 1", done.stdout)

    def test_a_valid_one_beside_it_is_kept(self):
        """As an interrupted rotation by hand leaves them."""
        backup = self.first
        self.change("--rotate", passphrase=PASSPHRASE)
        run(["cryptsetup", "token", "import", "--disable-external-tokens", "--token-id=0",
             "--json-file=-", self.image], input=json.dumps({**backup, "keyslots": []}).encode())
        self.change("--ensure", passphrase=PASSPHRASE)
        self.assert_whole()


class NothingKnown(Enrolled):
    """What is in the way is not the token: nothing may be taken away."""

    def refuses(self, *arguments, says, **options):
        self.fails("--ensure", *arguments, passphrase=None, says=says, **options)
        self.fails("--ensure", "--wipe-slot=hsm4,password", *arguments, says=says, **options)

    def test_module_away(self):
        self.world.module.stop()
        self.refuses(says="no module answers")

    def test_module_that_does_not_know_this_host(self):
        self.world.identity.write_text("20000000abcdef02\n")
        self.refuses(says="refused")

    def test_module_that_is_shut(self):
        before = self.world.identity.read_text()
        self.world.identity.write_text("20000000abcdef02\n")
        for _ in range(3):
            self.world.opens_by_token(self.image)
        self.world.identity.write_text(before)
        self.refuses(says="hsm4ctl status")

    def test_plugin_missing(self):
        self.refuses(says="libcryptsetup-token-hsm4.so", env={"HSM4_TEST_TOKEN_PATH": "/nonexistent"})


class ChangedKey(Enrolled):
    """cryptsetup luksChangeKey on the token's slot: the token stays, and its key opens nothing."""

    NEW = b"what somebody chose"

    def test_is_recognised(self):
        self.change_key(self.NEW, *QUICK)
        state, remedy = self.states()[0]
        self.assertEqual(state, "key-changed")
        self.assertIn("hsm4-enroll --rotate", remedy)
        self.fails("--test", passphrase=None, says="hsm4-enroll --rotate")

    def assert_mended(self, said):
        """A new token, and a key that its owner still has."""
        (token,) = self.tokens().values()
        self.assertNotEqual(token["hsm4-locked-key"], self.first["hsm4-locked-key"])
        self.assert_whole(keyslots=3)
        self.assertTrue(self.world.opens_by_passphrase(self.image, self.NEW))
        self.assertIn(b"key slot 1", said)
        self.assertEqual(len(self.pins()), 1)

    def test_is_mended_as_told(self):
        self.change_key(self.NEW, *QUICK)
        self.assertIn(b"leave key slot 1", self.change("--rotate", "--dry-run").stdout)
        self.assert_mended(self.change("--rotate", passphrase=PASSPHRASE).stderr)

    def test_is_mended_by_ensure(self):
        self.change_key(self.NEW, *QUICK)
        self.assert_mended(self.change("--ensure", passphrase=self.NEW).stderr)

    def test_with_parameters_that_look_like_ours(self):
        self.change_key(self.NEW, *QUICK, "--hash=sha512")
        self.assertEqual(self.states()[0][0], "usable")  # as far as the header shows
        self.fails("--test", passphrase=None, says="hsm4-enroll --rotate")
        self.assert_mended(self.change("--ensure", passphrase=PASSPHRASE).stderr)

    def test_other_parameters_for_the_same_key_are_no_change(self):
        self.change_key(key_in_the_module(self.world, self.image), *QUICK)
        self.assertTrue(self.world.opens_by_token(self.image)[0])
        self.assertIn(b"opens", self.change("--test").stdout)
        self.assertIn(b"nothing to do", self.change("--ensure").stdout)
        self.change("--rotate", passphrase=PASSPHRASE)
        self.assert_whole()


if __name__ == "__main__":
    tap.main()
