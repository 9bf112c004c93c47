// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Results: a value or an Error. Our own code does not throw.
#pragma once

#include <utility>
#include <variant>

namespace hsm4 {

enum class Errc {
    no_device,     ///< nothing answers at the configured address
    no_software,   ///< the vendor's software is missing, or lacks what is needed
    occupied,      ///< another program owns the module and would be disturbed
    timeout,       ///< something is there, but its answer did not come before the deadline
    bus,           ///< transfers fail in spite of retries
    malformed,     ///< bytes that the format or the protocol does not allow
    unauthentic,   ///< a tag or a signature does not verify
    refused,       ///< the module said no, for the one generic reason
    wrong_state,   ///< the module is unbound, compromised, tampered, destroyed, or already in
                   ///< production
    bad_pin,       ///< PIN missing or wrong; `detail` = tries left
    pin_locked,    ///< the module has locked this PIN
    bad_token,     ///< the token's JSON is not what it must be
    bad_volume,    ///< the LUKS2 header is not what a volume binding can be made of
    pin_mismatch,  ///< token or volume disagrees with what hsm4.conf pins
    bad_config,    ///< hsm4.conf is damaged or incomplete
    identity,      ///< a measured component cannot be read (late hardware)
    io,            ///< a system call failed; `detail` = errno
    crypto,        ///< OpenSSL failed
    unsupported,   ///< this kind of module has no such service
    usage,         ///< the caller asked for something that makes no sense
};

/// `where` is a literal that says in a few words what was being done; it never carries data.
struct Error {
    Errc code;
    const char* where;
    int detail = 0;
};

/// A `T` or an `E`. Dereferencing the wrong one throws, and ends at the guard of the C boundary.
template <class T, class E = Error>
class [[nodiscard]] Result {
public:
    Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
    Result(E error) : state_{std::in_place_index<1>, std::move(error)} {}

    explicit operator bool() const noexcept { return state_.index() == 0; }
    T& operator*() { return std::get<0>(state_); }
    const T& operator*() const { return std::get<0>(state_); }
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }
    const E& error() const { return std::get<1>(state_); }

private:
    std::variant<T, E> state_;
};

using Status = Result<std::monostate>;
inline Status ok() { return std::monostate{}; }

}  // namespace hsm4
