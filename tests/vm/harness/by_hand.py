# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A machine to try things on by hand: its serial console is this terminal."""
import contextlib
import os
import pathlib
import select
import signal
import sys
import tempfile
import termios
import tty

from . import disk, migrate_steps
from .scenario import Scenario

PULL = b"\x1d"  # Ctrl-]
HELP = """
A plain Debian with this software, an empty second disk ({disk}), and a module. First of all:
    modprobe i2c-dev; i2cdetect -l                     # the bus N that is called i2c-tiny-usb
    hsm4ctl bind --hsm4-device=i2c:/dev/i2c-N@0x30     # where a manual page says hsm4ctl bind
Ctrl-] pulls the plug. Everything is thrown away at the end.
"""
MENU = "\nIt is off. Enter: switch it on; u: unplug the module; p: plug it in; q: end this.  "


@contextlib.contextmanager
def raw_terminal():
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def attach(machine):
    """Until the machine goes off, or the plug is pulled. True when it has reset itself."""
    console, last = machine.console, b""
    while True:
        ready, _, _ = select.select([console.read_fd, sys.stdin], [], [])
        if sys.stdin in ready:
            typed = os.read(sys.stdin.fileno(), 1024)
            if not typed or PULL in typed:
                machine.cut_power()
                return False
            console.send(typed.decode("utf-8", "replace"))
        if console.read_fd in ready:
            said = os.read(console.read_fd, 1 << 16)
            if not said:
                machine.wait_off()
                return b"Restarting system" in last
            console.log.write(said)
            os.write(sys.stdout.fileno(), said)
            last = (last + said)[-1000:]


def ask(module):
    """False at the end."""
    while True:
        print(MENU, end="", flush=True)
        answer = sys.stdin.readline()
        if answer in ("u\n", "p\n"):
            module.inject({"u": "unplug", "p": "plug"}[answer[0]])
        elif answer in ("q\n", ""):
            return False
        elif answer == "\n":
            return True


def machine_for(vm, board, module):
    other = disk.blank(vm.work / "other.img", 2048 * disk.MIB)
    if board == "pi":
        return vm.pi(vm.disk(migrate_steps.image(disk.PI, "trixie")), module, extra=[(other, "stick-0001")]), "/dev/sda"
    recipe = migrate_steps.image(disk.PC, "bookworm", options="modprobe.blacklist=i2c_i801")
    return vm.pc(vm.disk(recipe), module, extra=[(other, "usb-0001")]), "/dev/vdb"


def main(board):
    if board not in ("pi", "pc"):
        print("tests/vm/run: --try pi or --try pc", file=sys.stderr)
        return 2
    for ending in (signal.SIGTERM, signal.SIGHUP):  # the machine goes along
        signal.signal(ending, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="hsm4-by-hand-") as logs:
        vm = Scenario("by-hand", pathlib.Path(logs))
        try:
            module = vm.module()
            machine, other = machine_for(vm, board, module)
            print(HELP.format(disk=other), flush=True)
            on = True
            while on:
                machine.start()
                with raw_terminal():
                    on = attach(machine)
                on = on or ask(module)
        finally:
            vm.close()
    return 0
