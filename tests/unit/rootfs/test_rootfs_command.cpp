// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Running programs.
#include "tests/unit/cmocka_all.hpp"
#include "tools/rootfs/command.hpp"

using hsm4::Errc;
using hsm4::rootfs::run_command;

static void status_and_both_outputs_are_kept(void** /*state*/) {
    auto ended =
        run_command({"sh", "-c", "echo out; echo err >&2; exit 3"}, std::chrono::seconds{60});
    assert_true(ended && ended->status == 3);
    assert_string_equal(ended->output.c_str(), "out\nerr\n");
}

static void words_are_no_shell_text(void** /*state*/) {
    auto ended = run_command({"printf", "%s", "$(echo no); 'x'"}, std::chrono::seconds{60});
    assert_true(ended && ended->status == 0);
    assert_string_equal(ended->output.c_str(), "$(echo no); 'x'");
}

static void standard_input_is_empty(void** /*state*/) {
    auto ended = run_command({"cat"}, std::chrono::seconds{60});
    assert_true(ended && ended->status == 0 && ended->output.empty());
}

static void only_the_end_of_a_long_output_is_kept(void** /*state*/) {
    auto ended = run_command({"sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo end"},
                             std::chrono::seconds{60});
    assert_true(ended && ended->output.ends_with("xend\n") && ended->output.size() <= 65536);
}

static void a_program_that_does_not_end_is_killed(void** /*state*/) {
    auto ended = run_command({"sleep", "1000"}, std::chrono::seconds{1});
    assert_true(!ended && ended.error().code == Errc::timeout);
    auto killed = run_command({"sh", "-c", "kill -9 $$"}, std::chrono::seconds{60});
    assert_true(killed && killed->status == 128 + 9);
    auto missing = run_command({"/nonexistent"}, std::chrono::seconds{60});
    assert_true(!missing && missing.error().code == Errc::io);
}

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_and_both_outputs_are_kept),
        cmocka_unit_test(words_are_no_shell_text),
        cmocka_unit_test(standard_input_is_empty),
        cmocka_unit_test(only_the_end_of_a_long_output_is_kept),
        cmocka_unit_test(a_program_that_does_not_end_is_killed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
