// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// File systems that may be mounted, and those that may not.
#include <filesystem>
#include <fstream>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/rootfs/good.hpp"
#include "tests/unit/scratch_directory.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/fsck.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/superblock.hpp"

using hsm4::rootfs::is_usable;
using hsm4::rootfs::mebibyte;
using hsm4::rootfs::read_ext4;
using hsm4::rootfs::repair;
using hsm4::rootfs::run_quietly;

namespace {

constexpr std::streamsize size = 16 * mebibyte;

class Image {
public:
    Image() {
        std::ofstream{path_};
        std::filesystem::resize_file(path_, size);
        assert_true(good(run_quietly({"mke2fs", "-q", "-t", "ext4", path_})));
    }
    const std::string& path() const { return path_; }
    void change(const std::string& command) const {
        assert_true(good(run_quietly({"debugfs", "-w", "-R", command, path_})));
    }
    std::string content() const {
        std::string all(size, '\0');
        std::ifstream{path_, std::ios::binary}.read(all.data(), size);
        return all;
    }

private:
    ScratchDirectory scratch_;
    std::string path_ = scratch_.path("image");
};

}  // namespace

static void a_whole_one_is_usable(void** /*state*/) {
    const Image image;
    const std::string before = image.content();
    assert_true(good(is_usable(image.path())));
    assert_true(image.content() == before);
}

static void a_damaged_one_is_not_and_stays_as_it_is(void** /*state*/) {
    const Image image;
    image.change("clri <2>");  // the root directory
    const std::string before = image.content();
    assert_true(!is_usable(image.path()));
    assert_true(image.content() == before);
}

static void one_that_was_not_unmounted_is_usable(void** /*state*/) {
    const Image image;
    image.change("set_super_value feature_incompat 0x2c6");
    const auto found = read_ext4(image.path());
    assert_true(found && found->needs_recovery);
    image.change("clri <2>");
    assert_true(good(is_usable(image.path())));
}

static void what_is_none_is_not_usable(void** /*state*/) {
    const ScratchDirectory scratch;
    std::ofstream{scratch.path("zeros")} << std::string(mebibyte, '\0');
    assert_true(!is_usable(scratch.path("zeros")));
    assert_true(!is_usable(scratch.path("none")));
}

static void what_can_be_mended_without_a_question_is(void** /*state*/) {
    const Image image;
    image.change("set_inode_field <11> links_count 3");
    assert_true(!is_usable(image.path()));
    assert_true(good(repair(image.path())));
    assert_true(good(is_usable(image.path())));
    image.change("clri <2>");
    assert_true(!repair(image.path()));
}

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_one_is_usable),
        cmocka_unit_test(a_damaged_one_is_not_and_stays_as_it_is),
        cmocka_unit_test(one_that_was_not_unmounted_is_usable),
        cmocka_unit_test(what_is_none_is_not_usable),
        cmocka_unit_test(what_can_be_mended_without_a_question_is),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
