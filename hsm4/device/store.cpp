// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Non-volatile memory in a directory:
//   state    all of it, replaced as a whole
//   created  says that there was a state once, so that its loss is no new module
#include "hsm4/device/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>

#include "hsm4/crypto.hpp"

namespace hsm4::device {

namespace {

constexpr const char* file_name = "/state";
constexpr const char* mark_name = "/created";
constexpr std::string_view mark_text =
    "hsm4-emulator keeps a module here. It is not begun anew when the file \"state\" is lost.\n";
constexpr const char* place = "the module's state (restore a copy, or begin a new --state=DIR)";
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

/// Makes the directory's own name outlast a crash.
Status sync_parent_of(const std::string& directory) {
    const Descriptor parent{
        ::open((directory + "/..").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!parent || ::fsync(parent.get()) != 0) return failed("parent of the state directory");
    return ok();
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

/// The state that lies there; nothing where there never was one.
Result<std::optional<State>> load(const std::string& directory) {
    const std::string file = directory + file_name;
    auto content = read_file(file, longest_state);
    if (!content) {
        const bool new_module = content.error().detail == ENOENT &&
                                ::access((directory + mark_name).c_str(), F_OK) != 0;
        if (new_module) return std::optional<State>{};
        return Error{Errc::io, place, content.error().detail};
    }
    if (::chmod(file.c_str(), private_file) != 0) return failed(place);
    auto state = decode_state(content->view());
    if (!state) return Error{state.error().code, place};
    return std::optional<State>{std::move(*state)};
}

/// After the first save, so that a crash in between leaves a new module, or a whole one.
Status mark(const std::string& directory) {
    const std::string file = directory + mark_name;
    if (::access(file.c_str(), F_OK) == 0) return ok();
    if (Status written = replace_file(file, view_of(mark_text), private_file); !written)
        return written;
    // The directory may be new, too: without this a crash may take it away, and the module with it.
    return sync_parent_of(directory);
}

}  // namespace

Store::Store(std::string directory, Descriptor lock, State state)
    : directory_{std::move(directory)}, lock_{std::move(lock)}, state_{std::move(state)} {}

Result<Store> Store::open(const std::string& directory) {
    auto lock = lock_directory(directory);
    if (!lock) return lock.error();
    remove_leftovers(directory);
    auto state = load(directory);
    if (!state) return state.error();
    const bool fresh = !state->has_value();
    auto made = fresh ? fresh_state() : Result<State>{std::move(**state)};
    if (!made) return made.error();
    Store store{directory, std::move(*lock), std::move(*made)};
    if (Status saved = fresh ? store.save(store.state_) : ok(); !saved) return saved.error();
    if (Status marked = mark(directory); !marked) return marked.error();
    return store;
}

Status Store::save(const State& state) {
    auto encoded = encode_state(state);
    if (!encoded) return encoded.error();
    return replace_file(directory_ + file_name, encoded->view(), private_file);
}

}  // namespace hsm4::device
