# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The security module that a machine has on its I2C bus: hsm4-emulator, which outlives the machine."""
import json
import os
import pathlib
import signal
import subprocess
import time

from . import limits


def emulator():
    return pathlib.Path(os.environ["HSM4_BUILD"]) / "tools/emulator/hsm4-emulator"


class Module:
    """Its state lies in `directory`; `usb` is the socket that QEMU plugs in."""

    def __init__(self, directory, address=0x30):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.usb = self.directory / "usb.sock"
        self.control = self.directory / "control.sock"
        self.log = self.directory / "emulator.log"
        self.address = address
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [emulator(), "run", f"--state={self.directory / 'state'}", f"--usbredir={self.usb}",
                 f"--control={self.control}", f"--address={self.address:#x}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + limits.COMMAND
        while "is ready" not in self.log.read_text(encoding="utf-8"):
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("the emulator did not start:\n" + self.log.read_text(encoding="utf-8"))
            time.sleep(0.05)
        return self

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=limits.COMMAND)
            self.process = None

    def inject(self, *event):
        """power-cycle, unplug, plug and what else hsm4-emulator(8) names."""
        done = subprocess.run([emulator(), "inject", f"--control={self.control}", *event],
                              capture_output=True, text=True, check=False, timeout=limits.COMMAND)
        if done.returncode != 0:
            raise AssertionError(f"inject {' '.join(event)}: {done.stderr}")
        return done.stdout

    def stats(self):
        return json.loads(self.inject("stats"))
