// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Where a snapshot keeps what changes until it is merged: in a file on another file system, or
// behind the end of the file system that shrinks, on its own partition.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/rootfs/layout.hpp"
#include "tools/rootfs/loop.hpp"
#include "tools/rootfs/mapped_device.hpp"

namespace hsm4::rootfs {

/// The block device stays for as long as this lives.
class Store {
public:
    /// A file of fixed size, all of it allocated.
    static Outcome<Store> in_file(const std::string& path);
    /// From `offset` in bytes (a multiple of 512, not 0) to the end of the partition; `name` of the
    /// mapping.
    static Outcome<Store> behind(const std::string& partition, std::uint64_t offset,
                                 const std::string& name);

    const std::string& device() const noexcept {
        return mapping_ ? mapping_->node() : loop_->device();
    }
    /// 0 in a file.
    std::uint64_t offset() const noexcept { return offset_; }
    std::uint64_t size() const noexcept { return size_; }

    /// Takes away the head that the kernel would know it by.
    Done blank() const;
    /// What was written is on the disk afterwards.
    Done sync() const;

private:
    explicit Store(Loop loop) : loop_{std::move(loop)} {}
    explicit Store(MappedDevice mapping) : mapping_{std::move(mapping)} {}

    std::optional<Loop> loop_;
    std::optional<MappedDevice> mapping_;
    std::string file_;
    std::uint64_t offset_ = 0;
    std::uint64_t size_ = 0;
};

/// fsync() of a file or of a block device.
Done sync_path(const std::string& path);

}  // namespace hsm4::rootfs
