// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Small files: read whole, replaced whole, or left alone.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "hsm4/files.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"

using hsm4::Errc;
using hsm4::view_of;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat status = {};
    assert_int_equal(stat(path.c_str(), &status), 0);
    return status.st_mode & 07777U;
}

std::size_t entries_in(const ScratchDirectory& directory) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator{directory.path("")},
                      std::filesystem::directory_iterator{}));
}

}  // namespace

static void a_file_is_read_whole_up_to_the_limit(void** /*state*/) {
    const ScratchDirectory scratch;
    const auto path = scratch.write("f", "content");
    assert_true(std::ranges::equal(hsm4::read_file(path, 7)->view(), view_of("content")));
    assert_true(std::ranges::equal(hsm4::read_file(path, 100)->view(), view_of("content")));
    auto longer = hsm4::read_file(path, 6);
    assert_true(!longer && longer.error().code == Errc::io && longer.error().detail == EFBIG);
    assert_int_equal(hsm4::read_file(scratch.write("empty", ""), 0)->size(), 0);
}

static void a_long_file_is_read_whole_up_to_the_limit(void** /*state*/) {
    const ScratchDirectory scratch;
    for (const std::size_t size : {4095U, 4096U, 4097U, 16384U, 70000U}) {
        std::string text(size, 'x');
        text.back() = 'y';
        const auto path = scratch.write("long", text);
        assert_true(std::ranges::equal(hsm4::read_file(path, size)->view(), view_of(text)));
        assert_true(std::ranges::equal(hsm4::read_file(path, 1U << 20)->view(), view_of(text)));
        assert_int_equal(hsm4::read_file(path, size - 1).error().detail, EFBIG);
    }
}

static void a_file_that_is_not_there_says_so(void** /*state*/) {
    const ScratchDirectory scratch;
    auto missing = hsm4::read_file(scratch.path("missing"), 10);
    assert_true(!missing && missing.error().detail == ENOENT);
    auto directory = hsm4::read_file(scratch.path(""), 10);
    assert_true(!directory && directory.error().detail == EISDIR);
}

static void a_kernel_file_that_knows_no_size_is_read(void** /*state*/) {
    assert_true(hsm4::read_file("/proc/self/status", 1U << 16)->size() > 10);
}

static void a_new_file_has_the_mode_asked_for(void** /*state*/) {
    const ScratchDirectory scratch;
    assert_true(static_cast<bool>(hsm4::replace_file(scratch.path("f"), view_of("x"), 0600)));
    assert_int_equal(mode_of(scratch.path("f")), 0600);
    assert_string_equal(scratch.read("f").c_str(), "x");
}

static void a_replaced_file_keeps_its_mode_and_leaves_nothing_beside_it(void** /*state*/) {
    const ScratchDirectory scratch;
    const auto path = scratch.write("f", "old");
    assert_int_equal(chmod(path.c_str(), 0640), 0);
    assert_true(static_cast<bool>(hsm4::replace_file(path, view_of("new"), 0600)));
    assert_int_equal(mode_of(path), 0640);
    assert_string_equal(scratch.read("f").c_str(), "new");
    assert_int_equal(entries_in(scratch), 1);
}

static void a_link_stays_and_what_it_names_is_replaced(void** /*state*/) {
    const ScratchDirectory scratch;
    scratch.write("real", "old");
    scratch.link("link", "real");
    assert_true(static_cast<bool>(hsm4::replace_file(scratch.path("link"), view_of("new"), 0600)));
    assert_true(std::filesystem::is_symlink(scratch.path("link")));
    assert_string_equal(scratch.read("real").c_str(), "new");
}

static void what_cannot_be_replaced_stays(void** /*state*/) {
    const ScratchDirectory scratch;
    scratch.write("d/inside", "x");
    assert_false(static_cast<bool>(hsm4::replace_file(scratch.path("d"), view_of("new"), 0600)));
    assert_int_equal(entries_in(scratch), 1);  // and no leftover
    assert_string_equal(scratch.read("d/inside").c_str(), "x");
    assert_false(
        static_cast<bool>(hsm4::replace_file(scratch.path("none/f"), view_of("new"), 0600)));
}

static void a_descriptor_closes_once(void** /*state*/) {
    int ends[2] = {-1, -1};
    assert_int_equal(pipe(ends), 0);
    hsm4::Descriptor writer{ends[1]};
    const hsm4::Descriptor reader{ends[0]};
    hsm4::Descriptor moved{std::move(writer)};
    char letter = 0;
    writer.close();  // no longer the owner
    assert_int_equal(write(moved.get(), "x", 1), 1);
    moved = hsm4::Descriptor{};
    assert_int_equal(read(reader.get(), &letter, 1), 1);
    assert_int_equal(read(reader.get(), &letter, 1), 0);  // closed
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole_up_to_the_limit),
        cmocka_unit_test(a_long_file_is_read_whole_up_to_the_limit),
        cmocka_unit_test(a_file_that_is_not_there_says_so),
        cmocka_unit_test(a_kernel_file_that_knows_no_size_is_read),
        cmocka_unit_test(a_new_file_has_the_mode_asked_for),
        cmocka_unit_test(a_replaced_file_keeps_its_mode_and_leaves_nothing_beside_it),
        cmocka_unit_test(a_link_stays_and_what_it_names_is_replaced),
        cmocka_unit_test(what_cannot_be_replaced_stays),
        cmocka_unit_test(a_descriptor_closes_once),
    };
    return cmocka_run_group_tests_name("files", tests, nullptr, nullptr);
}
