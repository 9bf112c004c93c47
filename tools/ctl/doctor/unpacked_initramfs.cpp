// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Unpacking, and taking stock of what came out.
#include "tools/ctl/doctor/unpacked_initramfs.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "hsm4/clock.hpp"

namespace hsm4::ctl::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes time_limit{5};
constexpr std::chrono::milliseconds pause{50};

/// True when the child ended by itself, with status 0, in time. It is reaped in any case.
bool wait_bounded(pid_t child) {
    SystemClock clock;
    const Deadline deadline{clock, time_limit};
    int status = 0;
    for (;;) {
        if (deadline.expired()) ::kill(child, SIGKILL);
        const pid_t done = ::waitpid(child, &status, deadline.expired() ? 0 : WNOHANG);
        if (done == child) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (done < 0 && errno != EINTR) return false;
        clock.sleep(pause);
    }
}

bool run(std::vector<std::string> words, const fs::path& directory) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) return false;
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
    pid_t child = -1;
    const int failed =
        posix_spawnp(&child, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed == 0 && wait_bounded(child);
}

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
    if (!run(command, name)) return Error{Errc::malformed, "initramfs"};
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
