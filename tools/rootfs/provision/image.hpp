// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The prepared root: a disk image as Raspberry Pi OS ships it, or a tar archive.
#pragma once

#include <optional>

#include "tools/rootfs/mount.hpp"
#include "tools/rootfs/provision/card.hpp"

namespace hsm4::rootfs {

class Image {
public:
    /// A disk image (or a disk) with an MBR is mounted read-only; a tar archive, compressed or not,
    /// is only looked at. A Problem for anything else, and for a file system that was not
    /// unmounted.
    static Outcome<Image> open(const std::string& path);

    const std::string& path() const noexcept { return path_; }
    bool is_archive() const noexcept { return !root_; }
    /// What the boot partition must hold at least.
    std::uint64_t boot_size() const noexcept { return boot_size_; }
    /// What the root partition must hold at least; of an archive, which does not tell, too little.
    std::uint64_t root_size() const noexcept { return root_size_; }

    /// Writes the root into the empty file system at `to`, in an archive with the boot files.
    Done unpack(const std::string& to) const;
    /// A Problem unless the files at `at` are those of the image.
    Done compare(const std::string& at) const;
    /// Where the boot files of a disk image are mounted.
    std::string boot_files() const { return boot_ ? boot_->point() : std::string{}; }

private:
    explicit Image(std::string path) : path_{std::move(path)} {}
    Done mount_parts(const Card& card);
    Done examine_archive();

    std::string path_;
    std::optional<Mounted> root_;
    std::optional<Mounted> boot_;
    std::uint64_t boot_size_ = usual_boot_size;
    std::uint64_t root_size_ = 0;
};

}  // namespace hsm4::rootfs
