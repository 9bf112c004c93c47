// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The host's identity, measured on machines made of files.
#include "hsm4/boot_medium.hpp"
#include "hsm4/identity.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"

using hsm4::Errc;

namespace {

/// A Raspberry Pi with its root on an SD card, as sysfs and udev show it.
class FakePi : public ScratchDirectory {
public:
    FakePi() {
        machine = {path("sys"), path("proc"), path("dev")};
        write("proc/device-tree/serial-number", std::string("10000000abcdef01\0", 17));
        write("proc/device-tree/system/linux,revision", std::string("\0\xa0\x20\x82", 4));
        write("proc/self/mountinfo",
              "22 1 179:2 / / rw - ext4 /dev/mmcblk0p2 rw\n"
              "30 22 179:1 / /boot/firmware rw - vfat /dev/mmcblk0p1 rw\n");
        const std::string disk = "sys/devices/soc/mmc0/mmc0:aaaa/block/mmcblk0";
        write(disk + "/device/cid", "275048534431364760d8b4f5d900c500\n");
        for (const char* part : {"mmcblk0p1", "mmcblk0p2"})
            write(disk + '/' + part + "/partition", "1\n");
        link("sys/dev/block/179:1", path(disk + "/mmcblk0p1"));
        link("sys/dev/block/179:2", path(disk + "/mmcblk0p2"));
        link("sys/class/block/mmcblk0", path(disk));
        write("dev/mmcblk0", "");
        link("dev/disk/by-path/platform-3f300000.mmc", path("dev/mmcblk0"));
    }
    hsm4::Machine machine;
};

std::string text_of(const hsm4::SecretBytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.view().data()), bytes.size()};
}

}  // namespace

static void a_pi_offers_serial_revision_and_medium_by_stable_paths(void** /*state*/) {
    const FakePi pi;
    auto found = hsm4::find_components(std::nullopt, pi.machine);
    assert_true(found && found->size() >= 3);
    assert_string_equal(found->at(0).kind.c_str(), "board-serial");
    assert_string_equal(found->at(1).kind.c_str(), "board-revision");
    assert_string_equal(found->at(2).kind.c_str(), "boot-medium");
    assert_string_equal(found->at(2).source.c_str(),
                        pi.path("dev/disk/by-path/platform-3f300000.mmc").c_str());
    assert_string_equal(text_of(*hsm4::measure(found->at(0), pi.machine)).c_str(),
                        "10000000abcdef01");
    assert_string_equal(text_of(*hsm4::measure(found->at(2), pi.machine)).c_str(),
                        "cid:275048534431364760d8b4f5d900c500");
}

static void the_identity_does_not_depend_on_the_order(void** /*state*/) {
    const FakePi pi;
    auto found = *hsm4::find_components(std::nullopt, pi.machine);
    auto identity = hsm4::measure_identity(found, pi.machine);
    std::reverse(found.begin(), found.end());
    auto reversed = hsm4::measure_identity(found, pi.machine);
    assert_true(identity && reversed && hsm4::equal_secret(identity->view(), reversed->view()));
}

static void another_board_or_card_is_another_identity(void** /*state*/) {
    const FakePi pi;
    const FakePi other;
    other.write("proc/device-tree/serial-number", "10000000abcdef02");
    const std::vector<hsm4::Component> mine{
        {"board-serial", pi.path("proc/device-tree/serial-number")}};
    const std::vector<hsm4::Component> theirs{
        {"board-serial", other.path("proc/device-tree/serial-number")}};
    assert_false(hsm4::equal_secret(hsm4::measure_identity(mine, pi.machine)->view(),
                                    hsm4::measure_identity(theirs, other.machine)->view()));
}

static void a_component_that_is_late_is_no_wrong_value(void** /*state*/) {
    const FakePi pi;
    for (const hsm4::Component& component :
         {hsm4::Component{"board-serial", pi.path("proc/nothing")},
          hsm4::Component{"boot-medium", pi.path("dev/disk/by-path/usb-0")},
          hsm4::Component{"otp", pi.path("no-such-program")}}) {
        auto identity = hsm4::measure_identity({component}, pi.machine);
        assert_true(!identity && identity.error().code == Errc::identity);
    }
    pi.write("proc/blank", "\n \n");
    auto blank = hsm4::measure({"board-serial", pi.path("proc/blank")}, pi.machine);
    assert_true(!blank && blank.error().code == Errc::identity);
}

static void a_named_medium_must_be_there(void** /*state*/) {
    const FakePi pi;
    auto found = hsm4::find_components(pi.path("dev/sdz"), pi.machine);
    assert_true(!found && found.error().code == Errc::identity);
    auto named = hsm4::find_boot_medium(pi.path("dev/mmcblk0"), pi.machine);
    assert_true(named && *named == pi.path("dev/disk/by-path/platform-3f300000.mmc"));
}

