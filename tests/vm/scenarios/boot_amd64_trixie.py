# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""A PC with Debian trixie whose encrypted root comes up by itself, and everything that must stop it."""
from harness import boot_pc


def run(vm):
    boot_pc.run(vm, "trixie")
