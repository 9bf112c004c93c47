# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Somebody between host and module: a socket that passes blocks on, records them, and does to them what
it was told.

    with Interposer(directory / "between.sock", module_socket) as between:
        between.meddle = lambda block: [block, block]     # what is passed on instead of each block
"""

import select
import socket
import threading

import host  # first: it knows where the second implementation lies
import t1

TO_MODULE, TO_HOST = "to module", "to host"


class Block:
    """One block on its way: `frame` are its bytes, `exchange` and `index` say which one it is."""

    def __init__(self, way, frame, exchange, index):
        self.way, self.frame, self.exchange, self.index = way, frame, exchange, index

    @property
    def inf(self):
        return self.frame[t1.HEAD_SIZE:-t1.CRC_SIZE]

    def with_inf(self, inf):
        """The same block around another content, with a CRC that is right."""
        return t1.encode(self.frame[0], self.frame[1], inf)


class Interposer:
    def __init__(self, path, target):
        self.path, self.target = path, target
        self.meddle = lambda block: [block.frame]
        self.record = []  # every Block as it came
        self.exchanges = 0
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path.unlink(missing_ok=True)
        self._listener.bind(str(path))
        self._listener.listen(16)
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.close()
        self._thread.join(host.PATIENCE)
        self._listener.close()

    def _serve(self):
        while True:
            ready, _, _ = select.select([self._listener, self._stopped], [], [])
            if self._stopped in ready:
                return
            near, _ = self._listener.accept()
            far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            with near, far:
                try:
                    far.connect(str(self.target))
                    self.exchanges += 1
                    self._pass_on(near, far)
                except OSError:
                    pass  # one of the ends has gone

    def _pass_on(self, near, far):
        ways = {near: (TO_MODULE, far), far: (TO_HOST, near)}
        unread = {near: b"", far: b""}
        index = 0
        while True:
            ready, _, _ = select.select([near, far, self._stopped], [], [])
            if self._stopped in ready:
                return
            for end in ready:
                data = end.recv(4096)
                if not data:
                    return
                unread[end] += data
                while len(unread[end]) >= t1.OVERHEAD:
                    size = t1.frame_size(unread[end][:t1.HEAD_SIZE])
                    if len(unread[end]) < size:
                        break
                    frame, unread[end] = unread[end][:size], unread[end][size:]
                    way, other = ways[end]
                    block = Block(way, frame, self.exchanges, index)
                    index += 1
                    self.record.append(block)
                    for out in self.meddle(block):
                        other.sendall(out)
