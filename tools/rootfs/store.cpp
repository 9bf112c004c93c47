// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A loop device, or a linear mapping.
#include "tools/rootfs/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hsm4/files.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::uint64_t sector = 512;
constexpr std::size_t head_size = 64U << 10;

}  // namespace

Done sync_path(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    if (!file || ::fsync(file.get()) != 0) return Problem{path + ": " + std::strerror(errno)};
    return done();
}

Outcome<Store> Store::in_file(const std::string& path) {
    auto loop = Loop::attach(path);
    if (!loop) return loop.error();
    auto size = device_size(loop->device());
    if (!size) return size.error();
    Store store{std::move(*loop)};
    store.file_ = path;
    store.size_ = *size;
    return store;
}

Outcome<Store> Store::behind(const std::string& partition, std::uint64_t offset,
                             const std::string& name) {
    auto end = device_size(partition);
    if (!end) return end.error();
    if (offset == 0 || offset >= *end) return Problem{partition + " ends before its store"};
    auto mapping = MappedDevice::make(
        name, *end - offset, "linear " + partition + ' ' + std::to_string(offset / sector));
    if (!mapping) return mapping.error();
    Store store{std::move(*mapping)};
    store.offset_ = offset;
    store.size_ = *end - offset;
    return store;
}

Done Store::blank() const {
    const Descriptor file{::open(device().c_str(), O_RDWR | O_CLOEXEC)};
    const Bytes zeros(head_size);
    if (!file ||
        ::pwrite(file.get(), zeros.data(), zeros.size(), 0) != static_cast<ssize_t>(zeros.size()))
        return Problem{device() + ": " + std::strerror(errno)};
    return sync();
}

Done Store::sync() const {
    if (Done synced = sync_path(device()); !synced) return synced;
    return file_.empty() ? done() : sync_path(file_);
}

}  // namespace hsm4::rootfs
