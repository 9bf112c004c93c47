// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The copy of the header that a run keeps in memory.
#include "tools/enroll/header_backup.hpp"

#include <fcntl.h>
#include <libcryptsetup.h>
#include <unistd.h>

#include <array>
#include <string>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"
#include "tools/enroll/new_way.hpp"

namespace {

using namespace hsm4;
using namespace hsm4::enroll;

constexpr std::size_t both_copies = 32768;
constexpr off_t device_size = 17 * 1048576;

/// A LUKS2 volume without a key slot.
Place make_volume(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    assert_int_equal(::ftruncate(file.get(), device_size), 0);
    crypt_device* device = nullptr;
    assert_int_equal(crypt_init(&device, path.c_str()), 0);
    assert_int_equal(crypt_set_pbkdf_type(device, &pbkdf_for_random_keys()), 0);  // quick
    const int made =
        crypt_format(device, CRYPT_LUKS2, "aes", "xts-plain64", nullptr, nullptr, 64, nullptr);
    crypt_free(device);
    assert_int_equal(made, 0);
    return {path, {}};
}

void set_label(const Place& place, const char* label) {
    auto volume = Volume::open(place);
    assert_true(static_cast<bool>(volume));
    assert_int_equal(crypt_set_label(volume->context(), label, nullptr), 0);
}

std::string label_of(const Place& place) {
    auto volume = Volume::open(place);
    assert_true(static_cast<bool>(volume));
    return crypt_get_label(volume->context());
}

HeaderBackup taken(const Place& place) {
    auto volume = Volume::open(place);
    assert_true(static_cast<bool>(volume));
    auto backup = HeaderBackup::take(*volume);
    assert_true(static_cast<bool>(backup));
    return std::move(*backup);
}

void destroy(const Place& place) {
    const Descriptor file{::open(place.device.c_str(), O_WRONLY | O_CLOEXEC)};
    const std::array<char, both_copies> nothing{};
    assert_int_equal(::pwrite(file.get(), nothing.data(), nothing.size(), 0), nothing.size());
}

void a_lost_header_comes_back(void** /*state*/) {
    const ScratchDirectory directory;
    const Place place = make_volume(directory.path("volume"));
    set_label(place, "kept");
    const HeaderBackup backup = taken(place);
    destroy(place);
    assert_false(static_cast<bool>(Volume::open(place)));
    assert_true(static_cast<bool>(backup.restore_if_lost(place)));
    assert_string_equal(label_of(place).c_str(), "kept");
}

void a_header_that_others_changed_stays(void** /*state*/) {
    const ScratchDirectory directory;
    const Place place = make_volume(directory.path("volume"));
    const HeaderBackup backup = taken(place);
    set_label(place, "theirs");
    assert_true(static_cast<bool>(backup.restore_if_lost(place)));
    assert_string_equal(label_of(place).c_str(), "theirs");
}

void a_device_that_is_gone_is_a_problem(void** /*state*/) {
    const ScratchDirectory directory;
    const Place place = make_volume(directory.path("volume"));
    const HeaderBackup backup = taken(place);
    ::unlink(place.device.c_str());
    assert_false(static_cast<bool>(backup.restore_if_lost(place)));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_header_comes_back),
        cmocka_unit_test(a_header_that_others_changed_stays),
        cmocka_unit_test(a_device_that_is_gone_is_a_problem),
    };
    return cmocka_run_group_tests_name("header backup", tests, nullptr, nullptr);
}
