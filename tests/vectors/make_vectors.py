# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Makes vectors of random keys and contents by the second implementation.

    make_vectors.py DIRECTORY [SEED]

writes noise.json, t1.json, cose-encrypt0.json and cose-sign1.json; prints the seed, which makes the
same ones again.
"""

import json
import pathlib
import random
import secrets
import sys

import make_cose
import noise
import t1

CIPHERS = ("ChaChaPoly", "AESGCM")
TRANSPORT_MESSAGES = 6


def _noise_vector(rng, pattern, cipher, with_prologue, with_payload):
    name = f"Noise_{pattern}_25519_{cipher}_SHA256"
    prologue = rng.randbytes(rng.randint(1, 60)) if with_prologue else b""
    static = rng.randbytes(32) if pattern != "NN" else None
    psk = rng.randbytes(32) if pattern == "NKpsk0" else None
    ephemeral = {"init": rng.randbytes(32), "resp": rng.randbytes(32)}
    pinned = noise.public_of(static) if static else None
    host = noise.Handshake(name, True, prologue, rs=pinned, psk=psk, e=ephemeral["init"])
    module = noise.Handshake(name, False, prologue, s=static, psk=psk, e=ephemeral["resp"])

    vector = {"protocol_name": name}
    for end in ("init", "resp"):
        vector[f"{end}_prologue"] = prologue.hex()
        vector[f"{end}_psks"] = [psk.hex()] if psk else []
        vector[f"{end}_ephemeral"] = ephemeral[end].hex()
    if static:
        vector["init_remote_static"] = pinned.hex()
        vector["resp_static"] = static.hex()
    messages = vector["messages"] = []

    def exchange(send, receive):
        payload = rng.randbytes(rng.randint(1, 200)) if with_payload else b""
        ciphertext = send(payload)
        if receive(ciphertext) != payload:
            raise AssertionError("the second implementation disagrees with itself")
        messages.append({"payload": payload.hex(), "ciphertext": ciphertext.hex()})

    exchange(host.write_message, module.read_message)
    exchange(module.write_message, host.read_message)
    vector["handshake_hash"] = host.handshake_hash.hex()
    (to_module, from_module), (to_host, from_host) = host.split(), module.split()
    for turn in range(TRANSPORT_MESSAGES):
        if turn % 2 == 0:
            exchange(to_module.encrypt, from_host.decrypt)
        else:
            exchange(to_host.encrypt, from_module.decrypt)
    return vector


def noise_vectors(rng):
    return {"vectors": [_noise_vector(rng, pattern, cipher, prologue, payload)
                        for pattern in noise.PATTERNS for cipher in CIPHERS
                        for prologue in (False, True) for payload in (False, True)
                        for _ in range(2)]}


def _t1_vector(name, nad, pcb, inf):
    return {"name": name, "nad": f"{nad:02x}", "pcb": f"{pcb:02x}", "inf": inf.hex(),
            "frame": t1.encode(nad, pcb, inf).hex()}


def _t1_failure(name, frame):
    return {"name": name, "fail": True, "frame": frame.hex()}


def t1_vectors(rng):
    ends = (t1.NAD_HOST, t1.NAD_MODULE)
    found = [_t1_vector(f"I number {number} more {more} of {size}", nad,
                        t1.information(number, more), rng.randbytes(size))
             for nad in ends for number in (0, 1) for more in (False, True)
             for size in (0, 1, t1.DEFAULT_IFS, rng.randint(2, 1024))]
    found += [_t1_vector(f"R number {number} error {error}", nad, t1.receive(number, error), b"")
              for nad in ends for number in (0, 1) for error in (0, 1, 2)]
    found += [_t1_vector(f"S {service}", nad, pcb(service), rng.randbytes(rng.randint(0, 4)))
              for nad in ends for pcb in (t1.request, t1.response)
              for service in (t1.RESYNCH, t1.IFS, t1.ABORT, t1.WTX, t1.CIP, t1.RELEASE, t1.SWR)]
    found.append(_t1_vector("longest", t1.NAD_HOST, 0, rng.randbytes(t1.LONGEST_INF)))
    frame = t1.encode(t1.NAD_HOST, 0, rng.randbytes(20))
    swapped = frame[:-2] + frame[:-3:-1]
    found += [_t1_failure("cut off", frame[:-1]), _t1_failure("one byte more", frame + b"\0"),
              _t1_failure("head alone", frame[:t1.HEAD_SIZE]), _t1_failure("empty", b"")]
    if swapped != frame:
        found.append(_t1_failure("CRC little-endian", swapped))
    long_body = b"\x21\x00" + (t1.LONGEST_INF + 1).to_bytes(2, "big") + bytes(t1.LONGEST_INF + 1)
    found.append(_t1_failure("INF too long", long_body + t1.crc16(long_body).to_bytes(2, "big")))
    return found


def write_all(directory, seed):
    rng = random.Random(seed)
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    files = {"noise": noise_vectors(rng), "t1": t1_vectors(rng),
             "cose-encrypt0": make_cose.encrypt0_examples(rng),
             "cose-sign1": make_cose.sign1_examples(rng)}
    for name, content in files.items():
        (directory / f"{name}.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: make_vectors.py DIRECTORY [SEED]")
    seed = int(sys.argv[2]) if len(sys.argv) == 3 else secrets.randbits(32)
    write_all(sys.argv[1], seed)
    print(f"seed {seed}")


if __name__ == "__main__":
    main()
