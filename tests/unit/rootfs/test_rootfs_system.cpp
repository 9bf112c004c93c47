// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Order, edits, clearing and lines of progress: what a conversion does beside encrypting.
#include <algorithm>

#include "hsm4/files.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/rootfs/good.hpp"
#include "tests/unit/scratch_directory.hpp"
#include "tests/unit/test_clock.hpp"
#include "tools/rootfs/alone.hpp"
#include "tools/rootfs/boot_log.hpp"
#include "tools/rootfs/clearing.hpp"
#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/phase.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/progress.hpp"
#include "tools/rootfs/system_files.hpp"
#include "tools/rootfs/text.hpp"

namespace rootfs = hsm4::rootfs;
using hsm4::rootfs::mebibyte;
using hsm4::rootfs::Stage;

namespace {

rootfs::Order some_order() {
    rootfs::Order order;
    order.root = "48534d34-02";
    order.boot = "48534d34-01";
    order.boot_mount = "/boot/firmware";
    order.uuid = "5f3d1e0c-6d1b-4d8e-9d0a-333333333333";
    order.partition = 5000000000;
    order.file_system = 4900000000;
    order.shrunk = 3000000000;
    order.encrypted = 4000000000;
    return order;
}

std::string text_of(const ScratchDirectory& scratch, const char* name) {
    return rootfs::whole_text(scratch.path(name)).value_or("(none)");
}

}  // namespace

static void an_order_is_read_as_it_was_written(void** /*state*/) {
    const rootfs::Order order = some_order();
    auto read = rootfs::parse_order(rootfs::to_json(order));
    assert_true(static_cast<bool>(read));
    assert_string_equal(rootfs::to_json(*read).c_str(), rootfs::to_json(order).c_str());
    assert_true(read->encrypted == order.encrypted && read->mapping() == "/dev/mapper/cryptroot");
    assert_string_equal(read->directory().c_str(), "/boot/firmware/hsm4-rootfs");
}

static void an_order_that_could_lead_elsewhere_is_refused(void** /*state*/) {
    const std::string good = rootfs::to_json(some_order());
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        assert_true(text.find(from) != std::string::npos);
        return text.replace(text.find(from), from.size(), to);
    };
    for (const std::string& bad :
         {std::string{}, std::string{"{}"}, with("48534d34-02", "../sda1"),
          with("cryptroot", "a b"), with("cryptroot", ""), with("/boot/firmware", "boot"),
          with("4000000000", "-1"), with("\"1\"", "\"2\""), good + "x"})
        assert_true(!rootfs::parse_order(bad));
}

static void a_partuuid_is_found_by_the_device_that_its_link_leads_to(void** /*state*/) {
    const ScratchDirectory dev;
    std::filesystem::create_directories(dev.path("disk/by-partuuid"));
    std::filesystem::create_symlink("/dev/zero", dev.path("disk/by-partuuid/48534d34-01"));
    std::filesystem::create_symlink("/dev/null", dev.path("disk/by-partuuid/48534d34-02"));
    assert_string_equal(rootfs::partuuid_of("/dev/null", dev.path("")).c_str(), "48534d34-02");
    assert_string_equal(rootfs::partuuid_of("/dev/full", dev.path("")).c_str(), "");
    assert_string_equal(rootfs::partuuid_of("/dev/null", dev.path("none")).c_str(), "");
}

static void only_the_line_of_the_root_changes_in_fstab(void** /*state*/) {
    const std::string before =
        "# PARTUUID=x / is a comment\nproc /proc proc defaults 0 0\n"
        "PARTUUID=x-01  /boot/firmware  vfat  defaults  0  2\n"
        "PARTUUID=x-02  /               ext4  defaults,noatime  0  1\n";
    const std::string after = rootfs::fstab_with_root(before, "/dev/mapper/cryptroot");
    assert_string_equal(after.c_str(),
                        "# PARTUUID=x / is a comment\nproc /proc proc defaults 0 0\n"
                        "PARTUUID=x-01  /boot/firmware  vfat  defaults  0  2\n"
                        "/dev/mapper/cryptroot  /               ext4  defaults,noatime  0  1\n");
    assert_string_equal(rootfs::fstab_with_root(after, "/dev/mapper/cryptroot").c_str(),
                        after.c_str());
}

static void crypttab_gets_one_line_however_often(void** /*state*/) {
    const rootfs::Order order = some_order();
    const std::string once =
        rootfs::crypttab_with_root("swap /dev/sdb1 /dev/urandom swap\n", order);
    assert_string_equal(
        once.c_str(),
        "swap /dev/sdb1 /dev/urandom swap\n"
        "cryptroot UUID=5f3d1e0c-6d1b-4d8e-9d0a-333333333333 none luks,initramfs\n");
    assert_string_equal(rootfs::crypttab_with_root(once, order).c_str(), once.c_str());
}

