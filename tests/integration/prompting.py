# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Answering prompts: on a terminal, and as one of systemd's password agents."""

import glob
import os
import pathlib
import pty
import select
import socket
import subprocess
import termios
import time

from fixture import LIMIT, run


class Conversation:
    """A program with a terminal of its own."""

    def __init__(self, command, environment):
        self.said = b""
        self.position = 0  # up to here it was as expected
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(command[0], [str(word) for word in command], environment)

    def _read(self):
        ready, _, _ = select.select([self.terminal], [], [], LIMIT)
        if not ready:
            raise AssertionError(f"silence after {self.said}")
        try:
            return os.read(self.terminal, 4096)
        except OSError:  # the other end is closed
            return b""

    def expect(self, text):
        while (found := self.said.find(text, self.position)) < 0:
            part = self._read()
            if not part:
                raise AssertionError(f"{text} was never said: {self.said}")
            self.said += part
        self.position = found + len(text)

    def answer(self, line):
        """Once the echo is off: what is typed before may be thrown away with the switch."""
        deadline = time.monotonic() + LIMIT
        while termios.tcgetattr(self.terminal)[3] & termios.ECHO:
            if time.monotonic() > deadline:
                raise AssertionError(f"the answer would be seen, after {self.said}")
            time.sleep(0.01)
        os.write(self.terminal, line + b"\n")

    def end(self):
        """The exit status."""
        while part := self._read():
            self.said += part
        _, status = os.waitpid(self.pid, 0)
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(status)


MANAGED = """mount -t tmpfs none /run && mkdir -p /run/systemd/system /run/systemd/ask-password &&
exec "$0" "$@" """


def may_unshare():
    return run(["unshare", "--mount", "sh", "-c", MANAGED, "true"], check=False).returncode == 0


class Agent:
    """For test cases: a program under what looks like systemd, without a terminal; its questions."""

    def start_managed(self, command, environment):
        running = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", MANAGED, *map(str, command)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, env=environment)
        self.addCleanup(running.kill)
        return running

    def question(self, running):
        """(what is asked, where the answer goes), as an agent learns them; None when it ends first."""
        root = pathlib.Path(f"/proc/{running.pid}/root")
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline and running.poll() is None:
            for path in glob.glob(f"{root}/run/systemd/ask-password/ask.*"):
                try:
                    with open(path, encoding="utf-8") as file:
                        asked = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
                except FileNotFoundError:
                    continue
                if "Socket" in asked:
                    return asked["Message"], str(root) + asked["Socket"]
            time.sleep(0.02)
        return None

    def answer(self, place, text):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.sendto(text, place)
