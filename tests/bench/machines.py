# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Virtual machines for benches that boot them."""

import contextlib
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))
from harness import scenario  # noqa: E402  pylint: disable=wrong-import-position


@contextlib.contextmanager
def scenario_for(name):
    """A scenario, whose consoles' logs stay when something goes wrong."""
    logs = pathlib.Path(tempfile.mkdtemp(prefix=f"hsm4-bench-{name}-"))
    vm = scenario.Scenario(name, logs)
    try:
        yield vm
    except BaseException:
        print(f"logs of the machines: {logs}", file=sys.stderr)
        raise
    finally:
        vm.close()
    shutil.rmtree(logs)
