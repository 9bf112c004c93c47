# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Rewrites the JSON area of a LUKS2 header with right checksums, as an attacker with the card would.

Layout: LUKS2 On-Disk Format, version 1.1.1, section 2.1 (binary header), section 2.2 (JSON area).
"""

import hashlib
import json
import struct

_HEAD = 4096
_SIZE_AT = 8          # hdr_size, 64 bits, big-endian
_SEQUENCE_AT = 16     # seqid
_CHECKSUM_AT = 448    # csum, 64 bytes, zero while it is computed
_CHECKSUM_SIZE = 64


def edit(path, change):
    """Applies `change` to the decoded JSON of both header copies."""
    with open(path, "r+b") as file:
        file.seek(_SIZE_AT)
        (size,) = struct.unpack(">Q", file.read(8))
        for offset in (0, size):
            file.seek(offset)
            area = bytearray(file.read(size))
            text = bytes(area[_HEAD:]).split(b"\0", 1)[0]
            header = json.loads(text)
            change(header)
            changed = json.dumps(header, separators=(",", ":")).encode()
            assert len(changed) < size - _HEAD
            area[_HEAD:] = changed.ljust(size - _HEAD, b"\0")
            (sequence,) = struct.unpack_from(">Q", area, _SEQUENCE_AT)
            struct.pack_into(">Q", area, _SEQUENCE_AT, sequence + 1)
            area[_CHECKSUM_AT:_CHECKSUM_AT + _CHECKSUM_SIZE] = bytes(_CHECKSUM_SIZE)
            digest = hashlib.sha256(area).digest()
            area[_CHECKSUM_AT:_CHECKSUM_AT + len(digest)] = digest
            file.seek(offset)
            file.write(area)
