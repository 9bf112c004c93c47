// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The order of the checks.
#include "tools/rootfs/preflight.hpp"

namespace hsm4::rootfs {

Preflight examine(Request request) {
    Preflight preflight{std::move(request)};
    check_layout(preflight);
    if (!preflight.request.moves) check_file_system(preflight);
    check_cipher(preflight);
    check_boot_space(preflight);
    check_firmware(preflight);
    check_kernels(preflight);
    check_programs(preflight);
    check_swap(preflight);
    check_machine(preflight);
    check_module(preflight);
    return preflight;
}

}  // namespace hsm4::rootfs
