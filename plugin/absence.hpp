// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Remembers that a module did not appear, so that a second try does not wait for it again: within
// the process (libcryptsetup calls twice for a slot of priority `prefer`), and during boot in a
// stamp.
#pragma once

#include "hsm4/uri.hpp"

namespace hsm4::plugin {

/// Boot scripts make this directory, and remove it when the boot is over; without it no stamp is
/// kept. Theirs alone: who made it in a running system would take every later wait away.
inline constexpr const char* boot_directory = "/run/hsm4-boot";
inline constexpr const char* absent_stamp = "/run/hsm4-boot/absent";
/// Made by the boot scripts once they have told why a volume stays closed: what asks for its
/// passphrase afterwards tries the token again, and need not say so again.
inline constexpr const char* told_stamp = "/run/hsm4-boot/told";

bool is_known_absent(const Uri& uri) noexcept;
void remember_absent(const Uri& uri) noexcept;
bool is_told() noexcept;

}  // namespace hsm4::plugin
