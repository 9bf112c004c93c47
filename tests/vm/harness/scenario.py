# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Running scenarios: each is a file of scenarios/ with a function run(vm)."""
import contextlib
import importlib.util
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

from . import cache
from .machine import Pc, Pi
from .module import Module

SCENARIOS = pathlib.Path(__file__).resolve().parents[1] / "scenarios"


def names():
    return sorted(path.stem.replace("_", "-") for path in SCENARIOS.glob("[a-z]*.py"))


def load(name):
    path = SCENARIOS / (name.replace("-", "_") + ".py")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def purpose(name):
    """The first line of the scenario's text."""
    return load(name).__doc__.strip().splitlines()[0]


class GaveUp(Exception):
    """A test has failed without which the next ones make no sense."""


class Scenario:
    """What a scenario's run() gets."""

    def __init__(self, name, logs):
        self.name = name
        self.logs = logs            # console logs and the like stay here
        self.passed = 0
        self.failed = 0
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="hsm4-vm-", dir=cache.scratch(3000)))
        self.machines = []
        self.modules = []

    @contextlib.contextmanager
    def test(self, title, needed=False):
        """One test. When it is `needed` by what follows, its failure ends the scenario."""
        start = time.monotonic()
        try:
            yield
        except Exception:  # a test may fail in any way
            self._verdict("not ok", title, start)
            self.failed += 1
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="",
                  flush=True)
            if needed:
                raise GaveUp from None
        else:
            self._verdict("ok", title, start)
            self.passed += 1

    def _verdict(self, verdict, title, start):
        print(f"{verdict} - {self.name}: {title} ({time.monotonic() - start:.0f} s)", flush=True)
        for machine in self.machines:
            if machine.console:
                machine.console.note(f"{verdict} - {title}")

    def module(self, name="module", **options):
        """A new module, switched on."""
        module = Module(self.work / name, **options)
        self.modules.append(module)
        return module.start()

    def disk(self, recipe, name="disk.img"):
        """A writable copy of a recipe's disk, which lives as long as the scenario."""
        return recipe.make().copy_to(self.work / name)

    def pc(self, disk, module, **options):
        return self._machine(Pc, disk, module, options)

    def pi(self, disk, module, **options):
        return self._machine(Pi, disk, module, options)

    def _machine(self, kind, disk, module, options):
        directory = self.logs / f"machine-{len(self.machines) + 1}"
        directory.mkdir()
        machine = kind(directory, disk, module, **options)
        self.machines.append(machine)
        return machine

    def close(self):
        for machine in self.machines:
            machine.cut_power()
            for path in machine.directory.glob("boot-*"):
                path.unlink()
        for module in self.modules:
            module.stop()
            shutil.copy(module.log, self.logs / f"{module.directory.name}.log")
        shutil.rmtree(self.work)


def run(name, logs):
    """(passed, failed) of a scenario."""
    directory = logs / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    start = time.monotonic()
    print(f"== {name}: {purpose(name)}", flush=True)
    scenario = Scenario(name, directory)
    try:
        load(name).run(scenario)
    except GaveUp:
        pass
    except Exception:  # outside of any test: building an image, say
        traceback.print_exc()
        scenario.failed += 1
    finally:
        scenario.close()
    print(f"== {name}: {time.monotonic() - start:.0f} s; logs in {directory}", flush=True)
    return scenario.passed, scenario.failed


def list_all():
    for name in names():
        print(f"{name:24} {purpose(name)}")
    return 0


def check_names(wanted):
    for name in wanted:
        if name not in names():
            print(f"tests/vm/run: no scenario {name}; see tests/vm/run list", file=sys.stderr)
            return 2
    return 0


def run_all(wanted):
    # A run that is ended takes its machines, modules and scratch files along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    logs = pathlib.Path(os.environ.get("HSM4_VM_LOGS") or SCENARIOS.parents[2] / "build-vm/vm-logs")
    totals = [run(name, logs) for name in wanted or names()]
    passed, failed = (sum(column) for column in zip(*totals))
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if passed and not failed else 1
