// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module by the vendor's library: both conventions of return codes, and every defect.
#include <filesystem>

#include "hsm4/describe.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/zymbit/stand_in_fixture.hpp"

using hsm4::Errc;
using hsm4::LifeCycle;

namespace {

const hsm4::Bytes key(64, std::byte{0x5a});
const hsm4::VolumeBinding volume{};

/// Locks while the module is healthy; unlocks with `defects`.
hsm4::Result<hsm4::SecretBytes> unlock_with(StandInFixture& fixture, const std::string& defects) {
    auto module = fixture.library();
    auto locked = module.lock(key, volume, std::nullopt);
    assert_true(static_cast<bool>(locked));
    fixture.set_defects(defects);
    auto unlocked = module.unlock(*locked, volume, std::nullopt);
    assert_true(StandInFixture::has_no_child());
    return unlocked;
}

void assert_unlock_ends_in(const std::string& defects, Errc code) {
    StandInFixture fixture;
    // Short only where waiting is the point: a busy host needs seconds for the others.
    if (code == Errc::timeout) fixture.set_budget(std::chrono::milliseconds{1500});
    auto unlocked = unlock_with(fixture, defects);
    assert_true(!unlocked);
    assert_int_equal(unlocked.error().code, code);
}

std::size_t thread_count() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator{"/proc/self/task"})
        ++count;
    return count;
}

}  // namespace

static void what_is_locked_is_unlocked_in_both_conventions(void** /*state*/) {
    for (const char* convention : {"", "wrapper", "noise", "hang-close", "leftover-thread"}) {
        StandInFixture fixture;
        auto unlocked = unlock_with(fixture, convention);
        assert_true(unlocked && hsm4::equal_secret(unlocked->view(), key));
        assert_int_equal(thread_count(), 1);
    }
}

static void only_the_one_way_key_is_used(void** /*state*/) {
    StandInFixture fixture;
    assert_true(static_cast<bool>(unlock_with(fixture, "")));
    assert_int_equal(fixture.count_calls("lock one-way"), 2);  // "unlock one-way" as well
    assert_int_equal(fixture.count_calls("unlock one-way"), 1);
    assert_int_equal(fixture.count_calls("shared"), 0);
    assert_int_equal(fixture.count_calls("open"), fixture.count_calls("close"));
}

static void the_locked_key_is_for_its_volume(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.library();
    auto locked = module.lock(key, volume, std::nullopt);
    hsm4::VolumeBinding other{};
    other[31] = std::byte{1};
    auto unlocked = module.unlock(*locked, other, std::nullopt);
    assert_true(!unlocked && unlocked.error().code == Errc::refused);
    auto raw = module.unlock_raw(*locked);  // the binding cannot be taken off
    assert_true(!raw && raw.error().code == Errc::refused);
}

static void keys_of_the_vendors_system_are_raw(void** /*state*/) {
    StandInFixture fixture;
    const hsm4::Bytes vendors(512, std::byte{0x77});
    auto locked = fixture.access(hsm4::Uri::Kind::zymbit, "libzk_app_utils.so")->lock(vendors);
    assert_true(static_cast<bool>(locked));
    auto module = fixture.library();
    auto unlocked = module.unlock_raw(*locked);
    assert_true(unlocked && hsm4::equal_secret(unlocked->view(), vendors));
    auto sealed = module.unlock(*locked, volume, std::nullopt);
    assert_true(!sealed && sealed.error().code == Errc::malformed);
}

static void each_defect_has_its_error(void** /*state*/) {
    assert_unlock_ends_in("hang", Errc::timeout);
    assert_unlock_ends_in("hang-open", Errc::timeout);
    assert_unlock_ends_in("child hang", Errc::timeout);
    assert_unlock_ends_in("timeout", Errc::timeout);
    assert_unlock_ends_in("refuse", Errc::refused);
    assert_unlock_ends_in("crash", Errc::no_software);
    assert_unlock_ends_in("unverified", Errc::refused);
    assert_unlock_ends_in("unverified wrapper", Errc::refused);
    assert_unlock_ends_in("unverified-output", Errc::malformed);
    assert_unlock_ends_in("unbound", Errc::wrong_state);
    assert_unlock_ends_in("foreign", Errc::wrong_state);
}

static void another_modules_key_is_refused(void** /*state*/) {
    StandInFixture one;
    auto locked = one.library().lock(key, volume, std::nullopt);
    StandInFixture other;  // from here on the environment names this one
    auto unlocked = other.library().unlock(*locked, volume, std::nullopt);
    assert_true(!unlocked && unlocked.error().code == Errc::refused);
}

