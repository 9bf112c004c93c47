// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// libcryptsetup-token-hsm4: the six functions of libcryptsetup's token plugin interface,
// version 1.0 (libcryptsetup.h, "Token plugin API").
#include <libcryptsetup.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "hsm4/describe.hpp"
#include "hsm4/secret.hpp"
#include "hsm4/token.hpp"
#include "plugin/absence.hpp"
#include "plugin/dump.hpp"
#include "plugin/guard.hpp"
#include "plugin/unlock.hpp"

namespace {

using hsm4::Status;

struct FreeMemory {
    void operator()(char* memory) const noexcept { std::free(memory); }
};

/// One line for the user, through the caller's own log.
Status report(struct crypt_device* device, const hsm4::Error& error) {
    const std::string line = "hsm4: " + hsm4::describe(error) + "\n";
    crypt_log(device, hsm4::plugin::is_told() ? CRYPT_LOG_VERBOSE : CRYPT_LOG_ERROR, line.c_str());
    return error;
}

/// Sets both outputs, or neither. The copy is for buffer_free, which wipes it.
Status hand_over(const hsm4::SecretBytes& secret, char** buffer, std::size_t* length) {
    std::unique_ptr<char, FreeMemory> copy{static_cast<char*>(std::malloc(secret.size()))};
    if (!copy) return hsm4::Error{hsm4::Errc::io, "memory for the key", ENOMEM};
    std::ranges::copy(secret.view(), reinterpret_cast<std::byte*>(copy.get()));
    *length = secret.size();
    *buffer = copy.release();
    return hsm4::ok();
}

int open_token(struct crypt_device* device, int token, std::optional<hsm4::View> pin, char** buffer,
               std::size_t* length) noexcept {
    return hsm4::plugin::at_c_boundary([&]() -> Status {
        auto key = hsm4::plugin::unlock(device, token, pin);
        if (!key) return report(device, key.error());
        return hand_over(*key, buffer, length);
    });
}

}  // namespace

extern "C" {

/// Unlocks without PIN. On 0, `*buffer` is the caller's until cryptsetup_token_buffer_free().
__attribute__((visibility("default"))) int cryptsetup_token_open(struct crypt_device* cd, int token,
                                                                 char** buffer, size_t* buffer_len,
                                                                 void* /*usrptr*/) {
    return open_token(cd, token, std::nullopt, buffer, buffer_len);
}

/// Unlocks with a PIN of `pin_size` bytes, binary, not terminated.
__attribute__((visibility("default"))) int cryptsetup_token_open_pin(struct crypt_device* cd,
                                                                     int token, const char* pin,
                                                                     size_t pin_size, char** buffer,
                                                                     size_t* buffer_len,
                                                                     void* /*usrptr*/) {
    std::optional<hsm4::View> given;
    if (pin != nullptr && pin_size > 0) given = std::as_bytes(std::span{pin, pin_size});
    return open_token(cd, token, given, buffer, buffer_len);
}

/// Wipes and frees what open gave.
__attribute__((visibility("default"))) void cryptsetup_token_buffer_free(void* buffer,
                                                                         size_t buffer_len) {
    if (buffer == nullptr) return;
    hsm4::wipe(std::span{static_cast<std::byte*>(buffer), buffer_len});
    std::free(buffer);
}

/// Called at import and before open. A token whose slot was removed is valid, though it opens
/// nothing.
__attribute__((visibility("default"))) int cryptsetup_token_validate(struct crypt_device* cd,
                                                                     const char* json) {
    return hsm4::plugin::at_c_boundary([&]() -> Status {
        auto token = hsm4::parse_token(json, hsm4::token_type, hsm4::KeySlots::at_most_one);
        if (!token) return report(cd, token.error());
        return hsm4::ok();
    });
}

/// Called by luksDump without validate: `json` may be anything.
__attribute__((visibility("default"))) void cryptsetup_token_dump(struct crypt_device* cd,
                                                                  const char* json) {
    static_cast<void>(hsm4::plugin::at_c_boundary([&]() -> Status {
        crypt_log(cd, CRYPT_LOG_NORMAL, hsm4::plugin::dump_text(json).c_str());
        return hsm4::ok();
    }));
}

__attribute__((visibility("default"))) const char* cryptsetup_token_version() {
    return HSM4_VERSION;
}

}  // extern "C"
