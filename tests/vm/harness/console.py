# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A machine's serial console: everything it says goes to a log, and can be waited for."""
import os
import re
import selectors
import time


INIT = "Run /init as init process"  # the kernel's last words


class Timeout(AssertionError):
    """What was waited for did not come."""


class Console:
    """`read_fd` and `write_fd` are the console's; `log` is an open binary file."""

    def __init__(self, read_fd, write_fd, log, alive):
        self.read_fd = read_fd
        self.write_fd = write_fd
        self.log = log
        self.alive = alive          # a function: is the machine still running?
        self.text = ""              # all that was said since the machine was switched on
        self.position = 0           # up to here it was looked at
        self.selector = selectors.DefaultSelector()
        self.selector.register(read_fd, selectors.EVENT_READ)

    def pump(self, seconds):
        """Takes what comes within `seconds`; False at the end of the stream."""
        if not self.selector.select(max(0, seconds)):
            return True
        data = os.read(self.read_fd, 1 << 16)
        self.log.write(data)
        self.log.flush()
        self.text += data.decode("utf-8", "replace").replace("\r", "")
        return bool(data)

    def wait_for(self, pattern, seconds, but_not=None):
        """The match of the regular expression `pattern` in what comes from now on. It fails when
        `but_not` comes first, when the machine ends, or after `seconds`."""
        end = time.monotonic() + seconds
        while True:
            found = re.compile(pattern).search(self.text, self.position)
            limit = found.start() if found else len(self.text)
            if but_not and (bad := re.compile(but_not).search(self.text, self.position, limit)):
                raise AssertionError(f"the console said {bad.group(0)!r}")
            if found:
                self.position = found.end()
                return found
            if time.monotonic() >= end:
                raise Timeout(f"no {pattern!r} on the console within {seconds:.0f} s; its end is:\n"
                              + self.text[-1500:])
            if not self.pump(min(1, end - time.monotonic())):
                raise AssertionError(f"the machine ended before {pattern!r}; its console's end is:\n"
                                     + self.text[-1500:])

    def reaches_init(self, silence):
        """False when the kernel says nothing for `silence` seconds, and has not begun to run the initramfs."""
        said, since = 0, time.monotonic()
        while INIT not in self.text:
            if len(self.text) > said:
                said, since = len(self.text), time.monotonic()
            if time.monotonic() > since + silence:
                return False
            if not self.pump(0.2):
                return True  # it has ended, which is for others to judge
        return True

    def has_said(self, pattern):
        """Anything since the machine was switched on."""
        while self.selector.select(0) and self.pump(0):
            pass
        return re.search(pattern, self.text) is not None

    def send(self, text):
        data = text.encode()
        while data:
            data = data[os.write(self.write_fd, data[:64]):]

    def note(self, text):
        """A remark of the harness, in the log only."""
        self.log.write(f"\n[harness] {text}\n".encode())
        self.log.flush()
