# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A disk with a write cache that a power cut empties: an NBD server for QEMU on a unix socket.

What the guest has written since its last flush is on the disk or is not, sector by sector, in any
combination. Killing QEMU alone loses next to nothing: what it has taken is in this machine's memory.
"""
import mmap
import os
import socket
import struct
import threading

from . import disk as disks

SECTOR = 512
CACHE = 64 << 20  # bytes; a real cache writes back when it is full

FIXED_NEWSTYLE_WITHOUT_ZEROES = 3
FLAGS = 1 | 4 | 8  # there are flags, flush, force unit access
OPTION_EXPORT_NAME, OPTION_ABORT, OPTION_INFO, OPTION_GO = 1, 2, 6, 7
REPLY_ACK, REPLY_INFO, REPLY_UNSUPPORTED = 1, 3, 0x80000001
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
FUA = 1
INPUT_OUTPUT, INVALID = 5, 22


class Gone(Exception):
    """The other end has closed the connection."""


def take(link, size):
    data = bytearray()
    while len(data) < size:
        part = link.recv(size - len(data))
        if not part:
            raise Gone
        data += part
    return bytes(data)


class LossyDisk(disks.Disk):
    """Serves `path` at `socket_path`, to one machine at a time."""

    def __init__(self, path, socket_path):
        super().__init__(path)
        self.socket_path = str(socket_path)
        self.before = {}  # sector: what is on the disk for certain, where a later write is in the cache
        self.lost = 0
        self.broken = range(0)  # bytes that can be neither read nor written
        self.idle = threading.Event()
        self.idle.set()
        with open(path, "r+b") as file:
            self.content = mmap.mmap(file.fileno(), 0)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.socket_path)
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def drive(self):
        """The file= of QEMU's -drive."""
        return f"nbd+unix:///?socket={self.socket_path}"

    def cut(self, random):
        """After the machine was killed: decides what of the cache was lost."""
        assert self.idle.wait(60), "the machine still uses its disk"
        kind = random.choice(["all", "none", "sectors", "pages", "early", "late"])
        sectors = sorted(self.before)
        middle = random.choice(sectors) if sectors else 0
        pages = {}
        lose = {
            "all": lambda _: True,
            "none": lambda _: False,
            "sectors": lambda _: random.random() < 0.5,
            "pages": lambda sector: pages.setdefault(sector // 8, random.random() < 0.5),
            "early": lambda sector: sector < middle,
            "late": lambda sector: sector >= middle,
        }[kind]
        lost = [sector for sector in sectors if lose(sector)]
        for sector in lost:
            self._put(sector * SECTOR, self.before[sector])
        self.before.clear()
        self.lost += len(lost)
        return len(lost)

    def settle(self):
        """After the machine has ended in order: nothing is lost."""
        assert self.idle.wait(60), "the machine still uses its disk"
        self.before.clear()
        self.content.flush()

    def close(self):
        self.listener.close()
        os.unlink(self.socket_path)

    def _put(self, offset, data):
        self.content[offset:offset + len(data)] = data

    def _write(self, offset, data, durable):
        for sector in range(offset // SECTOR, (offset + len(data) + SECTOR - 1) // SECTOR):
            if durable:
                self.before.pop(sector, None)
            elif sector not in self.before:
                self.before[sector] = self.content[sector * SECTOR:(sector + 1) * SECTOR]
        self._put(offset, data)
        if len(self.before) * SECTOR > CACHE:
            for sector in list(self.before)[::2]:
                del self.before[sector]

    def _serve(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            self.idle.clear()
            try:
                if self._greet(link):
                    self._answer(link)
            except (Gone, OSError):
                pass
            link.close()
            self.idle.set()

    def _greet(self, link):
        """Negotiates; True when requests follow."""
        link.sendall(b"NBDMAGIC" + b"IHAVEOPT" + struct.pack(">H", FIXED_NEWSTYLE_WITHOUT_ZEROES))
        take(link, 4)
        size = struct.pack(">QH", len(self.content), FLAGS)
        while True:
            _, option, length = struct.unpack(">QII", take(link, 16))
            take(link, length)

            def reply(kind, data=b"", option=option):
                link.sendall(struct.pack(">QIII", 0x3e889045565a9, option, kind, len(data)) + data)

            if option == OPTION_EXPORT_NAME:
                link.sendall(size)
                return True
            if option in (OPTION_INFO, OPTION_GO):
                reply(REPLY_INFO, b"\0\0" + size)
                reply(REPLY_ACK)
                if option == OPTION_GO:
                    return True
            elif option == OPTION_ABORT:
                reply(REPLY_ACK)
                return False
            else:
                reply(REPLY_UNSUPPORTED)

    def _answer(self, link):
        while True:
            _, flags, kind, handle, offset, length = struct.unpack(">IHHQQI", take(link, 28))
            data, error = b"", 0
            if kind in (READ, WRITE) and offset < self.broken.stop and self.broken.start < offset + length:
                error = INPUT_OUTPUT
                if kind == WRITE:
                    take(link, length)
            elif kind == READ:
                data = self.content[offset:offset + length]
            elif kind == WRITE:
                self._write(offset, take(link, length), flags & FUA)
            elif kind == FLUSH:
                self.before.clear()
            elif kind == DISCONNECT:
                return
            else:
                error = INVALID
            link.sendall(struct.pack(">IIQ", 0x67446698, error, handle) + data)
