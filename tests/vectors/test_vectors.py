# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Runs the vector drivers on what the second implementation makes, on other people's vectors where
they stand beside the checkout (../shared/vectors), and on vectors that are wrong."""

import copy
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "integration"))

import make_cose  # noqa: E402
import make_vectors  # noqa: E402
import noise  # noqa: E402
import t1  # noqa: E402
import tap  # noqa: E402

DRIVERS = pathlib.Path(os.environ["HSM4_BUILD"]) / "tests"
OTHERS = HERE.parents[2] / "shared/vectors"
LIMIT = 300  # seconds; with sanitizers on a small machine


class Outcome:
    """What a driver said: its exit code, its lines, and the numbers of the last one."""

    def __init__(self, driver, *files):
        done = subprocess.run([DRIVERS / f"{driver}-vectors", *files], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=LIMIT, check=False, text=True)
        self.code, self.text, self.errors = done.returncode, done.stdout, done.stderr
        last = self.text.splitlines()[-1] if self.text else ""
        found = re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped", last)
        self.passed, self.failed, self.skipped = map(int, found.groups()) if found else (None,) * 3

    def __repr__(self):
        return f"exit code {self.code}\n{self.text}{self.errors}"


class Scratch(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="hsm4-vectors-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def write(self, content, name="vectors.json"):
        path = self.directory / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path


class SecondImplementation(Scratch):
    def setUp(self):
        super().setUp()
        self.seed = random.SystemRandom().getrandbits(32)
        print(f"# seed {self.seed}")
        make_vectors.write_all(self.directory, self.seed)

    def check(self, driver, *names):
        files = [self.directory / f"{name}.json" for name in names]
        wanted = 0
        for file in files:
            content = json.loads(file.read_text("utf-8"))
            wanted += len(content["vectors"] if isinstance(content, dict) else content)
        outcome = Outcome(driver, *files)
        self.assertEqual((outcome.code, outcome.passed, outcome.failed, outcome.skipped),
                         (0, wanted, 0, 0), outcome)

    def test_noise(self):
        self.check("noise", "noise")

    def test_cose(self):
        self.check("cose", "cose-encrypt0", "cose-sign1")

    def test_t1(self):
        self.check("t1", "t1")


@unittest.skipUnless(OTHERS.is_dir(), "no shared/vectors beside the checkout")
class OtherPeople(unittest.TestCase):
    """None may fail. At least so many must pass, so that not all are skipped unseen."""

    def check(self, driver, pattern, at_least):
        files = sorted(OTHERS.glob(pattern))
        self.assertTrue(files)
        outcome = Outcome(driver, *files)
        self.assertEqual((outcome.code, outcome.failed), (0, 0), outcome)
        self.assertGreaterEqual(outcome.passed, at_least, outcome)

    def test_noise(self):
        self.check("noise", "noise-*.json", 24)

    def test_cose(self):
        self.check("cose", "cose/*.json", 6)

    def test_t1(self):
        self.check("t1", "t1prime-*.json", 26)

    def test_the_second_implementation_agrees_on_noise(self):
        for file in OTHERS.glob("noise-*.json"):
            for vector in json.loads(file.read_text("utf-8"))["vectors"]:
                self.assertEqual(rederive(vector), [m["ciphertext"] for m in vector["messages"]])

    def test_the_second_implementation_agrees_on_t1(self):
        for file in OTHERS.glob("t1prime-*.json"):
            for vector in json.loads(file.read_text("utf-8")):
                nad, pcb = int(vector["nad"], 16), int(vector["pcb"], 16)
                frame = t1.encode(nad, pcb, bytes.fromhex(vector["inf"]))
                self.assertEqual(frame.hex(), vector["frame"])


def rederive(vector):
    """The ciphertexts that noise.py makes of a vector's keys and payloads."""
    def get(name):
        value = vector.get(name)
        return bytes.fromhex(value[0] if isinstance(value, list) else value) if value else None

    host = noise.Handshake(vector["protocol_name"], True, get("init_prologue") or b"",
                           rs=get("init_remote_static"), psk=get("init_psks"), e=get("init_ephemeral"))
    module = noise.Handshake(vector["protocol_name"], False, get("resp_prologue") or b"",
                             s=get("resp_static"), psk=get("resp_psks"), e=get("resp_ephemeral"))
    payloads = [bytes.fromhex(message["payload"]) for message in vector["messages"]]
    made = [host.write_message(payloads[0])]
    module.read_message(made[0])
    made.append(module.write_message(payloads[1]))
    host.read_message(made[1])
    ends = (host.split()[0], module.split()[0])
    return [message.hex() for message in made] + [
        ends[at % 2].encrypt(payload).hex() for at, payload in enumerate(payloads[2:])]


