# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""What tests/vm/run, tests/vm/build and tests/packages/run call."""
import sys

from . import by_hand, packages, rootfs, scenario, sdk


def main(verb, *arguments):
    if verb == "list":
        return scenario.list_all()
    if verb == "check":
        return scenario.check_names(arguments)
    if verb == "run":
        return scenario.run_all(arguments)
    if verb == "try":
        return by_hand.main(*arguments)
    if verb == "build":
        print(sdk.install_tree(*arguments))
        return 0
    if verb == "packages":
        print(packages.directory(*arguments))
        return 0
    if verb == "rootfs":
        rootfs.foreign(arguments[1])
        print(rootfs.archive(*arguments))
        return 0
    raise ValueError(verb)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
