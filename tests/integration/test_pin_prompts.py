# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The PIN at cryptsetup's own prompt, on a terminal. systemd's asks at boot: tests/vm/scenarios/data_amd64.py."""

import fixture
import tap
from enrolling import Bound
from prompting import Conversation

PIN = b"8472"


class Cryptsetup(Bound):
    def setUp(self):
        super().setUp()
        path = self.world.path / "pin"
        path.write_bytes(PIN)
        self.world.enroll("--with-pin", f"--pin-file={path}", self.image)

    def start(self, *arguments):
        redirect = []
        if fixture.cryptsetup_version() >= (2, 7):
            redirect = [f"--external-tokens-path={fixture.PLUGIN_DIR}"]
        variables = self.world.environment(**self.world.plugin_environment())
        return Conversation(["/usr/sbin/cryptsetup", *redirect, "open", "--test-passphrase", *arguments,
                             self.image], variables)

    def test_the_pin(self):
        talk = self.start("--token-only")
        talk.expect(b"token PIN")
        talk.answer(PIN)
        self.assertEqual(talk.end(), 0, talk.said)
        self.assertNotIn(PIN, talk.said)

    def test_a_wrong_pin_first(self):
        talk = self.start("--token-only")
        talk.expect(b"token PIN")
        talk.answer(b"wrong")
        talk.expect(b"tries left: 4")
        talk.expect(b"token PIN")
        talk.answer(PIN)
        self.assertEqual(talk.end(), 0, talk.said)

    def test_a_passphrase_where_no_token_is_asked_for(self):
        talk = self.start()
        talk.expect(b"passphrase")
        talk.answer(fixture.PASSPHRASE)
        self.assertEqual(talk.end(), 0, talk.said)


if __name__ == "__main__":
    tap.main()
