// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The child process: whatever it does, the caller's process stays as it was.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "hsm4/zymbit/child.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Deadline;
using hsm4::Errc;
using hsm4::zymbit::ChildBody;
using hsm4::zymbit::run_child;
using hsm4::zymbit::write_to_pipe;

namespace {

constexpr std::size_t longest = 10'000;
constexpr std::chrono::milliseconds plenty{20'000};
constexpr std::chrono::milliseconds little{200};

auto run(const ChildBody& body, std::chrono::milliseconds budget = plenty) {
    hsm4::SystemClock clock;
    return run_child(body, longest, Deadline{clock, budget});
}

int say(int pipe, std::string_view text) {
    return write_to_pipe(pipe, hsm4::view_of(text)) ? EXIT_SUCCESS : EXIT_FAILURE;
}

[[noreturn]] void hang() {
    for (;;) ::pause();
}

bool has_no_child() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

std::set<std::string> descriptors() {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        std::error_code gone;  // the iterator's own is closed when this is read
        found.insert(std::filesystem::read_symlink(entry.path(), gone).string());
    }
    return found;
}

}  // namespace

static void output_and_status_come_back(void** /*state*/) {
    auto result = run([](int pipe) { return say(pipe, "hello") + 7; });
    assert_true(static_cast<bool>(result));
    assert_int_equal(result->exit_status, 7);
    assert_true(std::ranges::equal(result->output.view(), hsm4::view_of("hello")));
    assert_true(has_no_child());
}

static void a_hanging_child_is_killed_with_all_its_own(void** /*state*/) {
    int life[2] = {-1, -1};
    assert_int_equal(::pipe(life), 0);
    auto result = run(
        [](int) {
            static_cast<void>(::fork());  // both hang, and hold `life` open
            hang();
            return 0;
        },
        little);
    assert_true(!result && result.error().code == Errc::timeout);
    assert_true(has_no_child());
    ::close(life[1]);
    char byte = 0;
    assert_int_equal(::read(life[0], &byte, 1), 0);  // the end of file comes with the last death
    ::close(life[0]);
}

static void output_counts_even_if_the_child_hangs_afterwards(void** /*state*/) {
    auto result = run([](int pipe) {
        say(pipe, "done");
        ::close(pipe);
        hang();
        return 0;
    });
    assert_true(result && result->output.size() == 4);
    assert_int_equal(result->exit_status, -1);
    assert_true(has_no_child());
}

static void a_crash_is_a_status(void** /*state*/) {
    auto result = run([](int) {
        ::raise(SIGKILL);
        return 0;
    });
    assert_true(result && result->output.empty());
    assert_int_equal(result->exit_status, -1);
    assert_true(has_no_child());
}

static void too_much_output_is_refused(void** /*state*/) {
    auto exact = run([](int pipe) { return say(pipe, std::string(longest, 'x')); });
    assert_true(exact && exact->output.size() == longest);
    auto result = run([](int pipe) {
        for (;;) say(pipe, std::string(longest, 'x'));
        return 0;
    });
    assert_true(!result && result.error().code == Errc::malformed);
    assert_true(has_no_child());
}

static void standard_streams_are_not_the_callers(void** /*state*/) {
    auto result = run([](int pipe) {
        std::string names;
        for (const char* stream : {"0", "1", "2"})
            names += std::filesystem::read_symlink(std::string{"/proc/self/fd/"} + stream).string();
        return say(pipe, names);
    });
    assert_true(result && std::ranges::equal(result->output.view(),
                                             hsm4::view_of("/dev/null/dev/null/dev/null")));
}

static void works_when_the_caller_has_closed_its_streams(void** /*state*/) {
    const int input = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
    ::close(STDIN_FILENO);
    auto result = run([](int pipe) { return say(pipe, "hello"); });
    assert_int_equal(::fcntl(STDIN_FILENO, F_GETFD), -1);
    if (input >= 0) ::dup2(input, STDIN_FILENO);
    assert_true(result && result->output.size() == 5);
}

static void descriptors_and_signal_mask_stay(void** /*state*/) {
    const auto before = descriptors();
    sigset_t mask_before;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
    assert_true(static_cast<bool>(run([](int pipe) { return say(pipe, "hello"); })));
    sigset_t mask_after;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask_after);
    for (int number = 1; number < SIGRTMIN; ++number)
        assert_int_equal(sigismember(&mask_before, number), sigismember(&mask_after, number));
    assert_true(descriptors() == before);
}

static void handlers_of_the_caller_do_not_run_in_the_child(void** /*state*/) {
    struct sigaction ours = {};
    struct sigaction before = {};
    ours.sa_handler = [](int) { ::_exit(99); };
    ::sigaction(SIGTERM, &ours, &before);
    auto result = run([](int) {
        ::raise(SIGTERM);
        return 0;
    });
    ::sigaction(SIGTERM, &before, nullptr);
    assert_true(result && result->exit_status == -1);
}

static void a_caller_that_ignores_its_children_is_served(void** /*state*/) {
    const auto before = ::signal(SIGCHLD, SIG_IGN);
    auto result = run([](int pipe) { return say(pipe, "hello"); });
    ::signal(SIGCHLD, before);
    assert_true(result && result->output.size() == 5);
}

static void other_children_of_the_caller_are_left_alone(void** /*state*/) {
    const pid_t other = ::fork();
    if (other == 0) ::_exit(42);
    assert_true(static_cast<bool>(run([](int pipe) { return say(pipe, "hello"); })));
    int status = 0;
    assert_int_equal(::waitpid(other, &status, 0), other);
    assert_int_equal(WEXITSTATUS(status), 42);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(output_and_status_come_back),
        cmocka_unit_test(a_hanging_child_is_killed_with_all_its_own),
        cmocka_unit_test(output_counts_even_if_the_child_hangs_afterwards),
        cmocka_unit_test(a_crash_is_a_status),
        cmocka_unit_test(too_much_output_is_refused),
        cmocka_unit_test(standard_streams_are_not_the_callers),
        cmocka_unit_test(works_when_the_caller_has_closed_its_streams),
        cmocka_unit_test(descriptors_and_signal_mask_stay),
        cmocka_unit_test(handlers_of_the_caller_do_not_run_in_the_child),
        cmocka_unit_test(a_caller_that_ignores_its_children_is_served),
        cmocka_unit_test(other_children_of_the_caller_are_left_alone),
    };
    return cmocka_run_group_tests_name("child", tests, nullptr, nullptr);
}
