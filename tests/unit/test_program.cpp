// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Programs are given what they shall have, and never outlive their limit.
#include "hsm4/program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "hsm4/files.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"

using hsm4::Ending;
using hsm4::Program;
using hsm4::Surroundings;
using namespace std::chrono_literals;

namespace {

constexpr auto long_enough = 30s;

Ending shell(const std::string& script, const Surroundings& surroundings = {},
             std::chrono::milliseconds limit = long_enough) {
    return hsm4::run_program({"sh", "-c", script}, surroundings, limit);
}

bool has_children() { return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

}  // namespace

static void its_status_counts(void** /*state*/) {
    assert_true(shell("exit 0") == Ending::success);
    assert_true(shell("exit 3") == Ending::failure);
    assert_true(shell("kill -9 $$") == Ending::failure);
    assert_true(hsm4::run_program({"/nonexistent/program"}, {}, long_enough) == Ending::failure);
}

static void it_reads_and_writes_nothing_unless_told(void** /*state*/) {
    assert_true(shell("! read line && [ /proc/self/fd/1 -ef /dev/null ] && "
                      "[ /proc/self/fd/2 -ef /dev/null ]") == Ending::success);
}

static void it_writes_where_it_is_told(void** /*state*/) {
    const ScratchDirectory scratch;
    const hsm4::Descriptor file{
        open(scratch.path("out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    Surroundings surroundings;
    surroundings.output = file.get();
    surroundings.directory = scratch.path("");
    scratch.write("in", "hello");
    assert_true(shell("cat in", surroundings) == Ending::success);
    assert_true(scratch.read("out") == "hello");
}

static void its_environment_can_be_empty(void** /*state*/) {
    setenv("HSM4_TEST", "here", 1);
    Surroundings bare;
    bare.keeps_environment = false;
    assert_true(shell("[ \"$HSM4_TEST\" = here ]") == Ending::success);
    assert_true(shell("[ -z \"$HSM4_TEST\" ]", bare) == Ending::success);
}

static void one_that_is_late_is_stopped(void** /*state*/) {
    assert_true(shell("exec sleep 600", {}, 50ms) == Ending::late);
    assert_true(!has_children());
}

static void one_that_does_not_listen_is_killed(void** /*state*/) {
    assert_true(shell("trap '' TERM; while :; do sleep 600; done", {}, 300ms) == Ending::late);
    assert_true(!has_children());
}

static void it_ends_with_its_owner(void** /*state*/) {
    { auto program = Program::start({"sleep", "600"}, {}); }
    assert_true(!has_children());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(its_status_counts),
        cmocka_unit_test(it_reads_and_writes_nothing_unless_told),
        cmocka_unit_test(it_writes_where_it_is_told),
        cmocka_unit_test(its_environment_can_be_empty),
        cmocka_unit_test(one_that_is_late_is_stopped),
        cmocka_unit_test(one_that_does_not_listen_is_killed),
        cmocka_unit_test(it_ends_with_its_owner),
    };
    return cmocka_run_group_tests_name("program", tests, nullptr, nullptr);
}
