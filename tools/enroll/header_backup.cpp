// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Copying headers.
#include "tools/enroll/header_backup.hpp"

#include <fcntl.h>
#include <libcryptsetup.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tools/enroll/escrow.hpp"

namespace hsm4::enroll {

namespace {

Problem unreadable(const Place& place) {
    return Problem{"the header of " + place.metadata() +
                   " cannot be read: " + std::strerror(errno)};
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
    std::uint64_t one_copy = 0;
    std::uint64_t keyslots = 0;
    const int known = crypt_get_metadata_size(volume.context(), &one_copy, &keyslots);
    if (known < 0) return volume.problem("size of the header is unknown", known);
    Descriptor file{::open(volume.place().metadata().c_str(), O_RDONLY | O_CLOEXEC)};
    Bytes metadata(2 * one_copy);
    const auto size = static_cast<ssize_t>(metadata.size());
    if (!file || ::pread(file.get(), metadata.data(), metadata.size(), 0) != size)
        return unreadable(volume.place());
    return HeaderBackup{std::move(metadata)};
}

Done HeaderBackup::restore_if_lost(const Place& place) const {
    if (auto volume = Volume::open(place); volume) return done();
    Descriptor file{::open(place.metadata().c_str(), O_WRONLY | O_CLOEXEC)};
    const auto size = static_cast<ssize_t>(metadata_.size());
    if (!file || ::pwrite(file.get(), metadata_.data(), metadata_.size(), 0) != size ||
        ::fsync(file.get()) != 0)
        return Problem{"the header of " + place.metadata() +
                       " cannot be restored: " + std::strerror(errno)};
    return done();
}

Done save_header(const Volume& volume, const std::string& file) {
    if (Done copied = copy_header(volume, file); !copied) return copied;
    if (::chmod(file.c_str(), S_IRUSR | S_IWUSR) != 0)
        return Problem{file + ": " + std::strerror(errno)};
    return done();
}

Done back_up(const Volume& volume, const Options& options, Report& report) {
    if (options.header_backup.empty()) return done();
    const std::string file = escrow_path(options.header_backup, volume.uuid());
    if (Done saved = save_header(volume, file); !saved) return saved;
    report.set("header-backup", file);
    report.say("Header saved to " + file + ".");
    return done();
}

}  // namespace hsm4::enroll
