# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The worked example of hsm4-protocol(7), once more from the page alone: no C++ of ours.

Run as a program, it prints the example as the page shows it.
"""

import hashlib
import hmac
import uuid

import cbor2
import cose
import noise
import t1


def counting(first, size=32):
    """`size` bytes that count up from `first`."""
    return bytes((first + at) & 0xFF for at in range(size))


def hkdf(salt, key, info, size=32):
    """RFC 5869 with SHA-256."""
    pseudorandom = hmac.digest(salt or bytes(32), key, "sha256")
    out, last = b"", b""
    while len(out) < size:
        last = hmac.digest(pseudorandom, last + info + bytes([len(out) // 32 + 1]), "sha256")
        out += last
    return out[:size]


def cbor(item):
    return cbor2.dumps(item, canonical=True)


class ModuleKeys:
    """The reference module's keys."""

    def __init__(self, device_secret):
        self.channel_secret = hkdf(b"", device_secret, b"hsm4 noise static v1")
        self.channel_key = noise.public_of(self.channel_secret)
        self.sign_seed = hkdf(b"", device_secret, b"hsm4 sign v1")
        self.verify_key = cose.public_of(self.sign_seed)
        self.seal_key = hkdf(b"", device_secret, b"hsm4 seal v1")
        self.fingerprint = fingerprint(self.channel_key, self.verify_key)
        self.module_id = self.fingerprint[:16]


def fingerprint(channel_key, verify_key):
    return hashlib.sha256(b"hsm4 module id v1" + channel_key + verify_key).digest()


def identity(components):
    """`components` are pairs of kind and value."""
    return cbor(["hsm4 identity v1", *sorted([kind, value] for kind, value in components)])


def psk_of(salt, measured, module_id, slot):
    return hkdf(salt, measured, b"hsm4 psk v1" + module_id + bytes([slot]))


def prologue(kind, slot, module_id, ifsc=254, ifsd=254, cip=b""):
    return (b"hsm4-open" + bytes([1, kind, slot]) + module_id + ifsc.to_bytes(2, "big")
            + ifsd.to_bytes(2, "big") + cip)


def attested_text(module_id, nonce, state, generation, handshake_hash):
    return (b"hsm4 attest v1" + module_id + nonce + bytes([state]) + generation.to_bytes(4, "big")
            + handshake_hash)


def block(nad, number, message):
    return t1.encode(nad, t1.information(number), message)


def _handshake(keys, psk):
    first = prologue(3, 0, keys.module_id)
    name = "Noise_NKpsk0_25519_ChaChaPoly_SHA256"
    host = noise.Handshake(name, True, first, rs=keys.channel_key, psk=psk, e=counting(0x40))
    module = noise.Handshake(name, False, first, s=keys.channel_secret, psk=psk, e=counting(0x60))
    message1 = host.write_message()
    module.read_message(message1)
    message2 = module.write_message()
    host.read_message(message2)
    return host, {
        "prologue": first,
        "message1": message1,
        "block1": block(t1.NAD_HOST, 0, b"\x03\x00" + message1),
        "message2": message2,
        "block2": block(t1.NAD_MODULE, 0, message2),
        "handshake_hash": host.handshake_hash,
    }


def _locked_key(keys, binding):
    plaintext = cbor([1, 1, 0, counting(0x80, 64)])
    encrypted = cose.encrypt0(keys.seal_key, counting(0, 12), binding, plaintext)
    return {"sealed_plaintext": plaintext, "encrypt0": encrypted,
            "locked_key": cose.sign1(keys.sign_seed, binding, encrypted)}


def _command(name, ciphers, number, request, answer):
    send, receive = ciphers
    return {
        f"{name}_request": request,
        f"{name}_request_block": block(t1.NAD_HOST, number, send.encrypt(request)),
        f"{name}_answer": answer,
        f"{name}_answer_block": block(t1.NAD_MODULE, number, receive.encrypt(answer)),
    }


def example():
    """Every value of the example by its name, in the page's order."""
    keys = ModuleKeys(counting(0))
    values = {name: getattr(keys, name) for name in (
        "channel_secret", "channel_key", "sign_seed", "verify_key", "seal_key", "fingerprint",
        "module_id")}
    values["identity"] = identity([("board-serial", b"10000000abcdef01")])
    values["psk"] = psk_of(counting(0x20), values["identity"], keys.module_id, 0)
    host, shown = _handshake(keys, values["psk"])
    values.update(shown)
    volume = cbor(["hsm4 volume v1", keys.module_id,
                   uuid.UUID("6d1f3b9a-2c47-4e0b-9d55-0f6e8a7b1c2d").bytes, 1,
                   ["pbkdf2", "sha256", 1000, counting(0x10), counting(0x30)],
                   ["crypt", 16777216, 0, "aes-xts-plain64", 512, None]])
    binding = hashlib.sha256(volume).digest()
    values.update(volume=volume, volume_binding=binding, **_locked_key(keys, binding))
    ciphers = host.split()
    values.update(_command("unlock", ciphers, 1, b"\x04" + binding + values["locked_key"],
                           b"\x00" + counting(0x80, 64)))
    nonce = counting(0xC0)
    text = attested_text(keys.module_id, nonce, 0x11, 0, host.handshake_hash)
    values["attested_text"] = text
    signature = cose.sign(keys.sign_seed, text)
    values.update(_command("attest", ciphers, 0, b"\x07" + nonce,
                           b"\x00\x11" + bytes(4) + signature))
    return values


def page(values):
    lines = []
    for name, value in values.items():
        text = value.hex()
        lines += [name] + ["    " + text[at:at + 64] for at in range(0, len(text), 64)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(example()), end="")
