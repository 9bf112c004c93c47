# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Commands in a guest, through the root shell on its serial console."""
import base64
import dataclasses

from . import limits

LINE = 2000  # characters; a terminal takes at most 4095


@dataclasses.dataclass
class Done:
    status: int
    output: str


class Shell:
    """Takes over the console after the automatic login."""

    def __init__(self, console):
        self.console = console
        self.number = 0

    def log_in(self, seconds=limits.BOOT):
        self.console.wait_for(r"root@[\w.-]+:~# ", seconds)
        # dash edits no lines, so it echoes nothing when the terminal does not.
        self.console.send("exec /bin/sh\n")
        self.console.send("stty -echo; PS1=; PS2=; dmesg -n 1; echo ready-$((40+2))\n")
        self.console.wait_for(r"ready-42\n", limits.COMMAND)

    def run(self, script, check=True, seconds=limits.COMMAND):
        """Runs a bash script and gives its exit status and what it printed, errors included."""
        self.number += 1
        self.console.note(f"$ {script.strip()}")
        coded = base64.b64encode(script.encode()).decode()
        self.console.send(": >/run/vm-script\n")
        for start in range(0, len(coded), LINE):
            self.console.send(f"echo {coded[start:start + LINE]} >>/run/vm-script\n")
        mark = f"mark-{self.number}"
        self.console.send("base64 -d /run/vm-script >/run/vm-script.sh\n")
        # The quotes keep an echoed command line from looking like its output.
        self.console.send(f"echo; echo {mark}''-begin; bash /run/vm-script.sh </dev/null 2>&1; "
                          f"status=$?; echo; echo {mark}''-end $status\n")
        self.console.wait_for(f"{mark}-begin\n", limits.COMMAND)
        start = self.console.position
        end = self.console.wait_for(rf"\n{mark}-end (\d+)\n", seconds)
        done = Done(int(end.group(1)), self.console.text[start:end.start()])
        if check and done.status != 0:
            raise AssertionError(f"in the guest, exit status {done.status}:\n{script.strip()}\n{done.output}")
        return done

    def put(self, path, content):
        """Writes a small file."""
        coded = base64.b64encode(content if isinstance(content, bytes) else content.encode()).decode()
        self.run(f"mkdir -p $(dirname {path}); echo {coded} | base64 -d >{path}")
