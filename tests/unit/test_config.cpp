// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4.conf: reading it strictly, and editing one section without touching the rest.
#include <sys/stat.h>

#include "hsm4/config.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"

using hsm4::Errc;

namespace {

constexpr const char* volume = "5a8f9a6e-0000-4000-8000-0123456789ab";

hsm4::BindingConfig some_binding() {
    hsm4::BindingConfig binding;
    binding.module.module_id.fill(std::byte{0x11});
    binding.module.public_key.fill(std::byte{0x22});
    binding.module.verify_key.fill(std::byte{0x33});
    binding.slot = 2;
    binding.salt.fill(std::byte{0x44});
    binding.components = {{"board-serial", "/proc/device-tree/serial-number"},
                          {"boot-medium", "/dev/disk/by-path/platform-3f300000.mmc"}};
    return binding;
}

bool refused(const std::string& content) {
    const ScratchDirectory scratch;
    auto config = hsm4::load_config(scratch.write("hsm4.conf", content));
    return !config && config.error().code == Errc::bad_config;
}

}  // namespace

static void no_file_means_defaults(void** /*state*/) {
    const ScratchDirectory scratch;
    auto config = hsm4::load_config(scratch.path("hsm4.conf"));
    assert_true(config && config->device.empty() && !config->strict && !config->binding);
    assert_int_equal(config->wait.count(), 10);
}

static void what_the_administrator_sets_is_read(void** /*state*/) {
    const ScratchDirectory scratch;
    auto config = hsm4::load_config(
        scratch.write("hsm4.conf", "# remark\ndevice = unix:/run/x\nwait = 0\nstrict = yes\n"));
    assert_true(config && config->device == "unix:/run/x" && config->strict);
    assert_int_equal(config->wait.count(), 0);
}

static void what_is_not_understood_is_refused_with_its_line(void** /*state*/) {
    for (const char* content :
         {"wait = 601\n", "wait = -1\n", "wait = 5s\n", "wait =\n", "strict = true\n",
          "colour = blue\n", "device = a\ndevice = b\n", "[binding]\nslot = 4\n",
          "[binding]\nmodule-id = 00\n", "[binding]\ncomponent = board-serial relative\n",
          "[binding]\nslot = 1\n", "[other]\nx = y\n", "[volume ]\nbinding = 00\n",
          "[volume x]\nbinding = 00\n", "[volume x]\nother = 00\n", "nonsense\n", "=\n"})
        assert_true(refused(content));
    // What a power cut may leave of a file.
    assert_true(refused(std::string(64, '\0')));
    assert_true(refused(std::string("wait = 1\n\0\n", 11)));
    const ScratchDirectory scratch;
    auto config = hsm4::load_config(scratch.write("hsm4.conf", "wait = 3\nwait = x\n"));
    assert_int_equal(config.error().detail, 2);
}

static void a_binding_is_saved_and_read(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string path = scratch.path("deep/er/hsm4.conf");
    assert_true(static_cast<bool>(hsm4::save_binding(path, some_binding())));
    auto config = hsm4::load_config(path);
    assert_true(config && config->binding);
    const hsm4::BindingConfig& binding = *config->binding;
    assert_true(binding.module.verify_key == some_binding().module.verify_key);
    assert_true(binding.salt == some_binding().salt && binding.slot == 2);
    assert_int_equal(binding.components.size(), 2);
    assert_string_equal(binding.components[1].source.c_str(),
                        "/dev/disk/by-path/platform-3f300000.mmc");
}

static void editing_keeps_every_other_line(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string path = scratch.write(
        "hsm4.conf", "# mine\nwait = 3   ; kept\n\n[volume x]\nbinding = " + std::string(64, '0') +
                         "\n# about the next\n");
    assert_int_equal(chmod(path.c_str(), 0640), 0);
    assert_true(static_cast<bool>(hsm4::save_binding(path, some_binding())));
    hsm4::VolumeBinding pin{};
    assert_true(static_cast<bool>(hsm4::save_volume_pins(path, volume, {pin, pin})));
    assert_true(static_cast<bool>(hsm4::save_volume_pins(path, "x", {})));
    assert_true(static_cast<bool>(hsm4::save_binding(path, some_binding())));
    const std::string text = scratch.read("hsm4.conf");
    assert_true(text.starts_with("# mine\nwait = 3   ; kept\n"));
    assert_true(text.find("# about the next\n") != text.npos);
    assert_true(text.find("[volume x]") == text.npos);
    assert_int_equal(text.find("[binding]"), text.rfind("[binding]"));
    auto config = hsm4::load_config(path);
    assert_true(config && config->volumes.at(volume).size() == 2);
    struct stat status = {};
    assert_int_equal(stat(path.c_str(), &status), 0);
    assert_int_equal(status.st_mode & 0777U, 0640);
}

static void a_symbolic_link_stays_one(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string real = scratch.write("real.conf", "wait = 3\n");
    scratch.link("hsm4.conf", real);
    assert_true(static_cast<bool>(hsm4::save_binding(scratch.path("hsm4.conf"), some_binding())));
    assert_true(std::filesystem::is_symlink(scratch.path("hsm4.conf")));
    assert_true(scratch.read("real.conf").find("[binding]") != std::string::npos);
}

static void a_place_that_cannot_be_written_is_an_error(void** /*state*/) {
    auto saved = hsm4::save_binding("/proc/hsm4/hsm4.conf", some_binding());
    assert_true(!saved && saved.error().code == Errc::io);
}

static void the_device_is_set_with_the_binding(void** /*state*/) {
    const ScratchDirectory scratch;
    const std::string path = scratch.path("hsm4.conf");
    assert_true(bool{hsm4::save_binding(path, some_binding(), "unix:/run/a")});
    assert_true(hsm4::load_config(path)->device == "unix:/run/a");

    // In its place, and nothing that merely looks like it.
    scratch.write("hsm4.conf", "# device = no\nwait = 3\n device\t: unix:/run/a\n[volume x]\n");
    assert_true(bool{hsm4::save_binding(path, std::nullopt, "unix:/run/b")});
    assert_string_equal(scratch.read("hsm4.conf").c_str(),
                        "# device = no\nwait = 3\ndevice = unix:/run/b\n[volume x]\n");

    assert_true(bool{hsm4::save_binding(path, std::nullopt, "")});
    assert_string_equal(scratch.read("hsm4.conf").c_str(), "# device = no\nwait = 3\n[volume x]\n");
    assert_true(bool{hsm4::save_binding(path, std::nullopt)});
    assert_string_equal(scratch.read("hsm4.conf").c_str(), "# device = no\nwait = 3\n[volume x]\n");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(no_file_means_defaults),
        cmocka_unit_test(what_the_administrator_sets_is_read),
        cmocka_unit_test(what_is_not_understood_is_refused_with_its_line),
        cmocka_unit_test(a_binding_is_saved_and_read),
        cmocka_unit_test(editing_keeps_every_other_line),
        cmocka_unit_test(a_symbolic_link_stays_one),
        cmocka_unit_test(a_place_that_cannot_be_written_is_an_error),
        cmocka_unit_test(the_device_is_set_with_the_binding),
    };
    return cmocka_run_group_tests_name("config", tests, nullptr, nullptr);
}