static void root_files_are_changed_once_and_kept(void** /*state*/) {
    const ScratchDirectory root;
    std::filesystem::create_directory(root.path("etc"));
    root.write("etc/fstab", "PARTUUID=x-02 / ext4 defaults 0 1\n");
    for (int times = 0; times < 2; ++times)
        assert_true(good(rootfs::change_root_files(root.path(""), some_order())));
    assert_string_equal(text_of(root, "etc/fstab").c_str(),
                        "/dev/mapper/cryptroot / ext4 defaults 0 1\n");
    assert_string_equal(text_of(root, "etc/fstab.before-hsm4").c_str(),
                        "PARTUUID=x-02 / ext4 defaults 0 1\n");
    assert_true(text_of(root, "etc/crypttab").starts_with("cryptroot UUID="));
}

static void the_command_line_is_changed_once_and_kept(void** /*state*/) {
    for (const std::string before :
         {"root=/dev/sda2 rw\n",
          "console=tty1 root=PARTUUID=48534d34-0200000000 rw splash quiet\n"}) {
        const ScratchDirectory boot;
        boot.write("cmdline.txt", before);
        assert_true(good(rootfs::make_room_in_command_line(boot.path(""), some_order())));
        const std::string room = text_of(boot, "cmdline.txt");
        assert_true(room.starts_with(before.substr(0, before.size() - 1)));
        for (int times = 0; times < 2; ++times)
            assert_true(good(rootfs::change_command_line(boot.path(""), some_order())));
        const std::string after = text_of(boot, "cmdline.txt");
        assert_true(after.find("root=/dev/mapper/cryptroot rw") != std::string::npos);
        assert_true(after.find("splash") == std::string::npos);
        assert_true(after.find('\n') == after.size() - 1 && after.size() == room.size());
        assert_string_equal(text_of(boot, "cmdline.txt.before-hsm4").c_str(), before.c_str());
    }
}

static void what_is_not_clear_is_overwritten_from_there_on(void** /*state*/) {
    const ScratchDirectory scratch;
    std::string content(5 * mebibyte + 512, 'x');
    content.replace(2 * mebibyte, 2 * mebibyte, std::string(2 * mebibyte, '\0'));
    scratch.write("file-system", content);
    std::uint64_t told = 0;
    assert_true(good(rootfs::clear_from(scratch.path("file-system"), mebibyte,
                                        [&](std::uint64_t done, std::uint64_t all) {
                                            told = done;
                                            return all == 4 * mebibyte + 512;
                                        })));
    assert_true(told == 4 * mebibyte + 512);
    auto after = hsm4::read_file(scratch.path("file-system"), content.size());
    assert_true(after && after->size() == content.size());
    const auto is = [](std::byte wanted) {
        return [=](std::byte found) { return found == wanted; };
    };
    assert_true(std::ranges::all_of(after->view().first(mebibyte), is(std::byte{'x'})));
    assert_true(std::ranges::all_of(after->view().subspan(mebibyte), is(std::byte{})));
}

static void erased_flash_memory_is_clear_as_it_is(void** /*state*/) {
    const ScratchDirectory scratch;
    // Three chunks: ones throughout, ones but for the last byte, ones and zeros.
    std::string content(12 * mebibyte, '\xff');
    content[8 * mebibyte - 1] = '\xfe';
    content[8 * mebibyte] = '\0';
    scratch.write("file-system", content);
    assert_true(good(rootfs::clear_from(scratch.path("file-system"), 0, {})));
    const std::string after = scratch.read("file-system");
    assert_true(after == std::string(4 * mebibyte, '\xff') + std::string(8 * mebibyte, '\0'));
}

static void a_conversion_stands_where_its_record_says(void** /*state*/) {
    const ScratchDirectory directory;
    auto nothing = rootfs::standing_of(directory.path(""));
    assert_true(nothing && !*nothing);
    assert_true(good(rootfs::arm(directory.path(""))));
    auto armed = rootfs::standing_of(directory.path(""));
    assert_true(armed && *armed && (*armed)->stage == Stage::shrinking);
    rootfs::DurableRecord record{directory.path(""), "state"};
    assert_true(good(record.store("abandoned\nno room")));
    auto abandoned = rootfs::standing_of(directory.path(""));
    assert_true(abandoned && *abandoned && (*abandoned)->stage == Stage::abandoned);
    assert_string_equal((*abandoned)->reason.c_str(), "no room");
    assert_true(good(record.store("from the future")));
    assert_true(!rootfs::standing_of(directory.path("")));
}

