// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Non-volatile memory in a directory: one file, replaced as a whole.
#include "hsm4/device/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "hsm4/crypto.hpp"

namespace hsm4::device {

namespace {

constexpr const char* file_name = "/state";
constexpr std::size_t longest_state = 1U << 16;
constexpr unsigned private_file = 0600;
constexpr unsigned private_directory = 0700;

Error failed(const char* where) { return Error{Errc::io, where, errno}; }

/// Files of a write that a crash cut off, before their rename.
void remove_leftovers(const std::string& directory) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{directory, ignored})
        if (entry.path().filename().string().starts_with("state."))
            std::filesystem::remove(entry.path(), ignored);
}

Result<State> fresh_state() {
    State state;
    Status drawn = crypto::random_bytes(state.device_secret.writable());
    if (!drawn) return drawn.error();
    return state;
}

Result<Descriptor> lock_directory(const std::string& directory) {
    if (::mkdir(directory.c_str(), private_directory) != 0 && errno != EEXIST)
        return failed("state directory");
    Descriptor lock{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!lock) return failed("state directory");
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
        return Error{Errc::io, "state directory (in use by another emulator)", errno};
    if (::fchmod(lock.get(), private_directory) != 0) return failed("state directory");
    return lock;
}

}  // namespace

Store::Store(std::string directory, Descriptor lock, State state)
    : directory_{std::move(directory)}, lock_{std::move(lock)}, state_{std::move(state)} {}

Result<Store> Store::open(const std::string& directory) {
    auto lock = lock_directory(directory);
    if (!lock) return lock.error();
    remove_leftovers(directory);
    auto content = read_file(directory + file_name, longest_state);
    if (content) {
        auto state = decode_state(content->view());
        if (!state) return state.error();
        return Store{directory, std::move(*lock), std::move(*state)};
    }
    if (content.error().detail != ENOENT) return content.error();
    auto state = fresh_state();
    if (!state) return state.error();
    Store store{directory, std::move(*lock), std::move(*state)};
    if (Status saved = store.save(store.state_); !saved) return saved.error();
    return store;
}

Status Store::save(const State& state) {
    auto encoded = encode_state(state);
    if (!encoded) return encoded.error();
    return replace_file(directory_ + file_name, encoded->view(), private_file);
}

}  // namespace hsm4::device
