# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The Noise Protocol Framework, revision 34, from its specification: NN, NK and NKpsk0 over 25519.

A second implementation, which makes vectors and speaks to the module without our C++:

    host = Handshake("Noise_NK_25519_ChaChaPoly_SHA256", initiator=True, prologue=b"", rs=public)
    message1 = host.write_message()
    host.read_message(message2)
    send, receive = host.split()
    send.encrypt(b"request"), receive.decrypt(answer)
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HASH_SIZE = DH_SIZE = 32
TAG_SIZE = 16

# Section 7.4 and 9.4: whether the initiator knows the responder's static key, then the messages' tokens.
PATTERNS = {
    "NN": (False, [["e"], ["e", "ee"]]),
    "NK": (True, [["e", "es"], ["e", "ee"]]),
    "NKpsk0": (True, [["psk", "e", "es"], ["e", "ee"]]),
}


class NoiseError(Exception):
    """A message that does not authenticate, is too short, or forces an all-zero shared secret."""


def hash_of(data):
    return hashlib.sha256(data).digest()


def hkdf(chaining_key, input_key, outputs):
    """Section 4.3."""
    temporary = hmac.digest(chaining_key, input_key, "sha256")
    found, last = [], b""
    for number in range(1, outputs + 1):
        last = hmac.digest(temporary, last + bytes([number]), "sha256")
        found.append(last)
    return found


def generate_private():
    return os.urandom(DH_SIZE)


def public_of(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(
        Encoding.Raw, PublicFormat.Raw)


def dh(private, public):
    try:
        return X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(public))
    except ValueError as error:  # all-zero result
        raise NoiseError("low-order public key") from error


class CipherState:
    """Section 5.1."""

    def __init__(self, cipher, key=None):
        self.cipher, self.key, self.nonce = cipher, key, 0

    def _nonce(self):
        order = {"ChaChaPoly": "little", "AESGCM": "big"}[self.cipher]
        return bytes(4) + self.nonce.to_bytes(8, order)

    def _aead(self):
        return {"ChaChaPoly": ChaCha20Poly1305, "AESGCM": AESGCM}[self.cipher](self.key)

    def encrypt(self, plaintext, associated=b""):
        if self.key is None:
            return plaintext
        sealed = self._aead().encrypt(self._nonce(), plaintext, associated)
        self.nonce += 1
        return sealed

    def decrypt(self, ciphertext, associated=b""):
        if self.key is None:
            return ciphertext
        try:
            plaintext = self._aead().decrypt(self._nonce(), ciphertext, associated)
        except InvalidTag as error:
            raise NoiseError("tag") from error
        self.nonce += 1
        return plaintext


class SymmetricState:
    """Section 5.2."""

    def __init__(self, protocol_name, cipher):
        name = protocol_name.encode("ascii")
        self.h = name.ljust(HASH_SIZE, b"\0") if len(name) <= HASH_SIZE else hash_of(name)
        self.ck = self.h
        self.cipher = CipherState(cipher)

    def _rekey(self, key):
        self.cipher = CipherState(self.cipher.cipher, key)

    def mix_key(self, data):
        self.ck, key = hkdf(self.ck, data, 2)
        self._rekey(key)

    def mix_hash(self, data):
        self.h = hash_of(self.h + data)

    def mix_key_and_hash(self, data):
        self.ck, middle, key = hkdf(self.ck, data, 3)
        self.mix_hash(middle)
        self._rekey(key)

    def encrypt_and_hash(self, plaintext):
        sealed = self.cipher.encrypt(plaintext, self.h)
        self.mix_hash(sealed)
        return sealed

    def decrypt_and_hash(self, ciphertext):
        plaintext = self.cipher.decrypt(ciphertext, self.h)
        self.mix_hash(ciphertext)
        return plaintext

    def split(self):
        return [CipherState(self.cipher.cipher, key) for key in hkdf(self.ck, b"", 2)]


class Handshake:
    """Section 5.3 for one end. Private keys `s` (responder's static) and `e` (drawn when absent)."""

    def __init__(self, protocol_name, initiator, prologue=b"", s=None, rs=None, psk=None, e=None):
        noise, pattern, curve, cipher, hash_name = protocol_name.split("_")
        if (noise, curve, hash_name) != ("Noise", "25519", "SHA256"):
            raise ValueError(protocol_name)
        known, self.messages = PATTERNS[pattern]
        self.initiator, self.at = initiator, 0
        self.s, self.rs, self.psk, self.re = s, rs, psk, None
        self.e = e if e is not None else generate_private()
        self.has_psk = "psk" in self.messages[0]
        self.symmetric = SymmetricState(protocol_name, cipher)
        self.symmetric.mix_hash(prologue)
        if known:  # <- s
            self.symmetric.mix_hash(rs if initiator else public_of(s))

    @property
    def handshake_hash(self):
        return self.symmetric.h

    def _mix_ephemeral(self, public):
        self.symmetric.mix_hash(public)
        if self.has_psk:  # section 9.2
            self.symmetric.mix_key(public)

    def _mix_token(self, token):
        if token == "psk":
            self.symmetric.mix_key_and_hash(self.psk)
        elif token == "ee":
            self.symmetric.mix_key(dh(self.e, self.re))
        elif token == "es":
            self.symmetric.mix_key(dh(self.e, self.rs) if self.initiator else dh(self.s, self.re))

    def _next_tokens(self):
        tokens = self.messages[self.at]
        self.at += 1
        return tokens

    def write_message(self, payload=b""):
        message = b""
        for token in self._next_tokens():
            if token == "e":
                message = public_of(self.e)
                self._mix_ephemeral(message)
            else:
                self._mix_token(token)
        return message + self.symmetric.encrypt_and_hash(payload)

    def read_message(self, message):
        if len(message) < DH_SIZE:
            raise NoiseError("short message")
        for token in self._next_tokens():
            if token == "e":
                self.re, message = message[:DH_SIZE], message[DH_SIZE:]
                self._mix_ephemeral(self.re)
            else:
                self._mix_token(token)
        return self.symmetric.decrypt_and_hash(message)

    def split(self):
        """(send, receive) of this end."""
        first, second = self.symmetric.split()
        return (first, second) if self.initiator else (second, first)
