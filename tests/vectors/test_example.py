# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""The worked example in hsm4-protocol(7): our own code and the second implementation make it again,
byte for byte."""

import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "integration"))

import protocol_example  # noqa: E402
import tap  # noqa: E402

PAGE = HERE.parents[1] / "man/hsm4-protocol.7.scd"
PROGRAM = pathlib.Path(os.environ["HSM4_BUILD"]) / "tests/protocol-example"


def values_of_page():
    """Each name in the literal blocks of the page's section EXAMPLE, and the hexadecimal below it."""
    section = PAGE.read_text("utf-8").split("\n# EXAMPLE\n", 1)[1].split("\n# ", 1)[0]
    values, name = {}, None
    for line in "\n".join(section.split("```")[1::2]).splitlines():
        if line.startswith(" "):
            values[name] += line.strip()
        elif line:
            name = line
            values[name] = ""
    return {key: bytes.fromhex(value) for key, value in values.items()}


def values_of_program():
    done = subprocess.run([PROGRAM], stdout=subprocess.PIPE, timeout=60, check=True, text=True)
    return {name: bytes.fromhex(value) for name, value in
            (line.split(" ") for line in done.stdout.splitlines())}


class WorkedExample(unittest.TestCase):
    maxDiff = None

    def test_the_second_implementation_makes_the_page(self):
        self.assertEqual(values_of_page(), protocol_example.example())

    def test_our_own_code_makes_the_page(self):
        page = values_of_page()
        # The one value that our code does not give away is hashed into the next.
        del page["volume"]
        self.assertEqual(page, values_of_program())


if __name__ == "__main__":
    tap.main()