static void the_log_keeps_its_size_and_its_lines(void** /*state*/) {
    const ScratchDirectory boot;
    rootfs::append_to_log(boot.path("log"), "nothing is made");
    assert_string_equal(text_of(boot, "log").c_str(), "(none)");
    assert_true(good(rootfs::make_blank_file(boot.path("log"), rootfs::log_size)));
    rootfs::append_to_log(boot.path("log"), "moving");
    rootfs::append_to_log(boot.path("log"), "heading");
    const std::string lines = rootfs::text_of_log(boot.path("log"));
    assert_true(lines.find("Z moving\n") != std::string::npos && lines.ends_with("Z heading\n"));
    rootfs::append_to_log(boot.path("log"), std::string(rootfs::log_size, 'x'));
    assert_string_equal(rootfs::text_of_log(boot.path("log")).c_str(), lines.c_str());
    assert_int_equal(std::filesystem::file_size(boot.path("log")), rootfs::log_size);
}

static void only_one_changes_something_at_a_time(void** /*state*/) {
    const ScratchDirectory run;
    auto first = rootfs::keep_others_away(run.path("lock"));
    assert_true(static_cast<bool>(first));
    auto second = rootfs::keep_others_away(run.path("lock"));
    assert_true(!second && second.error().text.starts_with("another hsm4-rootfs"));
    first->close();
    assert_true(static_cast<bool>(rootfs::keep_others_away(run.path("lock"))));
}

static void progress_tells_bytes_rate_and_time(void** /*state*/) {
    assert_string_equal(
        rootfs::progress_line({"encrypting", 300 * mebibyte, 1100 * mebibyte, 20 * mebibyte})
            .c_str(),
        "encrypting: 300 MiB of 1.1 GiB, 20 MiB/s, about 40 seconds left");
    assert_string_equal(rootfs::progress_line({"x", 5 * mebibyte, 9 * mebibyte, 0}).c_str(),
                        "x: 5 MiB of 9 MiB");
}

static void progress_counts_from_where_this_boot_began(void** /*state*/) {
    const ScratchDirectory run;
    const std::string file = run.path("hsm4-rootfs/progress.json");
    assert_true(!rootfs::load_advance(file));
    TestClock clock;
    std::vector<std::string> lines;
    rootfs::ProgressPrinter printer{"encrypting", clock, file,
                                    [&](const std::string& line) { lines.push_back(line); }};
    printer.show(100 * mebibyte, 1100 * mebibyte);
    clock.pass(std::chrono::seconds{10});
    printer.show(300 * mebibyte, 1100 * mebibyte);
    const auto advance = rootfs::load_advance(file);
    assert_true(advance && advance->what == "encrypting" && advance->done == 300 * mebibyte &&
                advance->all == 1100 * mebibyte && advance->rate == 20 * mebibyte &&
                advance->seconds_left() == 40);
    clock.pass(std::chrono::seconds{1});
    printer.show(310 * mebibyte, 1100 * mebibyte);  // too soon to be shown
    assert_true(rootfs::load_advance(file)->done == 300 * mebibyte);
    printer.show(1100 * mebibyte, 1100 * mebibyte);
    assert_true(rootfs::load_advance(file)->done == 1100 * mebibyte);
    assert_int_equal(lines.size(), 3);
    run.write("bad", "{\"what\":\"x\",\"done\":2,\"all\":1}");
    assert_true(!rootfs::load_advance(run.path("bad")));
}

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_read_as_it_was_written),
        cmocka_unit_test(an_order_that_could_lead_elsewhere_is_refused),
        cmocka_unit_test(a_partuuid_is_found_by_the_device_that_its_link_leads_to),
        cmocka_unit_test(only_the_line_of_the_root_changes_in_fstab),
        cmocka_unit_test(crypttab_gets_one_line_however_often),
        cmocka_unit_test(root_files_are_changed_once_and_kept),
        cmocka_unit_test(the_command_line_is_changed_once_and_kept),
        cmocka_unit_test(what_is_not_clear_is_overwritten_from_there_on),
        cmocka_unit_test(erased_flash_memory_is_clear_as_it_is),
        cmocka_unit_test(a_conversion_stands_where_its_record_says),
        cmocka_unit_test(the_log_keeps_its_size_and_its_lines),
        cmocka_unit_test(only_one_changes_something_at_a_time),
        cmocka_unit_test(progress_tells_bytes_rate_and_time),
        cmocka_unit_test(progress_counts_from_where_this_boot_began),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
