# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""COSE examples in the schema of the COSE working group: sound ones, and one for each way to go wrong."""

import base64

import cbor2

import cose

WORDS = "the key never lies on the card in a form that the card alone can open ".split(" ")
GCM_NAMES = {16: "A128GCM", 24: "A192GCM", 32: "A256GCM"}


def _text(rng, words):
    return " ".join(rng.choice(WORDS) for _ in range(words))


def _example(title, section_name, section, plaintext, external, intermediates, message, fail=False):
    if external:
        section["external"] = external.hex()
    found = {"title": title, "input": {"plaintext": plaintext, section_name: section},
             "intermediates": intermediates, "output": {"cbor": message.hex().upper()}}
    if fail:
        found["fail"] = True
    return found


class _Encrypt0:
    """One key, IV and plaintext, and the examples that can be made of them."""

    def __init__(self, rng, key_size, words, external_size):
        self.key, self.iv = rng.randbytes(key_size), rng.randbytes(12)
        self.plaintext, self.external = _text(rng, words), rng.randbytes(external_size)
        self.alg = cose.GCM_BY_KEY_SIZE[key_size]

    def message(self, **changes):
        changes = {"iv": self.iv, "external": self.external, **changes}
        return cose.encrypt0(self.key, plaintext=self.plaintext.encode(), **changes)

    def example(self, title, message, fail=False):
        name = GCM_NAMES[len(self.key)]
        key = base64.urlsafe_b64encode(self.key).decode().rstrip("=")
        section = {"protected": {"alg": name},
                   "recipients": [{"key": {"kty": "oct", "k": key}, "unprotected": {"alg": "direct"}}]}
        return _example(f"{name}: {title}", "encrypted", section, self.plaintext, self.external,
                        {"CEK_hex": self.key.hex()}, message, fail)

    def sound(self):
        alg = {cose.ALG: self.alg}
        return [
            self.example("plain", self.message()),
            self.example("key id", self.message(unprotected={cose.IV: self.iv, cose.KID: b"11"})),
            self.example("content type", self.message(protected={**alg, cose.CONTENT_TYPE: 0})),
            self.example("own label", self.message(unprotected={cose.IV: self.iv, "x": [1, {2: "3"}]})),
            self.example("protected IV", self.message(protected={**alg, cose.IV: self.iv}, unprotected={})),
        ]

    def damaged(self):
        alg, iv = {cose.ALG: self.alg}, {cose.IV: self.iv}
        sound = self.message()
        parts = cbor2.loads(sound).value
        wrong_alg = {cose.ALG: self.alg % 3 + 1}
        changes = {
            "another tag": self.message(tag=995),
            "tag of Sign1": self.message(tag=cose.TAG_SIGN1),
            "unknown algorithm": self.message(protected={cose.ALG: -999}),
            "algorithm as text": self.message(protected={cose.ALG: "unknown"}),
            "algorithm of another key length": self.message(protected=wrong_alg),
            "no algorithm": self.message(protected={}),
            "algorithm twice": self.message(unprotected={**iv, cose.ALG: self.alg}),
            "critical": self.message(protected={**alg, cose.CRIT: [-70000], -70000: 1}),
            "critical, unprotected": self.message(unprotected={**iv, cose.CRIT: [-70000]}),
            "no IV": self.message(unprotected={}),
            "partial IV": self.message(unprotected={6: self.iv[-2:]}),
            "IV twice": self.message(protected={**alg, cose.IV: self.iv}),
            "IV of 8 bytes": self.message(iv=self.iv[:8], unprotected={cose.IV: self.iv[:8]}),
            "IV of 13 bytes": self.message(iv=self.iv + b"1", unprotected={cose.IV: self.iv + b"1"}),
            "IV as text": self.message(unprotected={cose.IV: "A" * 12}),
            "other external data": self.message(external=self.external + b"\0"),
            "header added": self._from([cose.cbor({**alg, cose.CONTENT_TYPE: 0}), *parts[1:]]),
            "header is no map": self._from([cose.cbor([1, self.alg]), *parts[1:]]),
            "header is no byte string": self._from([alg, *parts[1:]]),
            "unprotected is no map": self._from([parts[0], [], parts[2]]),
            "cipher text changed": self._from([*parts[:2], parts[2][:-1] + bytes([parts[2][-1] ^ 1])]),
            "cipher text cut off": self._from([*parts[:2], parts[2][:-1]]),
            "cipher text shorter than its tag": self._from([*parts[:2], parts[2][:15]]),
            "cipher text empty": self._from([*parts[:2], b""]),
            "cipher text detached": self._from([*parts[:2], None]),
            "one element more": self._from([*parts, b""]),
            "one element less": self._from(parts[:2]),
            "bytes behind": sound + b"\0",
            "cut off": sound[:-1],
            "length of 2^63": sound[:1] + b"\x83\x5b\x80" + bytes(7) + sound[2:],
        }
        return [self.example(title, message, fail=True) for title, message in changes.items()]

    @staticmethod
    def _from(parts):
        return cose.cbor(cbor2.CBORTag(cose.TAG_ENCRYPT0, parts))


