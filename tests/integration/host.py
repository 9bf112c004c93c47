# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A host of the open protocol, written from hsm4-protocol(7) alone. It makes none of the checks that
protect a careful host from sending what a module must refuse: that is what it is for.

    with Host(socket_path) as host:              # one connection is one exchange
        module = host.hello()
        channel = host.open_psk(module, slot, psk)
        status, fields = channel.request(UNLOCK, binding + locked_key)
"""

import collections
import os
import pathlib
import socket
import struct
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "vectors"))

import cose  # noqa: E402
import noise  # noqa: E402
import protocol_example as texts  # noqa: E402
import t1  # noqa: E402

HELLO, OPEN_NK, OPEN_PSK = 1, 2, 3
INFO, STATUS, LOCK, UNLOCK, UNLOCK_PIN, RANDOM, ATTEST = 1, 2, 3, 4, 5, 6, 7
LED, EVENTS, POLICY, PIN, REVOKE, BIND_LOCK, LOCK_AHEAD = range(8, 15)
BIND_PREPARE, BIND_OFFER = 0x10, 0x11
OK, REFUSED, BAD_PIN, PIN_LOCKED, MALFORMED, WRONG_STATE, UNKNOWN, FAILURE, NO_ROOM = range(9)
UNBOUND, DEVELOPMENT, PRODUCTION = range(3)
SECURE, COMPROMISED, TAMPERED, DESTROYED = 0x10, 0x20, 0x40, 0x80

PATIENCE = 30  # seconds; the machine that runs the tests may be busy

Module = collections.namedtuple("Module", "version state module_id channel_key verify_key")
Status = collections.namedtuple(
    "Status", "state generation bound wrong_proofs lockouts delay interval left events")
Binding = collections.namedtuple("Binding", "module slot salt psk")


class ProtocolError(Exception):
    """The module broke the protocol, or nobody answers."""


class Refused(Exception):
    """A refusal outside a channel: its status."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Link:
    """The host's end of the link on a connected stream socket."""

    def __init__(self, connection):
        self.connection = connection
        self.connection.settimeout(PATIENCE)
        self.number = self.expected = 0

    def send_raw(self, data):
        self.connection.sendall(data)

    def send_block(self, pcb, inf=b""):
        self.send_raw(t1.encode(t1.NAD_HOST, pcb, inf))

    def _read(self, size):
        data = b""
        while len(data) < size:
            part = self.connection.recv(size - len(data))
            if not part:
                raise ProtocolError("the module hung up")
            data += part
        return data

    def read_block(self):
        head = self._read(t1.OVERHEAD)
        block = t1.decode(head + self._read(t1.frame_size(head[:t1.HEAD_SIZE]) - t1.OVERHEAD))
        if block.nad != t1.NAD_MODULE:
            raise ProtocolError("NAD")
        return block

    def ask(self, pcb, inf=b""):
        """One block there, one back."""
        self.send_block(pcb, inf)
        return self.read_block()

    def send_message(self, message, size=t1.DEFAULT_IFS):
        """Sends all of it, and gives the block that comes back."""
        while True:
            part, message = message[:size], message[size:]
            block = self.ask(t1.information(self.number, bool(message)), part)
            self.number ^= 1
            if not message:
                return block
            if block != (t1.NAD_MODULE, t1.receive(self.number), b""):
                raise ProtocolError(f"acknowledgement {block}")

    def receive_message(self, block):
        message = b""
        while True:
            if block.pcb not in (t1.information(self.expected), t1.information(self.expected, True)):
                raise ProtocolError(f"PCB {block.pcb:#x}")
            self.expected ^= 1
            message += block.inf
            if block.pcb == t1.information(self.expected ^ 1):
                return message
            block = self.ask(t1.receive(self.expected))

    def exchange(self, message, size=t1.DEFAULT_IFS):
        return self.receive_message(self.send_message(message, size))


