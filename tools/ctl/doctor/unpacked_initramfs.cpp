// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Unpacking, and taking stock of what came out.
#include "tools/ctl/doctor/unpacked_initramfs.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "hsm4/program.hpp"

namespace hsm4::ctl::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes time_limit{5};

std::vector<std::string> unpack_command(const std::string& image, const fs::path& directory) {
    if (::access("/usr/bin/unmkinitramfs", X_OK) == 0)
        return {"/usr/bin/unmkinitramfs", image, directory.string()};
    if (::access("/usr/bin/lsinitrd", X_OK) == 0) return {"/usr/bin/lsinitrd", "--unpack", image};
    return {};
}

std::string normalised(std::string module) {
    std::ranges::replace(module, '_', '-');
    return module;
}

/// "i2c-dev" of "kernel/drivers/i2c/i2c-dev.ko.xz"; empty when it is no module.
std::string module_of(const std::string& file) {
    const auto end = file.find(".ko");
    if (end == file.npos) return {};
    const auto slash = file.rfind('/', end);
    const auto first = slash == file.npos ? 0 : slash + 1;
    return normalised(file.substr(first, end - first));
}

}  // namespace

bool is_built_in(const fs::path& list, const std::string& module) {
    std::ifstream lines{list};
    for (std::string line; std::getline(lines, line);)
        if (module_of(line) == normalised(module)) return true;
    return false;
}

Result<UnpackedInitramfs> UnpackedInitramfs::unpack(const std::string& image) {
    std::error_code failed;
    std::string name = (fs::temp_directory_path(failed) / "hsm4-initramfs-XXXXXX").string();
    if (failed || ::mkdtemp(name.data()) == nullptr)
        return Error{Errc::io, "temporary directory", errno};
    UnpackedInitramfs unpacked{name};
    const auto command = unpack_command(fs::absolute(image).string(), name);
    if (command.empty()) return Error{Errc::usage, "neither unmkinitramfs nor lsinitrd"};
    Surroundings inside;
    inside.directory = name;
    if (run_program(command, inside, time_limit) != Ending::success)
        return Error{Errc::malformed, "initramfs"};
    unpacked.take_stock();
    return unpacked;
}

void UnpackedInitramfs::take_stock() {
    std::error_code failed;
    for (const auto& entry : fs::recursive_directory_iterator{directory_, failed})
        if (entry.is_regular_file(failed))
            files_.emplace(entry.path().filename().string(), entry.path());
}

std::optional<fs::path> UnpackedInitramfs::find(const std::string& name) const {
    const auto found = files_.find(name);
    if (found == files_.end()) return std::nullopt;
    return found->second;
}

std::optional<fs::path> UnpackedInitramfs::at(const std::string& path) const {
    const auto found = files_.equal_range(fs::path{path}.filename().string());
    for (auto file = found.first; file != found.second; ++file) {
        const std::string place = '/' + file->second.lexically_relative(directory_).string();
        if (place.ends_with('/' + path)) return file->second;
    }
    return std::nullopt;
}

bool UnpackedInitramfs::has_module(const std::string& module) const {
    const std::string wanted = normalised(module);
    const bool as_file = std::ranges::any_of(
        files_, [&](const auto& file) { return module_of(file.first) == wanted; });
    const auto list = find("modules.builtin");
    return as_file || (list && is_built_in(*list, module));
}

UnpackedInitramfs::UnpackedInitramfs(UnpackedInitramfs&& other) noexcept
    : directory_{std::exchange(other.directory_, {})}, files_{std::move(other.files_)} {}

UnpackedInitramfs::~UnpackedInitramfs() {
    std::error_code ignored;
    if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

}  // namespace hsm4::ctl::doctor