class _Sign1:
    def __init__(self, rng, words, external_size):
        self.seed = rng.randbytes(32)
        self.payload, self.external = _text(rng, words), rng.randbytes(external_size)

    def message(self, external=None, **changes):
        external = self.external if external is None else external
        return cose.sign1(self.seed, external, self.payload.encode(), **changes)

    def example(self, title, message, fail=False):
        key = {"kty": "OKP", "crv": "Ed25519", "x_hex": cose.public_of(self.seed).hex(),
               "d_hex": self.seed.hex()}
        section = {"key": key, "protected": {"alg": "EdDSA"}, "alg": "EdDSA"}
        return _example(f"EdDSA: {title}", "sign0", section, self.payload, self.external, {}, message,
                        fail)

    def sound(self):
        alg = {cose.ALG: cose.EDDSA}
        return [
            self.example("plain", self.message()),
            self.example("key id", self.message(unprotected={cose.KID: b"11"})),
            self.example("content type", self.message(protected={**alg, cose.CONTENT_TYPE: 0})),
            self.example("algorithm of RFC 9864", self.message(protected={cose.ALG: cose.ED25519})),
        ]

    def damaged(self):
        sound = self.message()
        parts = cbor2.loads(sound).value
        signature = parts[3]
        changes = {
            "another tag": self.message(tag=995),
            "tag of Encrypt0": self.message(tag=cose.TAG_ENCRYPT0),
            "ES256": self.message(protected={cose.ALG: -7}),
            "algorithm as text": self.message(protected={cose.ALG: "EdDSA"}),
            "no algorithm": self.message(protected={}),
            "algorithm twice": self.message(unprotected={cose.ALG: cose.EDDSA}),
            "critical": self.message(protected={cose.ALG: cose.EDDSA, cose.CRIT: [4], 4: b"1"}),
            "other external data": self.message(external=self.external + b"\0"),
            "header added": self._from([cose.cbor({cose.ALG: cose.EDDSA, 3: 0}), *parts[1:]]),
            "payload changed": self._from([*parts[:2], parts[2] + b".", signature]),
            "payload detached": self._from([*parts[:2], None, signature]),
            "payload as text": self._from([*parts[:2], self.payload, signature]),
            "signature changed": self._from([*parts[:3], bytes([signature[0] ^ 1]) + signature[1:]]),
            "signature cut off": self._from([*parts[:3], signature[:-1]]),
            "signature longer": self._from([*parts[:3], signature + b"\0"]),
            "signature empty": self._from([*parts[:3], b""]),
            "signature of zeros": self._from([*parts[:3], bytes(64)]),
            "one element more": self._from([*parts, b""]),
            "bytes behind": sound + b"\0",
            "cut off": sound[:-1],
        }
        return [self.example(title, message, fail=True) for title, message in changes.items()]

    @staticmethod
    def _from(parts):
        return cose.cbor(cbor2.CBORTag(cose.TAG_SIGN1, parts))


def encrypt0_examples(rng):
    found = []
    for key_size in GCM_NAMES:
        for words, external_size in ((0, 0), (5, 0), (5, 32), (60, 12)):
            found += _Encrypt0(rng, key_size, words, external_size).sound()
        found += _Encrypt0(rng, key_size, 8, 32).damaged()
    return found


def sign1_examples(rng):
    found = []
    for words, external_size in ((0, 0), (5, 0), (5, 32), (60, 12)):
        found += _Sign1(rng, words, external_size).sound()
    return found + _Sign1(rng, 8, 32).damaged()
