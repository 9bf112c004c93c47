// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What a root that moves is made of, on files: record, order, partition, copy.
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/rootfs/good.hpp"
#include "tests/unit/scratch_directory.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/migrate/copy.hpp"
#include "tools/rootfs/migrate/destination.hpp"
#include "tools/rootfs/migrate/move.hpp"
#include "tools/rootfs/phase.hpp"
#include "tools/rootfs/plan.hpp"

namespace rootfs = hsm4::rootfs;
using hsm4::rootfs::mebibyte;

namespace {

rootfs::Order moving_order() {
    rootfs::Order order;
    order.root = "48534d34-02";
    order.boot = "48534d34-01";
    order.boot_mount = "/boot/firmware";
    order.uuid = "11111111-2222-4333-8444-555555555555";
    order.target = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    return order;
}

void the_record_holds_stage_attempts_and_reason(void**) {
    const ScratchDirectory scratch;
    const std::string directory = scratch.path("");
    auto none = rootfs::move_of(directory);
    assert_true(good(none) && !*none);
    using rootfs::MoveStage;
    for (const rootfs::Move& move :
         {rootfs::Move{MoveStage::copying, 0, {}}, rootfs::Move{MoveStage::trying, 2, {}},
          rootfs::Move{MoveStage::moved, 0, {}},
          rootfs::Move{MoveStage::abandoned, 0, "the copy has another /etc/fstab\nand more"}}) {
        assert_true(good(rootfs::store_move(directory, move)));
        auto read = rootfs::move_of(directory);
        assert_true(good(read) && read->has_value());
        assert_true((*read)->stage == move.stage);
        assert_int_equal((*read)->attempts, move.attempts);
        assert_string_equal((*read)->reason.c_str(), move.reason.c_str());
    }
}

void a_long_reason_is_cut(void**) {
    const ScratchDirectory scratch;
    const rootfs::Move move{rootfs::MoveStage::abandoned, 0, std::string(10000, 'r')};
    assert_true(good(rootfs::store_move(scratch.path(""), move)));
    auto read = rootfs::move_of(scratch.path(""));
    assert_true(good(read) && *read);
    const std::string& reason = (*read)->reason;
    assert_true(!reason.empty() && reason.size() < move.reason.size());
    assert_true(move.reason.starts_with(reason));
}

void a_conversion_is_no_move(void**) {
    const ScratchDirectory scratch;
    assert_true(good(rootfs::arm(scratch.path(""))));
    assert_false(good(rootfs::move_of(scratch.path(""))));
}

void the_order_says_where_to(void**) {
    for (const bool erases : {false, true}) {
        rootfs::Order order = moving_order();
        order.erases = erases;
        auto read = rootfs::parse_order(rootfs::to_json(order));
        assert_true(good(read));
        assert_true(read->moves());
        assert_string_equal(read->target.c_str(), order.target.c_str());
        assert_int_equal(read->erases, erases);
    }
    rootfs::Order in_place = moving_order();
    in_place.target.clear();
    auto read = rootfs::parse_order(rootfs::to_json(in_place));
    assert_true(good(read) && !read->moves() && !read->erases);
}

void a_target_that_is_no_word_is_refused(void**) {
    std::string text = rootfs::to_json(moving_order());
    text.replace(text.find("aaaaaaaa"), 8, "../../aa");
    assert_false(good(rootfs::parse_order(text)));
}

/// By another program than the one that wrote it.
std::string table_of(const std::string& disk) {
    auto said = rootfs::run({"sfdisk", "--dump", disk}, std::chrono::seconds{60});
    assert_true(good(said));
    return *said;
}

void an_empty_disk_gets_one_partition(void**) {
    ScratchDirectory scratch;
    const std::string disk = scratch.path("disk.img");
    scratch.write("disk.img", "");
    std::filesystem::resize_file(disk, 64 * mebibyte);
    assert_true(good(rootfs::make_only_partition(disk, 0)));
    const std::string table = table_of(disk);
    assert_true(table.find("label: gpt") != table.npos);
    assert_true(table.find("disk.img1 : start=        2048") != table.npos);
    assert_true(table.find("disk.img2") == table.npos);
}

void a_partition_has_the_size_that_is_asked_for(void**) {
    ScratchDirectory scratch;
    const std::string disk = scratch.path("disk.img");
    scratch.write("disk.img", "");
    std::filesystem::resize_file(disk, 64 * mebibyte);
    assert_true(good(rootfs::make_only_partition(disk, 32 * mebibyte)));
    assert_true(table_of(disk).find("size=       65536") != std::string::npos);
    // More than there is: all there is.
    assert_true(good(rootfs::make_only_partition(disk, 640 * mebibyte)));
    assert_true(table_of(disk).find("size=      126976") != std::string::npos);
}

void a_disk_that_is_none_is_refused(void**) {
    ScratchDirectory scratch;
    scratch.write("file", "text");
    assert_false(good(rootfs::examine_destination({scratch.path("file"), 1, 0})));
    assert_false(good(rootfs::examine_destination({scratch.path("nothing"), 1, 0})));
}

void fill(ScratchDirectory& scratch) {
    scratch.write("from/etc/one", "one");
    scratch.write("from/etc/two words", std::string(100000, 'z'));
    const std::string from = scratch.path("from");
    assert_int_equal(::link((from + "/etc/one").c_str(), (from + "/hard").c_str()), 0);
    assert_int_equal(::symlink("etc/one", (from + "/soft").c_str()), 0);
    assert_int_equal(::chmod((from + "/etc/one").c_str(), 04711), 0);
    assert_int_equal(::mkfifo((from + "/fifo").c_str(), 0600), 0);
    std::filesystem::create_directory(scratch.path("to"));
}

void a_copy_is_equal_and_follows_changes(void**) {
    ScratchDirectory scratch;
    fill(scratch);
    const std::string from = scratch.path("from");
    const std::string to = scratch.path("to");
    assert_true(good(rootfs::copy_tree(from, to, false, {})));
    assert_true(good(rootfs::compare_trees(from, to)));
    struct stat one = {};
    struct stat hard = {};
    assert_int_equal(::stat((to + "/etc/one").c_str(), &one), 0);
    assert_int_equal(::stat((to + "/hard").c_str(), &hard), 0);
    assert_int_equal(one.st_ino, hard.st_ino);

    scratch.write("from/etc/late", "late");
    std::filesystem::remove(from + "/soft");
    auto differs = rootfs::compare_trees(from, to);
    assert_false(good(differs));
    assert_true(good(rootfs::copy_tree(from, to, true, {})));
    assert_true(good(rootfs::compare_trees(from, to)));
    assert_false(std::filesystem::exists(std::filesystem::symlink_status(to + "/soft")));
}

void a_silent_change_of_content_is_seen(void**) {
    ScratchDirectory scratch;
    fill(scratch);
    const std::string to = scratch.path("to");
    assert_true(good(rootfs::copy_tree(scratch.path("from"), to, true, {})));
    const auto when = std::filesystem::last_write_time(to + "/etc/one");
    scratch.write("to/etc/one", "two");
    assert_int_equal(::chmod((to + "/etc/one").c_str(), 04711), 0);
    std::filesystem::last_write_time(to + "/etc/one", when);
    auto same = rootfs::compare_trees(scratch.path("from"), to);
    assert_false(good(same));
    assert_true(same.error().text.find("/etc/one") != std::string::npos ||
                same.error().text.find("/hard") != std::string::npos);
}

void a_copy_that_fails_says_so(void**) {
    ScratchDirectory scratch;
    assert_false(good(rootfs::copy_tree(scratch.path("nothing"), scratch.path("to"), true, {})));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_record_holds_stage_attempts_and_reason),
        cmocka_unit_test(a_long_reason_is_cut),
        cmocka_unit_test(a_conversion_is_no_move),
        cmocka_unit_test(the_order_says_where_to),
        cmocka_unit_test(a_target_that_is_no_word_is_refused),
        cmocka_unit_test(an_empty_disk_gets_one_partition),
        cmocka_unit_test(a_partition_has_the_size_that_is_asked_for),
        cmocka_unit_test(a_disk_that_is_none_is_refused),
        cmocka_unit_test(a_copy_is_equal_and_follows_changes),
        cmocka_unit_test(a_silent_change_of_content_is_seen),
        cmocka_unit_test(a_copy_that_fails_says_so),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
