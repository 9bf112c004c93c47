// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What provisioning decides and edits, on files: no disk, no mapping, no module.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hsm4/files.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/rootfs/good.hpp"
#include "tests/unit/scratch_directory.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/provision/image.hpp"
#include "tools/rootfs/provision/inside.hpp"
#include "tools/rootfs/provision/personal.hpp"
#include "tools/rootfs/provision/provision.hpp"
#include "tools/rootfs/text.hpp"
#include "tools/rootfs/tree.hpp"

namespace rootfs = hsm4::rootfs;
using hsm4::rootfs::mebibyte;

namespace {

/// A machine with one card in sysfs, of two partitions.
class FakeMachine : public ScratchDirectory {
public:
    FakeMachine()
        : machine{path("sys"), path("proc"), path("dev")}, disk{path("sys/block/mmcblk0")} {
        write("sys/block/mmcblk0/size", "8388608\n");  // 4 GiB
        write("sys/block/mmcblk0/ro", "0\n");
        write("sys/block/mmcblk0/dev", "179:0\n");
        for (const char* number : {"1", "2"}) {
            const std::string part = std::string{"sys/block/mmcblk0/mmcblk0p"} + number;
            write(part + "/partition", std::string{number} + '\n');
            write(part + "/dev", std::string{"179:"} + number + '\n');
        }
        write("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
        write("proc/swaps", "Filename Type Size Used Priority\n");
    }

    std::string refusal() {
        auto target = rootfs::examine_disk(disk, machine);
        return target ? "" : target.error().text;
    }

    hsm4::Machine machine;
    std::filesystem::path disk;
};

bool says(const std::string& text, const std::string& words) {
    return text.find(words) != text.npos;
}

void a_card_that_is_free_is_taken(void** /*state*/) {
    FakeMachine fake;
    auto target = rootfs::examine_disk(fake.disk, fake.machine);
    assert_true(good(target));
    assert_int_equal(target->size, 4096 * mebibyte);
    assert_string_equal(target->partition(2).c_str(), (fake.machine.dev + "/mmcblk0p2").c_str());
    target->node = "/dev/sdb";
    assert_string_equal(target->partition(1).c_str(), "/dev/sdb1");
}

void a_card_in_use_is_refused(void** /*state*/) {
    FakeMachine fake;
    fake.write("proc/self/mountinfo", "22 1 179:2 / / rw - ext4 /dev/root rw\n");
    assert_true(says(fake.refusal(), "running system"));
    fake.write("proc/self/mountinfo", "22 1 179:1 / /media/card rw - vfat /dev/mmcblk0p1 rw\n");
    assert_true(says(fake.refusal(), "mounted at /media/card"));
    fake.write("proc/self/mountinfo", "");
    fake.write("proc/swaps", "Filename\n" + fake.machine.dev + "/mmcblk0p2 partition 1 0 -2\n");
    assert_true(says(fake.refusal(), "swap"));
}

void what_a_mapping_lies_on_is_refused(void** /*state*/) {
    FakeMachine fake;
    fake.write("sys/block/dm-0/dev", "254:0\n");
    fake.write("sys/block/dm-0/dm/name", "vault\n");
    std::filesystem::create_directories(fake.disk / "mmcblk0p2/holders");
    std::filesystem::create_directory_symlink(fake.path("sys/block/dm-0"),
                                              fake.disk / "mmcblk0p2/holders/dm-0");
    assert_true(says(fake.refusal(), "in use by dm-0 vault"));
    fake.write("proc/self/mountinfo", "22 1 254:0 / / rw - ext4 /dev/mapper/vault rw\n");
    assert_true(says(fake.refusal(), "running system"));
}

void what_is_no_disk_is_refused(void** /*state*/) {
    FakeMachine fake;
    fake.write("sys/block/mmcblk0/ro", "1\n");
    assert_true(says(fake.refusal(), "read-only"));
    fake.write("sys/block/mmcblk0/ro", "0\n");
    fake.write("sys/block/mmcblk0/size", "0\n");
    assert_true(says(fake.refusal(), "no medium"));
    auto part = rootfs::examine_disk(fake.disk / "mmcblk0p2", fake.machine);
    assert_true(!part && part.error().exit_code == hsm4::enroll::exit_usage);
    assert_true(!rootfs::examine_target("/dev/null"));
    assert_true(!rootfs::examine_target("/nonexistent"));
}

void a_card_is_laid_out_in_erase_blocks(void** /*state*/) {
    auto card = rootfs::lay_out(4000 * mebibyte + 77, 255 * mebibyte, 100 * mebibyte);
    assert_true(good(card));
    assert_int_equal(card->boot.start, 4 * mebibyte);
    assert_int_equal(card->boot.size, 256 * mebibyte);
    assert_int_equal(card->root.start, 260 * mebibyte);
    assert_int_equal(card->root.size, 3740 * mebibyte);
    auto small = rootfs::lay_out(300 * mebibyte, 255 * mebibyte, 100 * mebibyte);
    assert_true(!small && says(small.error().text, "too small"));
    // An MBR counts 2^32 sectors.
    auto large = rootfs::lay_out(4ULL << 40, 512 * mebibyte, 0);
    assert_true(good(large));
    assert_true((large->root.start + large->root.size) / 512 <= 0xffffffffULL);
}

void a_partition_table_is_written_and_read(void** /*state*/) {
    ScratchDirectory scratch;
    const std::string image = scratch.path("disk");
    scratch.write("disk", "");
    assert_int_equal(::truncate(image.c_str(), 64 * mebibyte), 0);
    assert_true(!rootfs::read_partition_table(image));
    const auto card = rootfs::lay_out(64 * mebibyte, 8 * mebibyte, 0);
    auto first = rootfs::write_partition_table(image, *card);
    assert_true(good(first) && first->size() == 10 && first->starts_with("0x"));
    auto second = rootfs::write_partition_table(image, *card);
    assert_true(good(second) && *second != *first);
    auto read = rootfs::read_partition_table(image);
    assert_true(good(read) && read->root.start == card->root.start);
    // The firmware looks at these bytes.
    auto ran = rootfs::run({"sfdisk", "--dump", image}, std::chrono::seconds{20});
    assert_true(good(ran));
    assert_true(says(*ran, "type=c, bootable") && says(*ran, "type=83"));
}

std::string tree(ScratchDirectory& scratch) {
    scratch.write("tree/etc/fstab", "# a comment\n");
    scratch.write("tree/boot/firmware/cmdline.txt", "root=PARTUUID=1-02\n");
    scratch.write("tree/usr/bin/program", std::string(3 * mebibyte + 5, 'x'));
    std::filesystem::create_symlink("program", scratch.path("tree/usr/bin/link"));
    ::chmod(scratch.path("tree/usr/bin/program").c_str(), 04755);
    return scratch.path("tree");
}

void an_archive_is_unpacked_and_compared(void** /*state*/) {
    for (const char* suffix : {".tar", ".tar.gz", ".tar.xz"}) {
        ScratchDirectory scratch;
        const std::string archive = scratch.path(std::string{"root"} + suffix);
        const std::string source = tree(scratch);
        assert_true(good(rootfs::run({"tar", "--create", "--auto-compress", "--file=" + archive,
                                      "--directory=" + source, "."},
                                     std::chrono::seconds{60})));
        auto image = rootfs::Image::open(archive);
        assert_true(good(image) && image->is_archive() && image->root_size() > 0);
        std::filesystem::create_directory(scratch.path("copy"));
        assert_true(good(image->unpack(scratch.path("copy"))));
        assert_true(good(image->compare(scratch.path("copy"))));
        // One byte of three million, as a worn card would do.
        scratch.write("copy/usr/bin/program", std::string(3 * mebibyte + 4, 'x') + 'y');
        ::chmod(scratch.path("copy/usr/bin/program").c_str(), 04755);
        assert_false(good(image->compare(scratch.path("copy"))));
    }
}

void what_is_no_image_is_wrong_usage(void** /*state*/) {
    ScratchDirectory scratch;
    scratch.write("text", std::string(5000, 'a'));
    scratch.write("empty", "");
    for (const char* name : {"text", "empty", "absent"}) {
        auto image = rootfs::Image::open(scratch.path(name));
        assert_true(!image && image.error().exit_code == hsm4::enroll::exit_usage);
    }
}

void every_difference_of_trees_is_seen(void** /*state*/) {
    using rootfs::Compared;
    ScratchDirectory scratch;
    const std::string one = tree(scratch);
    const std::string other = scratch.path("other");
    const auto differs = [&](Compared compared) {
        return rootfs::first_difference(*rootfs::sums_of(one, compared),
                                        *rootfs::sums_of(other, compared));
    };
    assert_true(good(rootfs::run({"cp", "--archive", one, other}, std::chrono::seconds{60})));
    assert_string_equal(differs(Compared::everything).c_str(), "");
    ::chmod((other + "/usr/bin/program").c_str(), 0755);
    assert_string_equal(differs(Compared::everything).c_str(), "usr/bin/program");
    assert_string_equal(differs(Compared::content).c_str(), "");
    ::chmod((other + "/usr/bin/program").c_str(), 04755);
    scratch.write("other/etc/new", "");
    assert_string_equal(differs(Compared::content).c_str(), "etc/new");
    std::filesystem::remove(other + "/etc/new");
    std::filesystem::remove(other + "/usr/bin/link");
    std::filesystem::create_symlink("elsewhere", other + "/usr/bin/link");
    assert_string_equal(differs(Compared::content).c_str(), "usr/bin/link");
}

void what_was_written_since_is_known(void** /*state*/) {
    ScratchDirectory scratch;
    const std::string root = tree(scratch);
    auto before = rootfs::stamps_of(root);
    assert_true(good(before));
    // Same size, and the time of before: only ctime tells.
    struct stat status = {};
    ::stat((root + "/etc/fstab").c_str(), &status);
    scratch.write("tree/etc/fstab", "# A comment\n");
    const timespec times[2] = {status.st_atim, status.st_mtim};
    ::utimensat(AT_FDCWD, (root + "/etc/fstab").c_str(), times, 0);
    scratch.write("tree/etc/new", "");
    auto after = rootfs::stamps_of(root);
    assert_true(good(after));
    const auto written = rootfs::written_since(*before, *after);
    assert_string_equal(rootfs::joined(written).c_str(), "etc, etc/fstab, etc/new");
}

void a_host_name_comes_from_the_serial(void** /*state*/) {
    const auto named = [](const char* pattern, const char* serial) {
        auto name = rootfs::host_name(pattern, serial);
        return name ? *name : std::string{"-"};
    };
    assert_string_equal(named("pi-%s", "10000000ABCD1234").c_str(), "pi-10000000abcd1234");
    assert_string_equal(named("kiosk", "").c_str(), "kiosk");
    assert_string_equal(named("pi-%s", "").c_str(), "-");
    assert_string_equal(named("Pi_%s", "1").c_str(), "-");
    assert_string_equal(named("pi-", "1").c_str(), "-");
    assert_string_equal(named(std::string(64, 'a').c_str(), "1").c_str(), "-");
}

void the_serial_is_the_board_s(void** /*state*/) {
    ScratchDirectory scratch;
    const hsm4::Machine machine{scratch.path("sys"), scratch.path("proc"), scratch.path("dev")};
    assert_string_equal(rootfs::serial_of_board(machine).c_str(), "");
    scratch.write("sys/class/dmi/id/product_uuid", "6f1a-1\n");
    assert_string_equal(rootfs::serial_of_board(machine).c_str(), "6f1a-1");
    scratch.write("proc/device-tree/serial-number", std::string{"10000000abcd1234\0", 17});
    assert_string_equal(rootfs::serial_of_board(machine).c_str(), "10000000abcd1234");
}

void fstab_names_the_new_devices(void** /*state*/) {
    const std::string before =
        "# PARTUUID=1-02 / ext4 is the root\n"
        "proc /proc proc defaults 0 0\n"
        "PARTUUID=1-01 /boot/firmware vfat defaults,ro 0 2\n"
        "PARTUUID=1-02 / ext4 defaults,noatime 0 1\n";
    const std::string root = rootfs::fstab_with(before, "/", "/dev/mapper/cryptroot", "ext4");
    assert_string_equal(
        rootfs::fstab_with(root, "/boot/firmware", "UUID=1A2B-3C4D", "vfat").c_str(),
        "# PARTUUID=1-02 / ext4 is the root\n"
        "proc /proc proc defaults 0 0\n"
        "UUID=1A2B-3C4D /boot/firmware vfat defaults,ro 0 2\n"
        "/dev/mapper/cryptroot / ext4 defaults,noatime 0 1\n");
    assert_string_equal(rootfs::fstab_with("", "/", "/dev/x", "ext4").c_str(),
                        "/dev/x / ext4 defaults 0 1\n");
    assert_string_equal(rootfs::boot_point_of(before).c_str(), "/boot/firmware");
    assert_string_equal(rootfs::boot_point_of("/dev/x /boot vfat defaults 0 2\n").c_str(), "/boot");
}

void a_fresh_image_resizes_nothing(void** /*state*/) {
    assert_string_equal(
        rootfs::without_first_boot("console=tty1 root=PARTUUID=1-02 resize "
                                   "init=/usr/lib/raspberrypi-sys-mods/firstboot init=/sbin/init\n")
            .c_str(),
        "console=tty1 root=PARTUUID=1-02 init=/sbin/init\n");
}

/// A root with what no two machines may share.
std::string root_with_identity(ScratchDirectory& scratch) {
    scratch.write("root/etc/fstab", "PARTUUID=1-02 / ext4 defaults 0 1\n");
    scratch.write("root/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tgolden\n");
    scratch.write("root/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    scratch.write("root/var/lib/dbus/machine-id", "0123456789abcdef0123456789abcdef\n");
    scratch.write("root/etc/ssh/ssh_host_ed25519_key", "secret");
    scratch.write("root/etc/ssh/sshd_config", "Port 22\n");
    scratch.write("root/var/lib/systemd/random-seed", "seed");
    scratch.write("root/var/lib/systemd/credential.secret", "secret");
    scratch.write("root/boot/firmware/cmdline.txt", "root=PARTUUID=1-02 quiet splash\n");
    scratch.write("outside", "the running system's\n");
    std::filesystem::create_symlink(scratch.path("outside"), scratch.path("root/etc/hostname"));
    scratch.write("root/etc/hsm4/hsm4.conf", "strict = yes\nwait = 3\n");
    return scratch.path("root");
}

void a_copy_becomes_a_unit_of_its_own(void** /*state*/) {
    ScratchDirectory scratch;
    const std::string root = root_with_identity(scratch);
    rootfs::Personal personal;
    personal.host = "pi-1";
    personal.boot_uuid = "1A2B-3C4D";
    personal.boot_point = "/boot/firmware";
    personal.order.uuid = "5f3d1e0c-6d1b-4d8e-9d0a-333333333333";
    personal.config.device = "i2c:/dev/i2c-7@0x30";
    personal.config.volumes[personal.order.uuid] = {hsm4::VolumeBinding{}};
    assert_true(good(rootfs::personalise(root, personal)));
    const auto text = [&](const char* path) {
        return rootfs::whole_text(root + path).value_or("-");
    };
    assert_string_equal(text("/etc/hostname").c_str(), "pi-1\n");
    assert_string_equal(rootfs::whole_text(scratch.path("outside"))->c_str(),
                        "the running system's\n");
    assert_string_equal(text("/etc/hosts").c_str(), "127.0.0.1\tlocalhost\n127.0.1.1\tpi-1\n");
    assert_string_equal(text("/etc/machine-id").c_str(), "");
    assert_string_equal(text("/var/lib/dbus/machine-id").c_str(), "-");
    assert_string_equal(text("/etc/ssh/ssh_host_ed25519_key").c_str(), "-");
    assert_string_equal(text("/etc/ssh/sshd_config").c_str(), "Port 22\n");
    assert_string_equal(text("/var/lib/systemd/random-seed").c_str(), "-");
    assert_string_equal(text("/var/lib/systemd/credential.secret").c_str(), "-");
    assert_string_equal(text("/boot/firmware/cmdline.txt").c_str(),
                        "root=/dev/mapper/cryptroot quiet\n");
    assert_true(says(text("/etc/crypttab"), "cryptroot UUID=" + personal.order.uuid));
    auto config = hsm4::load_config(root + "/etc/hsm4/hsm4.conf");
    assert_true(good(config) && config->strict && config->device == personal.config.device);
    assert_true(config->volumes.contains(personal.order.uuid));
}

void an_image_that_cannot_unlock_is_refused(void** /*state*/) {
    ScratchDirectory scratch;
    const auto reason = [&] {
        auto can = rootfs::check_can_unlock(scratch.path("root"));
        return can ? std::string{} : can.error().text;
    };
    assert_true(says(reason(), "initramfs-tools"));
    scratch.write("root/usr/sbin/update-initramfs", "");
    ::chmod(scratch.path("root/usr/sbin/update-initramfs").c_str(), 0755);
    assert_true(says(reason(), "hsm4-initramfs"));
    scratch.write("root/usr/share/initramfs-tools/hooks/hsm4", "");
    assert_true(says(reason(), "cryptsetup-initramfs"));
    scratch.write("root/usr/share/initramfs-tools/hooks/cryptroot", "");
    assert_string_equal(reason().c_str(), "");
}

void a_unit_is_one_line_of_json(void** /*state*/) {
    rootfs::UnitFacts facts;
    facts.serial = "1";
    facts.medium = "cid:2";
    facts.bytes = 5000000000;
    assert_string_equal(rootfs::unit_line(facts, 61, nullptr).c_str(),
                        "{\"result\":\"done\",\"serial\":\"1\",\"medium\":\"cid:2\","
                        "\"bytes\":5000000000,\"locked\":false,\"seconds\":61}");
    const rootfs::Problem problem{"/dev/sdb has no \"medium\""};
    assert_string_equal(rootfs::unit_line({}, 0, &problem).c_str(),
                        "{\"result\":\"failed\",\"message\":\"/dev/sdb has no \\\"medium\\\"\","
                        "\"bytes\":0,\"locked\":false,\"seconds\":0}");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_card_that_is_free_is_taken),
        cmocka_unit_test(a_card_in_use_is_refused),
        cmocka_unit_test(what_a_mapping_lies_on_is_refused),
        cmocka_unit_test(what_is_no_disk_is_refused),
        cmocka_unit_test(a_card_is_laid_out_in_erase_blocks),
        cmocka_unit_test(a_partition_table_is_written_and_read),
        cmocka_unit_test(an_archive_is_unpacked_and_compared),
        cmocka_unit_test(what_is_no_image_is_wrong_usage),
        cmocka_unit_test(every_difference_of_trees_is_seen),
        cmocka_unit_test(what_was_written_since_is_known),
        cmocka_unit_test(a_host_name_comes_from_the_serial),
        cmocka_unit_test(the_serial_is_the_board_s),
        cmocka_unit_test(fstab_names_the_new_devices),
        cmocka_unit_test(a_fresh_image_resizes_nothing),
        cmocka_unit_test(a_copy_becomes_a_unit_of_its_own),
        cmocka_unit_test(an_image_that_cannot_unlock_is_refused),
        cmocka_unit_test(a_unit_is_one_line_of_json),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
