// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Two slots, written in turn.
#include "tools/rootfs/durable_record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "hsm4/crypto.hpp"
#include "hsm4/files.hpp"
#include "tools/fault_point.hpp"

namespace hsm4::rootfs {

namespace {

// magic | number (8) | length (4) | content | zeros | SHA-256 of all before it
constexpr std::string_view magic = "hsm4-rootfs record 1\n";
constexpr std::size_t number_size = 8;
constexpr std::size_t length_size = 4;
constexpr std::size_t head_size = magic.size() + number_size + length_size;
constexpr std::size_t hashed_size = DurableRecord::slot_size - crypto::hash_size;
static_assert(head_size + DurableRecord::longest <= hashed_size);

void put_number(std::span<std::byte> out, std::uint64_t value) {
    for (std::size_t at = out.size(); at-- > 0; value >>= 8)
        out[at] = static_cast<std::byte>(value & 0xFF);
}

std::uint64_t get_number(View in) {
    std::uint64_t value = 0;
    for (const std::byte byte : in) value = value << 8 | std::to_integer<std::uint64_t>(byte);
    return value;
}

Error failed(const char* where) { return Error{Errc::io, where, errno}; }

Status write_whole(int file, View bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t some =
            ::pwrite(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (some < 0 && errno == EINTR) continue;
        if (some <= 0) return failed("writing the state");
        done += static_cast<std::size_t>(some);
    }
    if (::fsync(file) != 0) return failed("writing the state");
    return ok();
}

}  // namespace

Status sync_directory(const std::string& path) {
    const Descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory || ::fsync(directory.get()) != 0) return failed("fsync of the directory");
    return ok();
}

DurableRecord::DurableRecord(const std::string& directory, const std::string& name)
    : directory_{directory}, paths_{directory + '/' + name + "-1", directory + '/' + name + "-2"} {}

Result<std::optional<DurableRecord::Slot>> DurableRecord::read_slot(int which, bool& there) const {
    auto bytes = read_file(paths_[which], slot_size);
    const std::optional<Slot> nothing;
    if (!bytes && bytes.error().detail == ENOENT) return nothing;
    there = true;
    if (!bytes && bytes.error().detail != EFBIG) return bytes.error();
    if (!bytes || bytes->size() != slot_size) return nothing;
    const View all = bytes->view();
    auto hash = crypto::sha256(all.first(hashed_size));
    if (!hash) return hash.error();
    if (!std::ranges::equal(*hash, all.subspan(hashed_size)) ||
        !std::ranges::equal(all.first(magic.size()), view_of(magic)))
        return nothing;
    const std::uint64_t length = get_number(all.subspan(magic.size() + number_size, length_size));
    if (length > longest) return nothing;
    const View content = all.subspan(head_size, static_cast<std::size_t>(length));
    return std::optional{Slot{get_number(all.subspan(magic.size(), number_size)),
                              {reinterpret_cast<const char*>(content.data()), content.size()}}};
}

Result<std::optional<std::string>> DurableRecord::load() {
    std::optional<Slot> newest;
    for (const int which : {0, 1}) {
        bool there = false;
        auto slot = read_slot(which, there);
        if (!slot) return slot.error();
        if (*slot && (!newest || (*slot)->number > newest->number)) newest = std::move(*slot);
    }
    if (newest) return std::optional{newest->content};
    // A first store() that was cut off leaves a file that is missing or blank: no record yet.
    return was_never_stored() ? Result<std::optional<std::string>>{std::nullopt}
                              : Error{Errc::malformed, "state of the conversion"};
}

bool DurableRecord::was_never_stored() const {
    return std::ranges::any_of(paths_, [](const std::string& path) {
        auto bytes = read_file(path, slot_size);
        if (!bytes) return bytes.error().detail == ENOENT;
        return std::ranges::all_of(bytes->view(),
                                   [](std::byte byte) { return byte == std::byte{}; });
    });
}

Status DurableRecord::create(int which) {
    fault_point();
    const Descriptor file{::open(paths_[which].c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    if (!file) return failed("creating the state");
    if (Status written = write_whole(file.get(), Bytes(slot_size)); !written) return written;
    return sync_directory(directory_);
}

Status DurableRecord::write_slot(int which, const Slot& slot) {
    Bytes bytes(slot_size);
    const std::span<std::byte> all{bytes};
    std::ranges::copy(view_of(magic), all.begin());
    put_number(all.subspan(magic.size(), number_size), slot.number);
    put_number(all.subspan(magic.size() + number_size, length_size), slot.content.size());
    std::ranges::copy(view_of(slot.content), all.subspan(head_size).begin());
    auto hash = crypto::sha256(View{bytes}.first(hashed_size));
    if (!hash) return hash.error();
    std::ranges::copy(*hash, all.subspan(hashed_size).begin());
    fault_point();
    const Descriptor file{::open(paths_[which].c_str(), O_WRONLY | O_CLOEXEC)};
    if (!file) return failed("opening the state");
    return write_whole(file.get(), bytes);
}

Status DurableRecord::store(const std::string& content) {
    if (content.size() > longest) return Error{Errc::usage, "state that is too long"};
    std::uint64_t numbers[2] = {};
    for (const int which : {0, 1}) {
        bool there = false;
        auto slot = read_slot(which, there);
        if (!slot) return slot.error();
        if (*slot) numbers[which] = (*slot)->number;
        if (there) continue;
        if (Status created = create(which); !created) return created;
    }
    const int older = numbers[0] <= numbers[1] ? 0 : 1;
    return write_slot(older, {std::max(numbers[0], numbers[1]) + 1, content});
}

Status DurableRecord::remove() {
    std::uint64_t numbers[2] = {};
    for (const int which : {0, 1}) {
        bool there = false;
        auto slot = read_slot(which, there);
        if (slot && *slot) numbers[which] = (*slot)->number;
    }
    // The older one first, or it would come to life again.
    const int older = numbers[0] <= numbers[1] ? 0 : 1;
    for (const int which : {older, 1 - older}) {
        fault_point();
        if (::unlink(paths_[which].c_str()) != 0 && errno != ENOENT)
            return failed("removing the state");
        if (Status synced = sync_directory(directory_); !synced) return synced;
    }
    return ok();
}

}  // namespace hsm4::rootfs
