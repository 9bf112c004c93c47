// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Header copies through libcryptsetup.
#include "tools/enroll/header_backup.hpp"

#include <fcntl.h>
#include <libcryptsetup.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace hsm4::enroll {

namespace {

/// In memory where the system offers that. Copies of a header must not reach a disk: they would
/// keep key slots alive that are removed later.
constexpr const char* places[] = {"/run", "/dev/shm", "/tmp"};

Outcome<std::string> private_directory() {
    for (const char* place : places) {
        std::string path = std::string{place} + "/hsm4-enroll-XXXXXX";
        if (::mkdtemp(path.data()) != nullptr) return path;
    }
    return Problem{std::string{"no place for a copy of the header: "} + std::strerror(errno)};
}

Done copy_header(const Volume& volume, const std::string& file) {
    volume.forget_said();
    const int copied = crypt_header_backup(volume.context(), CRYPT_LUKS2, file.c_str());
    if (copied < 0)
        return volume.problem("header of " + volume.place().metadata() + " cannot be copied",
                              copied);
    return done();
}

}  // namespace

Outcome<HeaderBackup> HeaderBackup::take(const Volume& volume) {
    auto directory = private_directory();
    if (!directory) return directory.error();
    const std::string path = *directory + "/header";
    Done copied = copy_header(volume, path);
    Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    ::unlink(path.c_str());
    ::rmdir(directory->c_str());
    if (!copied) return copied.error();
    if (!file) return Problem{std::string{"copy of the header: "} + std::strerror(errno)};
    return HeaderBackup{std::move(file)};
}

Done HeaderBackup::restore_if_lost(const Place& place) const {
    if (auto volume = Volume::open(place); volume) return done();
    crypt_device* raw = nullptr;
    int restored = crypt_init(&raw, place.metadata().c_str());
    const std::string path = "/proc/self/fd/" + std::to_string(file_.get());
    if (restored == 0) restored = crypt_header_restore(raw, CRYPT_LUKS2, path.c_str());
    crypt_free(raw);
    if (restored < 0)
        return Problem{"the header of " + place.metadata() +
                       " cannot be restored: " + std::strerror(-restored)};
    return done();
}

Done save_header(const Volume& volume, const std::string& file) {
    if (Done copied = copy_header(volume, file); !copied) return copied;
    if (::chmod(file.c_str(), S_IRUSR | S_IWUSR) != 0)
        return Problem{file + ": " + std::strerror(errno)};
    return done();
}

}  // namespace hsm4::enroll