def flipped(text):
    """The same hexadecimal text with one bit changed, in its last byte."""
    return text[:-2] + f"{int(text[-2:], 16) ^ 1:02x}"


class WrongVectors(Scratch):
    """A driver that cannot fail proves nothing."""

    def outcome(self, driver, content):
        return Outcome(driver, self.write(content))

    def assert_one_failure(self, driver, content, says):
        outcome = self.outcome(driver, content)
        self.assertEqual((outcome.code, outcome.passed, outcome.failed), (1, 0, 1), outcome)
        self.assertIn(says, outcome.text)
        return outcome

    def noise_vector(self, pattern="NKpsk0"):
        vectors = make_vectors.noise_vectors(random.Random(1))["vectors"]
        return next(vector for vector in vectors if pattern + "_" in vector["protocol_name"]
                    and vector["init_prologue"] and vector["messages"][0]["payload"])

    def test_every_wrong_field_of_a_noise_vector(self):
        good = self.noise_vector()
        self.assertEqual(self.outcome("noise", [good]).passed, 1)
        for name in ("init_prologue", "resp_prologue", "init_ephemeral", "resp_ephemeral",
                     "init_remote_static", "resp_static", "handshake_hash"):
            # Clamping hides the last bits of a private key and so does X25519 for the very last one.
            wrong = {**good, name: flipped(good[name][:-20]) + good[name][-20:]}
            with self.subTest(name):
                self.assert_one_failure("noise", [wrong], "")
        for name in ("init_psks", "resp_psks"):
            with self.subTest(name):
                self.assert_one_failure("noise", [{**good, name: [flipped(good[name][0])]}], "")

    def test_every_wrong_message_of_a_noise_vector(self):
        good = self.noise_vector()
        for index in range(len(good["messages"])):
            for name in ("payload", "ciphertext"):
                wrong = copy.deepcopy(good)
                wrong["messages"][index][name] = flipped(wrong["messages"][index][name])
                with self.subTest(index=index, name=name):
                    self.assert_one_failure("noise", [wrong], f"message {index + 1}: ")

    def test_a_transport_message_of_the_wrong_direction(self):
        wrong = self.noise_vector()
        wrong["messages"][2]["from"] = "resp"
        self.assert_one_failure("noise", [wrong], "message 3: ciphertext differs")

    def test_a_missing_field_is_named(self):
        good = self.noise_vector()
        for name in ("init_ephemeral", "resp_ephemeral", "resp_static", "init_psks", "resp_psks",
                     "messages"):
            wrong = {key: value for key, value in good.items() if key != name}
            with self.subTest(name):
                self.assert_one_failure("noise", [wrong], name)
        wrong = copy.deepcopy(good)
        del wrong["messages"][3]["ciphertext"]
        self.assert_one_failure("noise", [wrong], "message 4: ciphertext is missing")
        self.assert_one_failure("noise", [{"messages": []}], "protocol_name is missing")
        self.assert_one_failure("noise", [{**good, "init_psks": []}], "init_psks")
        self.assert_one_failure("noise", [{**good, "init_ephemeral": "00"}], "init_ephemeral")
        self.assert_one_failure("noise", [{**good, "init_prologue": 7}], "init_prologue")

    def test_what_may_be_left_out(self):
        good = self.noise_vector("NK")
        for name in ("init_psks", "resp_psks", "handshake_hash", "init_remote_static"):
            del good[name]
        good["messages"] = good["messages"][:2]
        self.assertEqual(self.outcome("noise", good).passed, 1)

    def test_other_suites_are_skipped_by_name(self):
        good = self.noise_vector()
        names = ["Noise_XX_25519_ChaChaPoly_SHA256", "Noise_NKpsk0_25519_ChaChaPoly_BLAKE2s",
                 "Noise_NK_448_AESGCM_SHA256", "Noise_NKpsk2_25519_AESGCM_SHA256"]
        outcome = self.outcome("noise", [good] + [{**good, "protocol_name": name} for name in names])
        self.assertEqual((outcome.code, outcome.passed, outcome.failed, outcome.skipped),
                         (0, 1, 0, len(names)), outcome)
        for name in names:
            self.assertIn(f"skipped 1: {name}\n", outcome.text)

    def test_wrong_t1_vectors(self):
        good = make_vectors.t1_vectors(random.Random(1))[1]
        for name in ("nad", "pcb", "inf", "frame"):
            with self.subTest(name):
                self.assert_one_failure("t1", [{**good, name: flipped(good[name])}], good["name"])
                wrong = {key: value for key, value in good.items() if key != name}
                self.assert_one_failure("t1", [wrong], f"{name} is missing")
        self.assert_one_failure("t1", [{**good, "fail": True}], "must be refused")

    def wrong_cose(self, good, section, key_holder, key_name):
        def change(*path):
            wrong = copy.deepcopy(good)
            place = wrong
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = flipped(place[path[-1]])
            return wrong

        self.assertEqual(self.outcome("cose", good).passed, 1)
        for path in (("output", "cbor"), ("input", section, "external"), (*key_holder, key_name)):
            with self.subTest(path):
                self.assert_one_failure("cose", change(*path), good["title"])
        wrong = copy.deepcopy(good)
        wrong["input"]["plaintext"] += "."
        self.assert_one_failure("cose", wrong, "content differs")
        self.assert_one_failure("cose", {**good, "fail": True}, "must be refused")
        wrong = copy.deepcopy(good)
        del wrong["output"]
        self.assert_one_failure("cose", wrong, "cbor is missing")

    def test_wrong_encrypt0_examples(self):
        good = next(example for example in make_cose.encrypt0_examples(random.Random(1))
                    if example["title"] == "A256GCM: plain" and "external" in example["input"]["encrypted"])
        self.wrong_cose(good, "encrypted", ("intermediates",), "CEK_hex")
        self.assert_one_failure("cose", {**good, "intermediates": {}}, "CEK_hex is missing")

    def test_wrong_sign1_examples(self):
        good = next(example for example in make_cose.sign1_examples(random.Random(1))
                    if example["title"] == "EdDSA: plain" and "external" in example["input"]["sign0"])
        self.wrong_cose(good, "sign0", ("input", "sign0", "key"), "x_hex")
        del good["input"]["sign0"]["key"]["x_hex"]
        self.assert_one_failure("cose", good, "x is missing")

    def test_other_cose_structures_are_skipped_by_name(self):
        sign = {"key": {"crv": "P-256"}, "alg": "ES256"}
        outcome = self.outcome("cose", [
            {"title": "a", "input": {"plaintext": "", "mac0": {}}},
            {"title": "b", "input": {"plaintext": "", "sign0": sign}},
            {"title": "c", "input": {"plaintext": "", "encrypted": {"protected": {"alg": "AES-CCM-16-64-128"}}}}])
        self.assertEqual((outcome.code, outcome.skipped), (0, 3), outcome)
        for name in ("structure mac0", "COSE_Sign1 ES256 P-256", "COSE_Encrypt0 AES-CCM-16-64-128"):
            self.assertIn(f"skipped 1: {name}\n", outcome.text)

    def test_files_that_are_no_vectors(self):
        for driver in ("noise", "cose", "t1"):
            with self.subTest(driver):
                outcome = Outcome(driver)
                self.assertEqual(outcome.code, 2)
                self.assertIn("usage: ", outcome.errors)
                for path in (self.directory / "absent.json", self.directory, self.write("[{]")):
                    outcome = Outcome(driver, path)
                    self.assertEqual((outcome.code, outcome.failed), (2, 1), outcome)
                    self.assertIn(str(path), outcome.text)
                self.assert_one_failure(driver, [], "holds no vectors")
                for odd in ([None], [[]], ["text"], {}, {"vectors": [7]}):
                    self.assertEqual(self.outcome(driver, odd).code, 1, odd)


if __name__ == "__main__":
    tap.main()
