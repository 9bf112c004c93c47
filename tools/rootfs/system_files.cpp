// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Editing fstab, crypttab and cmdline.txt.
#include "tools/rootfs/system_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "hsm4/files.hpp"
#include "tools/fault_point.hpp"
#include "tools/rootfs/boot_files.hpp"
#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace {

constexpr unsigned mode = 0644;
constexpr const char* kept = ".before-hsm4";
constexpr const char* crypttab_options = "luks,initramfs";

Problem failed(const std::string& path) { return Problem{path + ": " + std::strerror(errno)}; }

Done replace(const std::string& path, const std::string& content) {
    fault_point();
    Status written = replace_file(path, view_of(content), mode);
    if (!written) return Problem{path + ": " + Problem{written.error()}.text};
    return done();
}

Done change(const std::string& path, const std::string& before, const std::string& after) {
    if (before == after) return done();
    const std::string backup = path + kept;
    if (!before.empty() && ::access(backup.c_str(), F_OK) != 0)
        if (Done stored = replace(backup, before); !stored) return stored;
    return replace(path, after);
}

/// Over the start of the file, which is long enough: no cluster is allocated, and no directory
/// entry changes.
Done write_over(const std::string& path, const std::string& content) {
    fault_point();
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)};
    if (!file) return failed(path);
    if (::pwrite(file.get(), content.data(), content.size(), 0) !=
            static_cast<ssize_t>(content.size()) ||
        ::fsync(file.get()) != 0)
        return failed(path);
    return done();
}

std::string padded(std::string line, std::size_t size) {
    while (line.ends_with('\n')) line.pop_back();
    if (line.size() + 1 < size) line.resize(size - 1, ' ');
    return line + '\n';
}

}  // namespace

std::string fstab_with_root(const std::string& fstab, const std::string& device) {
    std::istringstream lines{fstab};
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string source;
        std::string point;
        words >> source >> point;
        if (!source.starts_with('#') && point == "/")
            line.replace(line.find(source), source.size(), device);
        result += line + '\n';
    }
    return result;
}

std::string crypttab_with_root(const std::string& crypttab, const Order& order) {
    std::istringstream lines{crypttab};
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string name;
        words >> name;
        if (name != order.name) result += line + '\n';
    }
    return result + order.name + " UUID=" + order.uuid + " none " + crypttab_options + '\n';
}

Done change_root_files(const std::string& root, const Order& order) {
    const std::string fstab = root + "/etc/fstab";
    const std::string crypttab = root + "/etc/crypttab";
    const auto mounts = whole_text(fstab);
    if (!mounts) return Problem{fstab + " cannot be read"};
    if (Done changed = change(fstab, *mounts, fstab_with_root(*mounts, order.mapping())); !changed)
        return changed;
    const auto volumes = whole_text(crypttab).value_or("");
    return change(crypttab, volumes, crypttab_with_root(volumes, order));
}

Done make_room_in_command_line(const std::string& boot, const Order& order) {
    const std::string path = boot + "/cmdline.txt";
    const auto now = whole_text(path);
    if (!now) return Problem{path + " cannot be read"};
    const std::string backup = path + kept;
    if (::unlink(backup.c_str()) != 0 && errno != ENOENT) return failed(backup);
    if (Done stored = write_over(backup, *now); !stored) return stored;
    const std::size_t size = for_encrypted_root(*now, order.mapping()).size();
    if (size > now->size())
        if (Done longer = write_over(path, padded(*now, size)); !longer) return longer;
    Status synced = sync_directory(boot);
    return synced ? done() : Done{Problem{synced.error()}};
}

Done forget_command_line(const std::string& boot) {
    const std::string backup = boot + "/cmdline.txt" + kept;
    if (::unlink(backup.c_str()) != 0 && errno != ENOENT) return failed(backup);
    return done();
}

Done change_command_line(const std::string& boot, const Order& order) {
    const std::string path = boot + "/cmdline.txt";
    const auto now = whole_text(path);
    if (!now) return Problem{path + " cannot be read"};
    const std::string wanted = for_encrypted_root(*now, order.mapping());
    if (padded(wanted, now->size()) == *now) return done();
    // On any usual command line the new words are a single sector. Where there is no room for them
    // (somebody has changed the file), the old words first stay what they are in more of it.
    const std::size_t size = std::max(now->size(), wanted.size());
    if (size > now->size())
        if (Done longer = write_over(path, padded(*now, size)); !longer) return longer;
    if (Done written = write_over(path, padded(wanted, size)); !written) return written;
    if (Status synced = sync_directory(boot); !synced) return Problem{synced.error()};
    return done();
}

}  // namespace hsm4::rootfs
