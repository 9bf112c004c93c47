// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The functions of the vendor's libzk_app_utils.so that are used here, looked up by name: versions
// differ in what they have. Types as the vendor publishes them; a unit test compares. zkLockBinding
// is not among them: it cannot be undone, and was never tried on a real module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace hsm4::zymbit {

using Context = void*;

struct Functions {
    // Without these no key can be locked or unlocked.
    int (*open)(Context*) = nullptr;
    int (*close)(Context) = nullptr;
    int (*lock)(Context, const std::uint8_t*, int, std::uint8_t**, int*, bool) = nullptr;
    int (*unlock)(Context, const std::uint8_t*, int, std::uint8_t**, int*, bool) = nullptr;
    // Null in versions that lack them.
    int (*random)(Context, std::uint8_t**, int) = nullptr;
    int (*binding_info)(Context, bool* locked, bool* bound) = nullptr;
    int (*model)(Context, char**) = nullptr;
    int (*firmware)(Context, char**) = nullptr;
    int (*serial)(Context, char**) = nullptr;
    int (*led_off)(Context) = nullptr;
    int (*led_on)(Context) = nullptr;
    int (*led_flash)(Context, std::uint32_t on_ms, std::uint32_t off_ms,
                     std::uint32_t flashes) = nullptr;
    int (*time)(Context, std::uint32_t* seconds, bool precise) = nullptr;
    int (*perimeter_action)(Context, int channel, std::uint32_t action) = nullptr;
    int (*perimeter_info)(Context, std::uint32_t** timestamps, int* count) = nullptr;
    int (*perimeter_clear)(Context) = nullptr;
};

enum class LoadFailure {
    no_library,
    missing_function
};

/// Loads `path`. To be called in a child only: the library is never unloaded, and may start
/// threads.
std::optional<LoadFailure> load_functions(const std::string& path, Functions& functions);

}  // namespace hsm4::zymbit
