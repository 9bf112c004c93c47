# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Things that take minutes to make, kept outside the checkout under the hash of what goes in."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import tempfile


def root():
    """HSM4_VM_CACHE, or /var/cache/hsm4-vm for root, or the user's own cache."""
    named = os.environ.get("HSM4_VM_CACHE")
    if named:
        path = pathlib.Path(named)
    elif os.geteuid() == 0:
        path = pathlib.Path("/var/cache/hsm4-vm")
    else:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        path = pathlib.Path(home) / "hsm4-vm"
    path.mkdir(parents=True, exist_ok=True)
    return path


def scratch(need_mib=2048):
    """Where work in progress lies: memory when there is enough of it, or the disk."""
    memory = pathlib.Path("/dev/shm")
    if memory.is_dir():
        free = shutil.disk_usage(memory).free >> 20
        with open("/proc/meminfo", encoding="ascii") as meminfo:
            lines = dict(line.split(":") for line in meminfo)
        available = int(lines["MemAvailable"].split()[0]) >> 10
        if min(free, available) > 2 * need_mib:
            return memory
    return pathlib.Path(tempfile.gettempdir())


def key(*parts):
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


def entry(name, digest, make):
    """The path `NAME-DIGEST` in the cache. When it is not there, `make(path)` makes it, under a lock
    and another name, so that a killed run leaves nothing half-done behind."""
    final = root() / f"{name}-{digest}"
    with locked(final.name):
        if not final.exists():
            partial = final.with_name(final.name + ".partial")
            remove(partial)
            make(partial)
            partial.rename(final)
    return final


@contextlib.contextmanager
def locked(name):
    with open(root() / f".{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
