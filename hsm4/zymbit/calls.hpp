// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Calls of the vendor's library, as the child makes them. Only what is documented is relied on:
// a negative result is an error, an output that is missing is a failed verification, whatever the
// result says (the documents and the vendor's own wrapper contradict each other). Every output is
// the library's malloc'ed memory: copied, wiped, freed.
#pragma once

#include <functional>
#include <string>

#include "hsm4/zymbit/access.hpp"
#include "hsm4/zymbit/functions.hpp"
#include "hsm4/zymbit/reply.hpp"

namespace hsm4::zymbit {

/// The one-way key, which only this module has; the other one is shared with a service of the
/// vendor.
inline constexpr bool use_shared_key = false;

using Operation = std::function<Reply(const Functions&, Context)>;

Reply call_lock(const Functions& functions, Context context, View plaintext);
Reply call_unlock(const Functions& functions, Context context, View locked);
Reply call_random(const Functions& functions, Context context, std::size_t size);
/// encode_state(); what a version cannot tell beside the binding is left at 0.
Reply call_state(const Functions& functions, Context context);
/// Model, firmware and serial number, each ended by NUL; empty where the version cannot tell.
Reply call_identify(const Functions& functions, Context context);
Reply call_led(const Functions& functions, Context context, const LedOrder& order);
/// encode_state(), with nothing but the perimeter.
Reply call_perimeter(const Functions& functions, Context context);
Reply call_clear_perimeter(const Functions& functions, Context context, std::uint32_t known);
Reply call_perimeter_action(const Functions& functions, Context context, std::uint8_t channel,
                            PerimeterAction action);

/// The child's body: loads `path`, opens the library, runs `operation`, writes the reply to `pipe`,
/// closes the pipe, and only then the library, which may hang.
int call_library(const std::string& path, const Operation& operation, int pipe);

}  // namespace hsm4::zymbit
