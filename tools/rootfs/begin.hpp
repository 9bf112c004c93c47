// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-rootfs convert: everything that happens in the running system, before a byte of the root
// partition changes.
#pragma once

#include <string>
#include <vector>

#include "tools/rootfs/order.hpp"
#include "tools/rootfs/preflight.hpp"
#include "tools/rootfs/ways_in.hpp"

namespace hsm4::rootfs {

struct ConvertOptions {
    bool yes = false;           ///< no question
    bool recovery_key = false;  ///< shown even when there is an escrow
    std::vector<std::string> escrow_certificates;
    std::string escrow_to;

    bool shows_recovery_key() const noexcept { return recovery_key || escrow_certificates.empty(); }
};

WaysIn ways_in(const Request& request, const ConvertOptions& options);

/// Before the first secret exists. A Problem when the recovery key would end where it must not.
Done begin_with_secrets(const ConvertOptions& options);

/// What was prepared or given up before makes way; what the next boot goes on with does not.
Done make_way();

/// Prepares the conversion, which the next boot then does. The exit code.
int convert(Request request, const ConvertOptions& options);

/// Takes back what convert() prepared, as long as the root is a plain one. The exit code.
int cancel();

}  // namespace hsm4::rootfs
