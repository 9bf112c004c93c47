// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One LUKS2 volume: libcryptsetup's context, its key slots and tokens.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hsm4/files.hpp"
#include "hsm4/secret.hpp"
#include "tools/enroll/problem.hpp"

struct crypt_device;

namespace hsm4::enroll {

/// Where a volume lies.
struct Place {
    std::string device;
    std::string header;  ///< empty: on the device itself
    const std::string& metadata() const { return header.empty() ? device : header; }
};

/// A token as the header has it.
struct RawToken {
    int id = 0;
    std::string type;
    std::string json;
    std::vector<int> keyslots;
};

class Volume {
public:
    /// Loads the header, and changes nothing. A Problem for a path that is none, for anything but
    /// LUKS2 and for a damaged header.
    static Outcome<Volume> open(const Place& place);

    crypt_device* context() const noexcept { return context_.get(); }
    const Place& place() const noexcept { return place_; }
    std::string uuid() const;
    std::vector<int> keyslots() const;
    bool has_keyslot(int slot) const;
    std::optional<int> free_keyslot() const;
    std::optional<int> free_token() const;
    std::vector<RawToken> tokens() const;

    /// The volume key, and the slot that `passphrase` opened.
    struct Opened {
        SecretBytes volume_key;
        int keyslot = 0;
    };
    /// Only `keyslot`, unless it is CRYPT_ANY_SLOT.
    Outcome<Opened> open_by_passphrase(View passphrase, int keyslot) const;
    /// The volume key through a token.
    Outcome<Opened> open_with_token(int token, std::optional<View> pin) const;
    /// Lets the token open the volume without mapping it, as `cryptsetup open` would.
    Done open_by_token(int token, std::optional<View> pin = {}) const;

    /// What libcryptsetup and its plugins said last, without line end; or empty.
    const std::string& said() const noexcept { return *said_; }
    void forget_said() const noexcept { said_->clear(); }
    /// A Problem with `what` and, where libcryptsetup gave one, its reason.
    Problem problem(const std::string& what, int error) const;

private:
    Problem token_problem(int token, int error) const;

    struct Free {
        void operator()(crypt_device* context) const noexcept;
    };
    using Context = std::unique_ptr<crypt_device, Free>;

    Volume(Place place, std::unique_ptr<std::string> said, Context context)
        : place_{std::move(place)}, said_{std::move(said)}, context_{std::move(context)} {}

    Place place_;
    std::unique_ptr<std::string> said_;  ///< filled by libcryptsetup's log callback
    Context context_;
};

/// Keeps other runs of this tool away from the volume until it is released or the process ends.
/// libcryptsetup's own lock spans a single write only.
Outcome<Descriptor> hold(const Place& place);

}  // namespace hsm4::enroll
