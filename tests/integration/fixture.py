# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What integration tests stand on: a private directory with an emulator, a configuration and images.

Programs come from the build directory, named by HSM4_BUILD (meson sets it).
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BUILD = pathlib.Path(os.environ["HSM4_BUILD"])
EMULATOR = BUILD / "tools/emulator/hsm4-emulator"
CTL = BUILD / "tools/ctl/hsm4ctl"
ENROLL = BUILD / "tools/enroll/hsm4-enroll"
ROOTFS = BUILD / "tools/rootfs/hsm4-rootfs"
PLUGIN_DIR = BUILD / "plugin"
SHIM = BUILD / "tests/integration/libtoken-path.so"

PASSPHRASE = b"correct horse"
LIMIT = 60  # seconds: nothing that is run here may take longer


def run(command, check=True, **options):
    """Runs a command with captured output and a time limit; bytes in and out."""
    options.setdefault("stdin", subprocess.DEVNULL if "input" not in options else None)
    if options["stdin"] is None:
        del options["stdin"]
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=LIMIT, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n"
                             f"{done.stdout.decode()}{done.stderr.decode()}")
    return done


def cryptsetup_version():
    text = run(["cryptsetup", "--version"]).stdout.decode()
    return tuple(int(part) for part in re.search(r"(\d+)\.(\d+)", text).groups())


def sanitizer_runtime():
    """The sanitizer's library that must be loaded first into a program that loads our plugin, or ''."""
    needed = run(["ldd", PLUGIN_DIR / "libcryptsetup-token-hsm4.so"]).stdout.decode()
    found = re.search(r"libasan\.so\S* => (\S+)", needed)
    return found.group(1) if found else ""


def _is_served(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def connect(path):
    """A connection to a unix socket."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(LIMIT)
    client.connect(str(path))
    return client


class Emulator:
    """One software module: hsm4-emulator with its own state."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.state = self.directory / "state"
        self.socket = self.directory / "module.sock"
        self.control = self.directory / "control.sock"
        self.log = self.directory / "emulator.log"
        self.process = None

    @property
    def uri(self):
        return f"unix:{self.socket}"

    def start(self, *options):
        # What a killed emulator left would look like the new one's readiness.
        for path in (self.socket, self.control):
            path.unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [EMULATOR, "run", f"--state={self.state}", f"--unix={self.socket}",
                 f"--control={self.control}", *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + LIMIT
        # A killed emulator leaves its sockets behind, so that they exist says nothing.
        while not (_is_served(self.control) and _is_served(self.socket)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"emulator did not start:\n{self.log.read_text()}")
            time.sleep(0.01)
        return self

    def stop(self, sign=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(sign)
        status = self.process.wait(timeout=LIMIT)
        self.process = None
        return status

    def busy_seconds(self):
        """How long the running emulator has wanted a processor, with or without getting one."""
        running, waiting, _ = pathlib.Path(f"/proc/{self.process.pid}/schedstat").read_text().split()
        return (int(running) + int(waiting)) / 1e9

    def inject(self, *event):
        return run([EMULATOR, "inject", f"--control={self.control}", *event]).stdout.decode()

    def stats(self):
        return json.loads(self.inject("stats"))


class World(contextlib.AbstractContextManager):
    """A directory in which a host lives: module, hsm4.conf, identity, images. Removed at the end."""

    def __init__(self):
        # In /dev/shm where there is one: another file system than the root, and quick.
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="hsm4-test-", dir=base))
        self.config = self.path / "etc/hsm4.conf"
        self.config.parent.mkdir()
        self.module = Emulator(self.path / "module")
        self.identity = self.path / "board-serial"
        self.identity.write_text("10000000abcdef01\n")
        self.modules = [self.module]

    def __exit__(self, *_):
        for module in self.modules:
            module.stop(signal.SIGKILL)
        shutil.rmtree(self.path)

    def another_module(self, name="other"):
        module = Emulator(self.path / name)
        self.modules.append(module)
        return module

    def set_config(self, text):
        """Replaces the administrator's part (before the first section) of hsm4.conf."""
        old = self.config.read_text() if self.config.exists() else ""
        sections = old[old.index("["):] if "[" in old else ""
        self.config.write_text(text + "\n" + sections)

    def environment(self, **more):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HSM4_")}
        return {**clean, "HSM4_CONFIG": str(self.config), **more}

    def bind(self, module=None):
        """Starts the module where it is not running, and binds it to this host."""
        module = module or self.module
        if module.process is None:
            module.start()
        self.set_config(f"device = {module.uri}\nwait = 1")
        self.ctl("bind", f"--component=board-serial {self.identity}")
        return module

    def ctl(self, *arguments, check=True, **options):
        return run([CTL, *arguments], check=check, env=self.environment(), **options)

    def enroll(self, *arguments, check=True, passphrase=PASSPHRASE, env=None):
        options = {"input": passphrase} if passphrase is not None else {}
        command = [ENROLL, *arguments]
        if passphrase is not None:
            command.insert(1, "--unlock-key-file=-")
        variables = {**self.plugin_environment(), **(env or {})}
        return run(command, check=check, env=self.environment(**variables), **options)

    def image(self, name="image", passphrase=PASSPHRASE, megabytes=20, *options):
        """A LUKS2 image file whose only key slot opens in a moment."""
        path = self.path / name
        with open(path, "wb") as file:
            file.truncate(megabytes << 20)
        run(["cryptsetup", "luksFormat", "-q", "--type=luks2", "--pbkdf=pbkdf2",
             "--pbkdf-force-iterations=1000", *options, path, "-"], input=passphrase)
        return path

    @staticmethod
    def plugin_environment(directory=PLUGIN_DIR):
        """Variables that make a stock program load our plugin instead of an installed one."""
        preload = [sanitizer_runtime()]
        variables = {"ASAN_OPTIONS": "detect_leaks=0"} if preload[0] else {}
        preload.append(str(SHIM))
        variables["HSM4_TEST_TOKEN_PATH"] = str(directory)
        variables["LD_PRELOAD"] = " ".join(filter(None, preload))
        return variables

    def cryptsetup(self, *arguments, check=True, directory=PLUGIN_DIR, env=None, **options):
        """Stock cryptsetup with our plugin."""
        redirect = []
        variables = {**self.plugin_environment(directory), **(env or {})}
        if cryptsetup_version() >= (2, 7):
            redirect = [f"--external-tokens-path={directory}"]
        return run(["cryptsetup", *redirect, *arguments], check=check,
                   env=self.environment(**variables), **options)

    def opens_by_token(self, image, *arguments, **options):
        """(opened, what was said, seconds) of a try by token alone."""
        start = time.monotonic()
        done = self.cryptsetup("open", "--test-passphrase", "--token-only", *arguments, image,
                               check=False, **options)
        return done.returncode == 0, done.stderr.decode(), time.monotonic() - start

    def opens_by_passphrase(self, image, passphrase=PASSPHRASE):
        done = run(["cryptsetup", "open", "--test-passphrase", "--disable-external-tokens",
                    "--key-file=-", image], check=False, input=passphrase)
        return done.returncode == 0

    def header(self, image):
        return json.loads(run(["cryptsetup", "luksDump", "--dump-json-metadata", image]).stdout)
