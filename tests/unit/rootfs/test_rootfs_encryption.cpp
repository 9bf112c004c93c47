// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Encrypting an image in place, killed again and again; every byte is decrypted by other means and
// compared. No device-mapper.
#include <fcntl.h>
#include <sys/time.h>

#include <algorithm>
#include <csignal>

#include "tests/unit/rootfs/conversion.hpp"

namespace {

/// Dies by SIGKILL when a hot zone is done.
rootfs::Progress kill_after_one_zone() {
    return [zones = 0](std::uint64_t, std::uint64_t) mutable {
        if (++zones == 2) raise(SIGKILL);
        return true;
    };
}

}  // namespace

static void every_byte_is_there_afterwards(void** /*state*/) {
    for (const std::uint32_t sector_size : {512U, 4096U}) {
        const Conversion conversion{sector_size};
        assert_true(*rootfs::encryption_state(conversion.shape.file) == EncryptionState::complete);
        assert_true(*rootfs::encryption_state(conversion.shape.device) == EncryptionState::none);
        std::uint64_t last = 0;
        say(conversion.go_on([&](std::uint64_t done, std::uint64_t all) {
            assert_true(done >= last && done <= all);
            last = done;
            return true;
        }));
        assert_true(last > 0);
        conversion.check();
        // Once more is nothing to do.
        say(rootfs::run_encryption(conversion.shape.device, conversion.opener(), encrypted,
                                   conversion.finished, {}));
    }
}

static void killed_while_it_encrypts_it_goes_on(void** /*state*/) {
    Conversion conversion{4096};
    // Once after each hot zone, the last one included: by then only the tidying up is missing.
    int kills = 0;
    while (!in_a_process([&] { return bool{conversion.go_on(kill_after_one_zone())}; })) {
        conversion.restored = true;
        assert_true(*rootfs::encryption_state(conversion.shape.device) == EncryptionState::pending);
        assert_true(++kills < 10);
    }
    assert_int_equal(kills, encrypted / rootfs::data_shift + 1);
    conversion.check();
}

static void the_recovery_key_goes_on_where_the_module_began(void** /*state*/) {
    Conversion conversion{512};
    assert_false(in_a_process([&] { return bool{conversion.go_on(kill_after_one_zone())}; }));
    conversion.restored = true;
    say(conversion.go_on({}, 1));
    conversion.check();
}

/// The header says that a cut came while a zone was written.
static bool is_broken_off(const std::string& device) {
    auto volume = hsm4::enroll::Volume::open({device, {}});
    assert_true(static_cast<bool>(volume));
    return crypt_reencrypt_status(volume->context(), nullptr) == CRYPT_REENCRYPT_CRASH;
}

/// Runs until an alarm comes, `microseconds` after each zone.
static void run_until_alarm(const Conversion& conversion, suseconds_t microseconds) {
    const struct itimerval soon = {{0, 0}, {microseconds / 1'000'000, microseconds % 1'000'000}};
    in_a_process([&] {
        return bool{conversion.go_on([&](std::uint64_t, std::uint64_t) {
            return setitimer(ITIMER_REAL, &soon, nullptr) == 0;
        })};
    });
}

/// Kills it within the zone that comes next, however long that takes, and goes on.
static void break_off_and_go_on(Conversion& conversion) {
    const std::string between_zones = conversion.read("partition");
    constexpr suseconds_t longest = 20'000'000;
    for (suseconds_t delay = 500; !is_broken_off(conversion.shape.device); delay += delay / 2) {
        assert_true(delay < longest);
        conversion.write("partition", between_zones);
        run_until_alarm(conversion, delay);
    }
    say(conversion.go_on());
    conversion.check();
}

static void killed_within_the_first_zone_it_goes_on(void** /*state*/) {
    Conversion conversion{512};
    assert_false(in_a_process([&] {
        return bool{
            conversion.go_on([](std::uint64_t, std::uint64_t) { return raise(SIGKILL) == 0; })};
    }));
    conversion.restored = true;
    break_off_and_go_on(conversion);
}

/// What it encrypts lies elsewhere, and all else is encrypted.
static void killed_within_the_last_zone_it_goes_on(void** /*state*/) {
    Conversion conversion{4096};
    assert_false(in_a_process([&] { return bool{conversion.go_on(kill_after_one_zone())}; }));
    conversion.restored = true;
    break_off_and_go_on(conversion);
}

static void a_header_that_was_written_in_part_is_written_again(void** /*state*/) {
    const Conversion conversion{512};
    say(rootfs::begin_encryption(conversion.shape.file, conversion.shape.device,
                                 conversion.opener(), encrypted));
    const std::string header = conversion.read("header");
    for (const std::size_t written : {std::size_t{512}, std::size_t{5000}, std::size_t{40'000},
                                      header.size() / 2, header.size()}) {
        const hsm4::Descriptor file{open(conversion.shape.device.c_str(), O_WRONLY)};
        assert_int_equal(pwrite(file.get(), header.data(), written, 0), written);
    }
    // Begun twice is begun once.
    say(conversion.go_on());
    conversion.check();
}

static void a_pause_is_told_and_ends(void** /*state*/) {
    Conversion conversion{512};
    auto paused = conversion.go_on([](std::uint64_t, std::uint64_t) { return false; });
    assert_true(!paused && paused.error().text.find("paused") != std::string::npos);
    conversion.restored = true;
    say(conversion.go_on());
    conversion.check();
}

static void wrong_keys_and_foreign_files_change_nothing(void** /*state*/) {
    const Conversion conversion{512};
    auto before = hsm4::read_file(conversion.shape.device, device_size);
    assert_true(!rootfs::begin_encryption(conversion.shape.file, conversion.shape.device,
                                          {0, view_of("wrong")}, encrypted));
    assert_true(!rootfs::restore_header(conversion.shape.file, conversion.shape.device));
    assert_true(!rootfs::run_encryption(conversion.shape.device, conversion.opener(), encrypted,
                                        conversion.finished, {}));
    auto after = hsm4::read_file(conversion.shape.device, device_size);
    assert_true(before && after && std::ranges::equal(before->view(), after->view()));
    say(conversion.go_on());
    conversion.check();
}

#ifdef HSM4_FAULT_POINTS
static void killed_before_each_write_it_goes_on(void** /*state*/) {
    for (const char* step : {"1", "2"}) {
        const Conversion conversion{512};
        assert_false(in_a_process([&] {
            setenv("HSM4_FAULT_POINT", step, 1);
            return bool{conversion.go_on()};
        }));
        say(conversion.go_on());
        conversion.check();
    }
}
#endif

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_there_afterwards),
        cmocka_unit_test(killed_while_it_encrypts_it_goes_on),
        cmocka_unit_test(the_recovery_key_goes_on_where_the_module_began),
        cmocka_unit_test(killed_within_the_first_zone_it_goes_on),
        cmocka_unit_test(killed_within_the_last_zone_it_goes_on),
        cmocka_unit_test(a_header_that_was_written_in_part_is_written_again),
        cmocka_unit_test(a_pause_is_told_and_ends),
        cmocka_unit_test(wrong_keys_and_foreign_files_change_nothing),
#ifdef HSM4_FAULT_POINTS
        cmocka_unit_test(killed_before_each_write_it_goes_on),
#endif
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
