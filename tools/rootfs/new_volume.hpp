// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A LUKS2 volume that is made anew, with its two ways in, and its mapping.
#pragma once

#include <string>

#include "hsm4/secret.hpp"
#include "tools/rootfs/cipher.hpp"
#include "tools/rootfs/ways_in.hpp"

namespace hsm4::rootfs {

struct NewVolume {
    std::string device;
    std::string uuid;
    SecretBytes key;
};

/// Formats `device`, with a volume key and a UUID of its own and no key slot yet.
Outcome<NewVolume> format_volume(const std::string& device, const Cipher& cipher);

/// As the other add_ways_in().
Done add_ways_in(const NewVolume& volume, const WaysIn& ways);

/// "cryptroot", or a name like it that is free.
std::string free_mapping();

/// A mapping, closed with its owner.
class Mapping {
public:
    static Outcome<Mapping> by_key(const NewVolume& volume, const std::string& name);
    /// As a boot does: the plugin asks the module.
    static Outcome<Mapping> by_token(const std::string& device, const std::string& name);
    /// By what a person has typed.
    static Outcome<Mapping> by_passphrase(const std::string& device, View passphrase,
                                          const std::string& name);
    Mapping(Mapping&& other) noexcept : name_{std::exchange(other.name_, {})} {}
    Mapping& operator=(Mapping&&) = delete;
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping();

    std::string node() const { return "/dev/mapper/" + name_; }
    Done close();
    /// It outlives its owner.
    void keep() noexcept { name_.clear(); }

private:
    explicit Mapping(std::string name) : name_{std::move(name)} {}
    std::string name_;
};

}  // namespace hsm4::rootfs
