# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: 2026 The hsm4 authors
"""Each program and its manual page name the same long options; each page is well-formed.

In a page, a bold text that begins with an option (*--name*) or with the program (*hsm4ctl bind --lock*) speaks
of this program; one that begins with another program's name does not.
"""

import os
import pathlib
import re
import unittest

import fixture
import tap
from fixture import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "man").glob("*.scd"))
OPTION = re.compile(r"--[a-z0-9][a-z0-9-]*")


def programs():
    """Our programs in the build directory, by name."""
    found = {}
    for path in (fixture.BUILD / "tools").glob("*/hsm4*"):
        if path.is_file() and os.access(path, os.X_OK):
            found[path.name] = path
    return found


def help_of(program):
    """The --help of a program and of all of its verbs."""
    def text(*verbs):
        return run([program, *verbs, "--help"]).stdout.decode()

    def verbs_in(said):
        block = re.search(r"^(?:Subcommands|SUBCOMMANDS):\n((?:[ \t]+.*\n?|\n)*)", said, re.M)
        # Indented by two; what goes on in the next line is indented by more.
        return re.findall(r"^ {2}([a-z][a-z0-9-]*)", block.group(1), re.M) if block else []

    pages, waiting = [], [()]
    while waiting:
        path = waiting.pop()
        pages.append(text(*path))
        waiting += [(*path, verb) for verb in verbs_in(pages[-1])]
    return "\n".join(pages)


def options_in_page(text, program):
    """(every option in bold, those that speak of this program)"""
    text = text.replace("\\", "")
    every, own = set(), set()
    for bold in re.findall(r"\*([^*\n]+)\*", text):
        options = OPTION.findall(bold)
        every.update(options)
        if bold.startswith("--") or re.match(rf"{program}\b", bold):
            own.update(options)
    return every, own


class ManualPages(unittest.TestCase):
    def test_every_page_is_well_formed(self):
        self.assertTrue(PAGES)
        for page in PAGES:
            with self.subTest(page.name):
                run(["scdoc"], input=page.read_bytes())

    def test_every_page_is_built(self):
        for page in PAGES:
            self.assertTrue((fixture.BUILD / "man" / page.stem).is_file(), page.stem)

    def test_pages_refer_to_pages_of_ours_that_exist(self):
        ours = {page.stem for page in PAGES}
        for page in PAGES:
            for name, section in re.findall(r"\*(hsm4[a-z0-9.-]*)\*\((\d)\)", page.read_text("utf-8")):
                with self.subTest(page=page.name, refers=name):
                    self.assertIn(f"{name}.{section}", ours)


class Options(unittest.TestCase):
    def test_every_program_has_a_page_and_every_page_a_program(self):
        pages = {page.stem.removesuffix(".8") for page in PAGES if page.stem.endswith(".8")}
        self.assertEqual(pages, set(programs()))

    def test_help_and_page_name_the_same_options(self):
        self.assertTrue(programs())
        for name, program in programs().items():
            helped = set(OPTION.findall(help_of(program)))
            every, own = options_in_page((ROOT / f"man/{name}.8.scd").read_text("utf-8"), name)
            with self.subTest(name):
                self.assertIn("--help", helped)
                self.assertEqual(helped - every, set(), "in --help, but not in the page")
                self.assertEqual(own - helped, set(), "in the page, but not in --help")


if __name__ == "__main__":
    tap.main()