static void a_mount_without_a_device_is_passed_over(void** /*state*/) {
    const FakePi pi;
    pi.write("proc/self/mountinfo",
             "22 1 179:2 / / rw - ext4 /dev/mmcblk0p2 rw\n"
             "30 22 0:41 / /boot/firmware rw - autofs systemd-1 rw\n");
    auto medium = hsm4::find_boot_medium(std::nullopt, pi.machine);
    assert_true(medium && *medium == pi.path("dev/disk/by-path/platform-3f300000.mmc"));
}

static void a_root_on_lvm_on_luks_leads_to_its_disk(void** /*state*/) {
    const FakePi pc;
    pc.write("proc/self/mountinfo", "22 1 254:1 / / rw - ext4 /dev/mapper/vg-root rw\n");
    const std::string disk = "sys/devices/pci/virtio0/block/vda";
    pc.write(disk + "/serial", "disk-one");
    pc.write(disk + "/vda3/partition", "3\n");
    pc.link("sys/devices/virtual/block/dm-0/slaves/vda3", pc.path(disk + "/vda3"));
    pc.link("sys/devices/virtual/block/dm-1/slaves/dm-0",
            pc.path("sys/devices/virtual/block/dm-0"));
    pc.link("sys/dev/block/254:1", pc.path("sys/devices/virtual/block/dm-1"));
    pc.link("sys/class/block/vda", pc.path(disk));
    pc.write("dev/vda", "");
    pc.link("dev/disk/by-path/virtio-pci-0000:00:04.0", pc.path("dev/vda"));
    pc.link("dev/disk/by-path/pci-0000:00:04.0", pc.path("dev/vda"));
    auto medium = hsm4::find_boot_medium(std::nullopt, pc.machine);
    assert_true(medium && medium->ends_with("/pci-0000:00:04.0"));
    assert_string_equal(text_of(*hsm4::measure_medium(*medium, pc.machine)).c_str(),
                        "serial:disk-one");
}

static void components_have_a_text_form(void** /*state*/) {
    auto component = hsm4::parse_component("boot-medium /dev/disk/by-path/a b");
    assert_true(component && component->source == "/dev/disk/by-path/a b");
    assert_string_equal(hsm4::to_text(*component).c_str(), "boot-medium /dev/disk/by-path/a b");
    for (const char* text :
         {"", "otp", "otp ", "otp relative", "machine-id /etc/machine-id", "otp /x\ny"})
        assert_true(!hsm4::parse_component(text));
}

static void the_psk_depends_on_salt_identity_module_and_slot(void** /*state*/) {
    hsm4::Array<32> salt{};
    hsm4::Array<16> module{};
    const hsm4::View identity = hsm4::view_of("identity");
    auto psk = hsm4::derive_psk(salt, identity, module, 0);
    const auto differs = [&](const hsm4::Result<hsm4::Secret<32>>& other) {
        return other && !hsm4::equal_secret(psk->view(), other->view());
    };
    assert_true(differs(hsm4::derive_psk(salt, identity, module, 1)));
    assert_true(differs(hsm4::derive_psk(salt, hsm4::view_of("other"), module, 0)));
    module[0] = std::byte{1};
    assert_true(differs(hsm4::derive_psk(salt, identity, module, 0)));
    module[0] = std::byte{0};
    salt[0] = std::byte{1};
    assert_true(differs(hsm4::derive_psk(salt, identity, module, 0)));
}

static void the_otp_program_is_run_in_bounded_time(void** /*state*/) {
    const FakePi pi;
    const auto program = [&](const std::string& body) {
        const std::string path = pi.write("rpi-fw-crypto", "#!/bin/sh\n" + body);
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return hsm4::measure({"otp", path}, pi.machine);
    };
    auto value = program(
        "[ \"$1 $4 $5 $6\" = 'hmac --key-id 1 --out' ] || exit 1\n"
        "[ \"$(cat \"$3\")\" = 'hsm4 identity v1' ] || exit 1\n"
        "printf '%032d' 7 > \"$7\"\n");
    assert_true(value && text_of(*value) == std::string(31, '0') + '7');
    assert_true(!program("exit 1\n"));
    assert_true(!program("printf short > \"$7\"\n"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_pi_offers_serial_revision_and_medium_by_stable_paths),
        cmocka_unit_test(the_identity_does_not_depend_on_the_order),
        cmocka_unit_test(another_board_or_card_is_another_identity),
        cmocka_unit_test(a_component_that_is_late_is_no_wrong_value),
        cmocka_unit_test(a_named_medium_must_be_there),
        cmocka_unit_test(a_mount_without_a_device_is_passed_over),
        cmocka_unit_test(a_root_on_lvm_on_luks_leads_to_its_disk),
        cmocka_unit_test(components_have_a_text_form),
        cmocka_unit_test(the_psk_depends_on_salt_identity_module_and_slot),
        cmocka_unit_test(the_otp_program_is_run_in_bounded_time),
    };
    return cmocka_run_group_tests_name("identity", tests, nullptr, nullptr);
}
