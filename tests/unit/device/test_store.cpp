// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's memory as a directory.
#include "hsm4/device/store.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"

using hsm4::Errc;
using hsm4::device::State;
using hsm4::device::Store;

namespace {

Store opened(const std::string& directory) {
    auto store = Store::open(directory);
    assert_true(static_cast<bool>(store));
    return std::move(*store);
}

unsigned mode_of(const std::string& path) {
    struct stat facts = {};
    assert_int_equal(::stat(path.c_str(), &facts), 0);
    return facts.st_mode & 07777U;
}

/// A directory with a module of generation 5 in it.
std::string used(const ScratchDirectory& scratch) {
    const std::string directory = scratch.path("module");
    Store store = opened(directory);
    State state = store.take_state();
    state.generation = 5;
    assert_true(static_cast<bool>(store.save(state)));
    return directory;
}

}  // namespace

static void a_new_directory_is_private_and_holds_a_fresh_module(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string directory = scratch.path("module/");
    Store store = opened(directory);
    const State state = store.take_state();
    assert_true(state.life_cycle == hsm4::wire::LifeCycle::unbound);
    assert_false(hsm4::equal_secret(state.device_secret.view(), hsm4::Secret<32>{}.view()));
    assert_int_equal(mode_of(directory), 0700);
    assert_int_equal(mode_of(directory + "state"), 0600);
}

static void no_two_modules_have_the_same_secret(void** /*state*/) {
    const ScratchDirectory scratch;
    const State one = opened(scratch.path("one")).take_state();
    const State two = opened(scratch.path("two")).take_state();
    assert_false(hsm4::equal_secret(one.device_secret.view(), two.device_secret.view()));
}

static void what_was_saved_is_there_the_next_time(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string directory = used(scratch);
    assert_int_equal(opened(directory).take_state().generation, 5);
}

static void two_at_once_are_refused(void** /*state*/) {
    const ScratchDirectory scratch;
    const Store first = opened(scratch.path("module"));
    const auto second = Store::open(scratch.path("module"));
    assert_true(second.error().code == Errc::io);
    assert_int_equal(second.error().detail, EWOULDBLOCK);
}

static void damage_is_refused_and_kept(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string directory = used(scratch);
    scratch.write("module/state", "damaged");
    assert_true(Store::open(directory).error().code == Errc::malformed);
    assert_string_equal(scratch.read("module/state").c_str(), "damaged");
}

static void a_lost_state_is_no_new_module(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string directory = used(scratch);
    std::filesystem::remove(directory + "/state");
    const auto store = Store::open(directory);
    assert_true(store.error().code == Errc::io);
    assert_int_equal(store.error().detail, ENOENT);
    assert_false(std::filesystem::exists(directory + "/state"));
}

static void a_state_without_the_mark_gets_it_again(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string directory = used(scratch);
    std::filesystem::remove(directory + "/created");
    assert_int_equal(opened(directory).take_state().generation, 5);
    assert_true(std::filesystem::exists(directory + "/created"));
}

static void what_a_crash_left_of_a_write_is_removed(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string directory = used(scratch);
    scratch.write("module/state.Xy1234", "half of it");
    scratch.write("module/notes", "somebody else's");
    assert_int_equal(opened(directory).take_state().generation, 5);
    assert_false(std::filesystem::exists(directory + "/state.Xy1234"));
    assert_true(std::filesystem::exists(directory + "/notes"));
}

static void open_permissions_are_closed(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string directory = used(scratch);
    assert_int_equal(::chmod(directory.c_str(), 0777), 0);
    assert_int_equal(::chmod((directory + "/state").c_str(), 0666), 0);
    static_cast<void>(opened(directory));
    assert_int_equal(mode_of(directory), 0700);
    assert_int_equal(mode_of(directory + "/state"), 0600);
}

static void a_directory_that_went_away_is_an_error_of_saving(void** /*state*/) {
    const ScratchDirectory scratch;
    Store store = opened(scratch.path("module"));
    const State state = store.take_state();
    std::filesystem::remove_all(scratch.path("module"));
    assert_true(store.save(state).error().code == Errc::io);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_new_directory_is_private_and_holds_a_fresh_module),
        cmocka_unit_test(no_two_modules_have_the_same_secret),
        cmocka_unit_test(what_was_saved_is_there_the_next_time),
        cmocka_unit_test(two_at_once_are_refused),
        cmocka_unit_test(damage_is_refused_and_kept),
        cmocka_unit_test(a_lost_state_is_no_new_module),
        cmocka_unit_test(a_state_without_the_mark_gets_it_again),
        cmocka_unit_test(what_a_crash_left_of_a_write_is_removed),
        cmocka_unit_test(open_permissions_are_closed),
        cmocka_unit_test(a_directory_that_went_away_is_an_error_of_saving),
    };
    return cmocka_run_group_tests_name("store", tests, nullptr, nullptr);
}
