# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""COSE_Encrypt0 with AES-GCM and COSE_Sign1 with Ed25519, from RFC 9052, 9053 and 9864.

A second implementation, which makes vectors and reads locked keys without our C++.
"""

import cbor2
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TAG_ENCRYPT0, TAG_SIGN1 = 16, 18
ALG, CRIT, CONTENT_TYPE, KID, IV = 1, 2, 3, 4, 5
GCM_BY_KEY_SIZE = {16: 1, 24: 2, 32: 3}
EDDSA, ED25519 = -8, -19


class CoseError(Exception):
    """A message of another structure, or one that does not authenticate."""


def cbor(item):
    return cbor2.dumps(item, canonical=True)


def enc_structure(protected, external):
    return cbor(["Encrypt0", protected, external])


def sig_structure(protected, external, payload):
    return cbor(["Signature1", protected, external, payload])


def public_of(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(
        Encoding.Raw, PublicFormat.Raw)


def sign(seed, text):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(text)


def verify(public, signature, text):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature as error:
        raise CoseError("signature") from error


def encrypt0(key, iv, external, plaintext, protected=None, unprotected=None, tag=TAG_ENCRYPT0):
    """`protected` and `unprotected` are maps that stand instead of {alg} and {IV}."""
    header = cbor(protected if protected is not None else {ALG: GCM_BY_KEY_SIZE[len(key)]})
    sealed = AESGCM(key).encrypt(iv, plaintext, enc_structure(header, external))
    content = [header, unprotected if unprotected is not None else {IV: iv}, sealed]
    return cbor(cbor2.CBORTag(tag, content) if tag is not None else content)


def sign1(seed, external, payload, protected=None, unprotected=None, tag=TAG_SIGN1):
    header = cbor(protected if protected is not None else {ALG: EDDSA})
    signature = sign(seed, sig_structure(header, external, payload))
    content = [header, unprotected if unprotected is not None else {}, payload, signature]
    return cbor(cbor2.CBORTag(tag, content) if tag is not None else content)


def _parts(message, tag, size):
    try:
        item = cbor2.loads(message)
    except (cbor2.CBORDecodeError, ValueError, EOFError) as error:
        raise CoseError("CBOR") from error
    if not isinstance(item, cbor2.CBORTag) or item.tag != tag:
        raise CoseError("tag")
    if not isinstance(item.value, list) or len(item.value) != size:
        raise CoseError("structure")
    header = cbor2.loads(item.value[0])
    if CRIT in header or CRIT in item.value[1]:
        raise CoseError("crit")
    return item.value, header.get(ALG)


def decrypt0(key, external, message):
    (header, unprotected, sealed), algorithm = _parts(message, TAG_ENCRYPT0, 3)
    if algorithm != GCM_BY_KEY_SIZE[len(key)]:
        raise CoseError("algorithm")
    try:
        return AESGCM(key).decrypt(unprotected[IV], sealed, enc_structure(header, external))
    except (InvalidTag, KeyError) as error:
        raise CoseError("tag of the cipher") from error


def verify1(public, external, message):
    (header, _, payload, signature), algorithm = _parts(message, TAG_SIGN1, 4)
    if algorithm not in (EDDSA, ED25519):
        raise CoseError("algorithm")
    verify(public, signature, sig_structure(header, external, payload))
    return payload