class Channel:
    def __init__(self, link, handshake):
        self.link, self.handshake_hash = link, handshake.handshake_hash
        self.send, self.receive = handshake.split()

    def request(self, opcode, fields=b""):
        """(status, fields) of the answer."""
        return self.request_raw(bytes([opcode]) + fields)

    def request_raw(self, request):
        answer = self.link.exchange(self.send.encrypt(request))
        if len(answer) == 1:
            raise Refused(answer[0])
        plain = self.receive.decrypt(answer)
        return plain[0], plain[1:]

    def ask(self, opcode, fields=b""):
        """The fields of an answer that must be OK."""
        status, answer = self.request(opcode, fields)
        if status != OK:
            raise ProtocolError(f"status {status} for opcode {opcode:#x}")
        return answer


class Host:
    """A connection to the module."""

    def __init__(self, path):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(str(path))  # blocking: it waits while the queue is full
        self.link = Link(connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.connection.close()

    def hello(self):
        answer = self.link.exchange(bytes([HELLO]))
        status, version, state, module_id, channel_key, verify_key = struct.unpack(
            ">BBB16s32s32s", answer)
        if (status, version) != (OK, 1):
            raise ProtocolError("HELLO")
        if module_id != texts.fingerprint(channel_key, verify_key)[:16]:
            raise ProtocolError("module id")
        return Module(version, state, module_id, channel_key, verify_key)

    def _open(self, head, handshake):
        message2 = self.link.exchange(head + handshake.write_message())
        if len(message2) == 1:
            raise Refused(message2[0])
        if handshake.read_message(message2) != b"":
            raise ProtocolError("handshake payload")
        return Channel(self.link, handshake)

    def open_nk(self, module, prologue=None):
        handshake = noise.Handshake(
            "Noise_NK_25519_ChaChaPoly_SHA256", True,
            prologue or texts.prologue(OPEN_NK, 0, module.module_id), rs=module.channel_key)
        return self._open(bytes([OPEN_NK]), handshake)

    def open_psk(self, module, slot, psk, prologue=None):
        handshake = noise.Handshake(
            "Noise_NKpsk0_25519_ChaChaPoly_SHA256", True,
            prologue or texts.prologue(OPEN_PSK, slot, module.module_id),
            rs=module.channel_key, psk=psk)
        return self._open(bytes([OPEN_PSK, slot]), handshake)


def hello(path):
    with Host(path) as host:
        return host.hello()


def offer(path, slot, components):
    """The first phase of binding: what the module keeps as pending."""
    with Host(path) as host:
        module = host.hello()
        channel = host.open_nk(module)
        salt = channel.ask(BIND_PREPARE, bytes([slot]))
        psk = texts.psk_of(salt, texts.identity(components), module.module_id, slot)
        if channel.ask(BIND_OFFER, bytes([slot]) + psk) != b"":
            raise ProtocolError("BIND OFFER")
    return Binding(module, slot, salt, psk)


def attest(path, binding):
    """(state, generation) that the module signed for this very channel."""
    with Host(path) as host:
        channel = host.open_psk(binding.module, binding.slot, binding.psk)
        nonce = os.urandom(32)
        state, generation, signature = struct.unpack(">BI64s", channel.ask(ATTEST, nonce))
        cose.verify(binding.module.verify_key, signature, texts.attested_text(
            binding.module.module_id, nonce, state, generation, channel.handshake_hash))
    return state, generation


def bind(path, slot=0, components=(("board-serial", b"10000000abcdef01"),)):
    binding = offer(path, slot, components)
    attest(path, binding)
    return binding


def status(path):
    with Host(path) as host:
        return Status(*struct.unpack(">BIBIIIIIH", host.open_nk(host.hello()).ask(STATUS)))


def lock(path, binding, volume, key):
    with Host(path) as host:
        channel = host.open_psk(binding.module, binding.slot, binding.psk)
        locked = channel.ask(LOCK, volume + b"\x00" + bytes([len(key)]) + key)
    cose.verify1(binding.module.verify_key, volume, locked)
    return locked


def unlock(path, binding, volume, locked):
    """(status, key)"""
    with Host(path) as host:
        channel = host.open_psk(binding.module, binding.slot, binding.psk)
        return channel.request(UNLOCK, volume + locked)
