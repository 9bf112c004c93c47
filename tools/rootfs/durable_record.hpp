// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// One small record that survives a power cut at any instant, on a FAT file system too.
//
// FAT has no journal, and its rename is several writes. So nothing is renamed, made longer or
// allocated once the record exists: two files of fixed size are written in turn, in place. Each
// carries a number and a hash; the valid one with the higher number counts. A write that was cut
// off damages only the older one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hsm4/bytes.hpp"

namespace hsm4::rootfs {

class DurableRecord {
public:
    static constexpr std::size_t slot_size = 4096;
    static constexpr std::size_t longest = 3072;

    /// The record lies in `directory` as NAME-1 and NAME-2.
    DurableRecord(const std::string& directory, const std::string& name);

    /// The last content, or nothing when there never was one. `malformed` when files are there but
    /// neither is valid: then somebody else has written to them.
    Result<std::optional<std::string>> load();
    /// Durable when it returns. The first one creates the files. `usage` over `longest`.
    Status store(const std::string& content);
    /// Removes both files.
    Status remove();

private:
    struct Slot {
        std::uint64_t number = 0;
        std::string content;
    };
    Result<std::optional<Slot>> read_slot(int which, bool& there) const;
    bool was_never_stored() const;
    Status create(int which);
    Status write_slot(int which, const Slot& slot);

    std::string directory_;
    std::string paths_[2];
};

/// fsync of a directory: what was created or removed in it is so after a power cut too.
Status sync_directory(const std::string& directory);

}  // namespace hsm4::rootfs