static void a_disturbed_call_is_tried_again_after_a_pause(void** /*state*/) {
    StandInFixture fixture;
    assert_true(static_cast<bool>(unlock_with(fixture, "flaky-2")));
    assert_int_equal(fixture.count_calls("unlock"), 3);
    assert_int_equal(fixture.clock().sleeps(), 2);
}

static void tries_end_with_the_budget(void** /*state*/) {
    StandInFixture fixture;
    fixture.set_budget(std::chrono::milliseconds{10'000});
    auto unlocked = unlock_with(fixture, "timeout");
    assert_true(!unlocked && unlocked.error().code == Errc::timeout);
    assert_in_range(fixture.count_calls("unlock"), 3, 10);
}

static void a_refusal_is_tried_three_times_like_the_vendor_does(void** /*state*/) {
    StandInFixture fixture;
    assert_false(static_cast<bool>(unlock_with(fixture, "refuse")));
    assert_int_equal(fixture.count_calls("unlock"), 3);
    StandInFixture unverified;
    assert_false(static_cast<bool>(unlock_with(unverified, "unverified")));
    assert_int_equal(unverified.count_calls("unlock"), 3);
}

static void status_comes_from_the_binding_info(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.library();
    auto status = module.status();
    assert_true(status && status->life_cycle == LifeCycle::development && status->secure);
    fixture.set_defects("production");
    status = module.status();
    assert_true(status && status->life_cycle == LifeCycle::production && status->secure);
    fixture.set_defects("foreign");
    status = module.status();
    assert_true(status && status->life_cycle == LifeCycle::production && !status->secure);
    fixture.set_defects("unbound");
    status = module.status();
    assert_true(status && status->life_cycle == LifeCycle::unbound && !status->secure);
}

static void info_names_model_firmware_and_serial(void** /*state*/) {
    StandInFixture fixture;
    auto info = fixture.library().info();
    assert_true(static_cast<bool>(info));
    assert_string_equal(info->backend.c_str(), "zymbit");
    assert_string_equal(info->model.c_str(), "Stand-in 4");
    assert_string_equal(info->firmware.c_str(), "01.00.00");
    assert_string_equal(info->id.c_str(), "00000123ABC");
    assert_false(info->keys.has_value());
}

static void an_old_library_locks_and_unlocks(void** /*state*/) {
    StandInFixture fixture;
    fixture.scratch().write("zymbit/00000456DEF/s1_fp_salt.bin", "salt");
    auto module = fixture.library("libzk_app_utils-2020.so");
    auto locked = module.lock(key, volume, std::nullopt);
    assert_true(locked && module.unlock(*locked, volume, std::nullopt));
    auto info = module.info();
    assert_true(info && info->id == "00000456DEF" && info->firmware == "unknown");
    auto crippled = fixture.library("libzk_app_utils-crippled.so").lock(key, volume, std::nullopt);
    assert_true(!crippled && crippled.error().code == Errc::no_software);
    auto absent = fixture.library("nonexistent.so").lock(key, volume, std::nullopt);
    assert_true(!absent && absent.error().code == Errc::no_software);
}

static void random_bytes_come_in_the_wanted_number(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.library();
    auto one = module.random(64);
    auto other = module.random(64);
    assert_true(one && other && one->size() == 64);
    assert_false(hsm4::equal_secret(one->view(), other->view()));
    assert_false(static_cast<bool>(module.random(0)));
    assert_false(static_cast<bool>(module.random(129)));
}

static void what_the_module_cannot_do_is_said(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.library();
    auto locked = module.lock(key, volume, hsm4::view_of("1234"));
    assert_true(!locked && locked.error().code == Errc::usage);
    auto attested = module.attest();
    assert_true(!attested && attested.error().code == Errc::unsupported);
    assert_string_equal(fixture.calls().c_str(), "");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_locked_is_unlocked_in_both_conventions),
        cmocka_unit_test(only_the_one_way_key_is_used),
        cmocka_unit_test(the_locked_key_is_for_its_volume),
        cmocka_unit_test(keys_of_the_vendors_system_are_raw),
        cmocka_unit_test(each_defect_has_its_error),
        cmocka_unit_test(another_modules_key_is_refused),
        cmocka_unit_test(a_disturbed_call_is_tried_again_after_a_pause),
        cmocka_unit_test(tries_end_with_the_budget),
        cmocka_unit_test(a_refusal_is_tried_three_times_like_the_vendor_does),
        cmocka_unit_test(status_comes_from_the_binding_info),
        cmocka_unit_test(info_names_model_firmware_and_serial),
        cmocka_unit_test(an_old_library_locks_and_unlocks),
        cmocka_unit_test(random_bytes_come_in_the_wanted_number),
        cmocka_unit_test(what_the_module_cannot_do_is_said),
    };
    return cmocka_run_group_tests_name("library", tests, nullptr, nullptr);
}
