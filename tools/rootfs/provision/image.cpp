// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// mount, cp, tar.
#include "tools/rootfs/provision/image.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "hsm4/files.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/tree.hpp"

namespace hsm4::rootfs {

namespace {

constexpr const char* root_point = "/run/hsm4-rootfs/provision/image";
constexpr const char* boot_point = "/run/hsm4-rootfs/provision/image-boot";

constexpr std::size_t head_size = 512;
constexpr std::size_t mbr_mark = 510;
constexpr std::size_t tar_mark = 257;

bool is_at(std::string_view head, std::size_t at, std::string_view mark) {
    return head.substr(std::min(at, head.size()), mark.size()) == mark;
}

bool is_disk(std::string_view head) { return is_at(head, mbr_mark, "\x55\xaa"); }

/// Of what tar unpacks by itself: plain, gzip, xz, zstd, bzip2.
bool is_archive_head(std::string_view head) {
    using namespace std::string_view_literals;
    static constexpr std::array marks{"\x1f\x8b"sv,
                                      "\xfd"
                                      "7zXZ"sv,
                                      "\x28\xb5\x2f\xfd"sv, "BZh"sv};
    for (const std::string_view mark : marks)
        if (is_at(head, 0, mark)) return true;
    return is_at(head, tar_mark, "ustar");
}

Outcome<std::string> read_head(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::string head(head_size, '\0');
    const ssize_t size = file ? ::pread(file.get(), head.data(), head.size(), 0) : -1;
    if (size < 0) return Problem{path + ": " + std::strerror(errno), enroll::exit_usage};
    head.resize(static_cast<std::size_t>(size));
    return head;
}

/// `ro` makes the loop device read-only, too: a journal that needs a recovery is refused then.
std::string part_options(const Extent& extent) {
    return "ro,loop,offset=" + std::to_string(extent.start) +
           ",sizelimit=" + std::to_string(extent.size);
}

std::vector<std::string> tar_words(const std::string& image, const char* operation,
                                   const std::string& directory) {
    return {"tar",
            operation,
            "--file=" + image,
            "--directory=" + directory,
            "--xattrs",
            "--xattrs-include=*",
            "--acls",
            "--numeric-owner"};
}

}  // namespace

Outcome<Image> Image::open(const std::string& path) {
    auto head = read_head(path);
    if (!head) return head.error();
    Image image{path};
    if (is_disk(*head)) {
        auto card = read_partition_table(path);
        if (!card) return card.error();
        if (Done mounted = image.mount_parts(*card); !mounted) return mounted.error();
        return image;
    }
    if (!is_archive_head(*head))
        return Problem{path +
                           " is neither a disk image with an MBR nor a tar archive (unpack an "
                           "image that is compressed first)",
                       enroll::exit_usage};
    if (Done examined = image.examine_archive(); !examined) return examined.error();
    return image;
}

Done Image::mount_parts(const Card& card) {
    auto root = Mounted::by_program(path_, root_point, "ext4", part_options(card.root));
    if (!root) return root.error();
    root_.emplace(std::move(*root));
    auto boot = Mounted::by_program(path_, boot_point, "vfat", part_options(card.boot));
    if (!boot) return boot.error();
    boot_.emplace(std::move(*boot));
    boot_size_ = card.boot.size;
    root_size_ = used_in(root_->point());
    return done();
}

Done Image::examine_archive() {
    struct stat status = {};
    if (::stat(path_.c_str(), &status) != 0) return Problem{path_ + ": " + std::strerror(errno)};
    root_size_ = static_cast<std::uint64_t>(status.st_size);
    return done();
}

Done Image::unpack(const std::string& to) const {
    auto words = is_archive() ? tar_words(path_, "--extract", to)
                              : std::vector<std::string>{"cp", "--archive", "--one-file-system",
                                                         root_->point() + "/.", to};
    auto ran = run(words, patient);
    return ran ? done() : Done{ran.error()};
}

Done Image::compare(const std::string& at) const {
    if (is_archive()) {
        auto ran = run(tar_words(path_, "--compare", at), patient);
        return ran ? done()
                   : Done{Problem{"read back otherwise than written: " + ran.error().text}};
    }
    auto different = difference_between(root_->point(), at);
    if (!different) return different.error();
    if (!different->empty()) return Problem{"read back otherwise than written: /" + *different};
    return done();
}

}  // namespace hsm4::rootfs
