# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""T=1' blocks, from the protocol's description: NAD, PCB, LEN16, INF, CRC-16/X-25, all big-endian.

A second implementation, which makes vectors and speaks to the module without our C++.
"""

import collections

HEAD_SIZE = 4
CRC_SIZE = 2
OVERHEAD = HEAD_SIZE + CRC_SIZE
LONGEST_INF = 4089
DEFAULT_IFS = 254

NAD_HOST = 0x21
NAD_MODULE = 0x12

RESYNCH, IFS, ABORT, WTX, CIP, RELEASE, SWR = 0, 1, 2, 3, 4, 6, 0x0F
ACK, CRC_ERROR, OTHER_ERROR = 0, 1, 2

Block = collections.namedtuple("Block", "nad pcb inf")


class T1Error(Exception):
    """A frame that is cut off, too long, or damaged."""


def information(number, more=False):
    return number << 6 | more << 5


def receive(number, error=ACK):
    return 0x80 | number << 4 | error


def request(service):
    return 0xC0 | service


def response(service):
    return 0xE0 | service


def _table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x8408 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _table()


def crc16(data):
    """CRC-16/X-25: its check value for b"123456789" is 0x906e."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFF


def encode(nad, pcb, inf=b""):
    if len(inf) > LONGEST_INF:
        raise T1Error("INF too long")
    body = bytes([nad, pcb]) + len(inf).to_bytes(2, "big") + inf
    return body + crc16(body).to_bytes(2, "big")


def frame_size(head):
    """Length of the frame that starts with these four bytes."""
    inf = int.from_bytes(head[2:HEAD_SIZE], "big")
    if len(head) < HEAD_SIZE or inf > LONGEST_INF:
        raise T1Error("head of a block")
    return inf + OVERHEAD


def decode(frame):
    if len(frame) < OVERHEAD or frame_size(frame) != len(frame):
        raise T1Error("length of a block")
    if int.from_bytes(frame[-CRC_SIZE:], "big") != crc16(frame[:-CRC_SIZE]):
        raise T1Error("CRC")
    return Block(frame[0], frame[1], frame[HEAD_SIZE:-CRC_SIZE])
