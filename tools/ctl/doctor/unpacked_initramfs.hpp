// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// An initramfs, unpacked by the distribution's own tool.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "hsm4/result.hpp"

namespace hsm4::ctl::doctor {

/// Lives in a private directory that is removed with it.
class UnpackedInitramfs {
public:
    /// By unmkinitramfs or lsinitrd, within five minutes. `usage` when neither is installed,
    /// `malformed` when the tool fails on it, `io` when there is no room.
    static Result<UnpackedInitramfs> unpack(const std::string& image);

    UnpackedInitramfs(UnpackedInitramfs&& other) noexcept;
    UnpackedInitramfs& operator=(UnpackedInitramfs&&) = delete;
    UnpackedInitramfs(const UnpackedInitramfs&) = delete;
    UnpackedInitramfs& operator=(const UnpackedInitramfs&) = delete;
    ~UnpackedInitramfs();

    /// A file by its name, wherever it lies.
    std::optional<std::filesystem::path> find(const std::string& name) const;
    /// A file by its path in the initramfs, without the leading slash; /usr may be merged or not.
    std::optional<std::filesystem::path> at(const std::string& path) const;
    /// A kernel module, as a file or in the kernel's list of built-in ones; - and _ are the same.
    bool has_module(const std::string& module) const;

private:
    explicit UnpackedInitramfs(std::filesystem::path directory)
        : directory_{std::move(directory)} {}
    void take_stock();

    std::filesystem::path directory_;
    std::multimap<std::string, std::filesystem::path> files_;
};

/// Whether `module` stands in a modules.builtin file.
bool is_built_in(const std::filesystem::path& list, const std::string& module);

}  // namespace hsm4::ctl::doctor
