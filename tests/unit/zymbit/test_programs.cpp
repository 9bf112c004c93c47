// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module by the vendor's stand-alone programs, as the initramfs has them.
#include <filesystem>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/zymbit/stand_in_fixture.hpp"

using hsm4::Errc;

namespace {

const hsm4::Bytes key(64, std::byte{0x5a});
const hsm4::VolumeBinding volume{};

bool run_is_clean(StandInFixture& fixture) {
    const auto entries = std::filesystem::directory_iterator{fixture.scratch().path("run")};
    return std::distance(begin(entries), end(entries)) == 1;  // "here", of the fixture
}

hsm4::Result<hsm4::SecretBytes> unlock_with(StandInFixture& fixture, const std::string& defects) {
    auto module = fixture.programs();
    auto locked = module.lock(key, volume, std::nullopt);
    assert_true(static_cast<bool>(locked));
    fixture.set_defects(defects);
    auto unlocked = module.unlock(*locked, volume, std::nullopt);
    assert_true(StandInFixture::has_no_child());
    assert_true(run_is_clean(fixture));
    return unlocked;
}

void assert_unlock_ends_in(const std::string& defects, Errc code) {
    StandInFixture fixture;
    fixture.set_budget(std::chrono::milliseconds{1500});
    auto unlocked = unlock_with(fixture, defects);
    assert_true(!unlocked);
    assert_int_equal(unlocked.error().code, code);
}

}  // namespace

static void what_is_locked_is_unlocked(void** /*state*/) {
    StandInFixture fixture;
    auto unlocked = unlock_with(fixture, "");
    assert_true(unlocked && hsm4::equal_secret(unlocked->view(), key));
}

static void library_and_programs_open_each_others_keys(void** /*state*/) {
    StandInFixture fixture;
    auto library = fixture.library();
    auto programs = fixture.programs();
    auto by_library = library.lock(key, volume, std::nullopt);
    auto by_programs = programs.lock(key, volume, std::nullopt);
    assert_true(by_library && by_programs);
    assert_true(static_cast<bool>(programs.unlock(*by_library, volume, std::nullopt)));
    assert_true(static_cast<bool>(library.unlock(*by_programs, volume, std::nullopt)));
}

static void each_defect_has_its_error(void** /*state*/) {
    assert_unlock_ends_in("hang", Errc::timeout);
    assert_unlock_ends_in("child hang", Errc::timeout);
    assert_unlock_ends_in("timeout", Errc::refused);
    assert_unlock_ends_in("crash", Errc::refused);
    assert_unlock_ends_in("empty", Errc::refused);
    assert_unlock_ends_in("unverified", Errc::refused);
    assert_unlock_ends_in("unverified-output", Errc::malformed);
}

static void a_refusal_is_tried_three_times(void** /*state*/) {
    StandInFixture fixture;
    assert_false(static_cast<bool>(unlock_with(fixture, "timeout")));
    assert_int_equal(fixture.count_calls("unlock program"), 3);
    assert_int_equal(fixture.clock().sleeps(), 2);
    StandInFixture flaky;
    assert_true(static_cast<bool>(unlock_with(flaky, "flaky-2")));
}

static void the_wake_pin_comes_from_zkenv(void** /*state*/) {
    StandInFixture fixture;
    ::unsetenv("ZK_GPIO_WAKE_PIN");
    fixture.scratch().write("module/wake-pin", "516");
    auto module = fixture.programs();
    assert_false(static_cast<bool>(module.lock(key, volume, std::nullopt)));
    fixture.scratch().write("zymbit/zkenv.conf", "ZK_GPIO_WAKE_PIN=516\n");
    assert_true(static_cast<bool>(module.lock(key, volume, std::nullopt)));
}

static void nothing_runs_beside_zkifc(void** /*state*/) {
    StandInFixture fixture;
    fixture.scratch().write("proc/77/stat", "77 (zkifc) S 1");
    auto module = fixture.programs();
    auto unlocked = module.unlock(key, volume, std::nullopt);
    assert_true(!unlocked && unlocked.error().code == Errc::occupied);
    assert_string_equal(fixture.calls().c_str(), "");
    assert_true(run_is_clean(fixture));
}

static void the_private_file_is_private(void** /*state*/) {
    StandInFixture fixture;
    // A program that shows what it was given.
    const std::string script = fixture.scratch().write(
        "bin/zkunlockifs", "#!/bin/sh\nstat -c '%a %h' \"$1\"; dirname \"$1\"\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    auto access = hsm4::zymbit::open_access({hsm4::Uri::Kind::zymbit_exec, script}, fixture.files(),
                                            fixture.clock(), std::chrono::seconds{10});
    auto shown = access->unlock(key);
    const std::string expected = "600 1\n" + fixture.scratch().path("run") + "\n";
    assert_true(shown && std::ranges::equal(shown->view(), hsm4::view_of(expected)));
}

static void programs_that_are_missing_are_said(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.module(hsm4::Uri::Kind::zymbit_exec, "nonexistent");
    auto unlocked = module.unlock(key, volume, std::nullopt);
    assert_true(!unlocked && unlocked.error().code == Errc::no_software);
}

static void info_and_random(void** /*state*/) {
    StandInFixture fixture;
    fixture.scratch().write("zymbit/00000456DEF/s1_fp_salt.bin", "salt");
    auto module = fixture.programs();
    auto info = module.info();
    assert_true(info && info->id == "00000456DEF");
    auto random = module.random(64);
    assert_true(random && random->size() == 64);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_locked_is_unlocked),
        cmocka_unit_test(library_and_programs_open_each_others_keys),
        cmocka_unit_test(each_defect_has_its_error),
        cmocka_unit_test(a_refusal_is_tried_three_times),
        cmocka_unit_test(the_wake_pin_comes_from_zkenv),
        cmocka_unit_test(nothing_runs_beside_zkifc),
        cmocka_unit_test(the_private_file_is_private),
        cmocka_unit_test(programs_that_are_missing_are_said),
        cmocka_unit_test(info_and_random),
    };
    return cmocka_run_group_tests_name("programs", tests, nullptr, nullptr);
}
