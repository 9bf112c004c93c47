# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What benches share: measuring a process, and a line for each figure."""

import resource
import statistics
import subprocess
import tempfile


def cost(command, environment):
    """(CPU seconds, peak memory in KiB) of one run that must succeed.

    The kernel gives a new program the peak of the one that started it, so a small one starts it."""
    with tempfile.NamedTemporaryFile("r") as report:
        started = ["/usr/bin/time", "--quiet", "--format=%M", f"--output={report.name}",
                   *(str(word) for word in command)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(started, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return seconds, int(report.read())


def side_by_side(first, second, runs=15):
    """Medians of (CPU, memory) of two functions that measure, run in turns so that a busy machine hits
    both alike."""
    costs = [(first(), second()) for _ in range(runs)]
    return [tuple(statistics.median(pair[side][figure] for pair in costs) for figure in (0, 1))
            for side in (0, 1)]


def show(what, figure, baseline, budget):
    print(f"{what:<44} {figure:<14} {baseline:<34} budget: {budget}", flush=True)
