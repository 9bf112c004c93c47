// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-rootfs resume --at-boot: what the boot script of the initramfs runs.
#pragma once

#include <string>

namespace hsm4::rootfs {

/// The volume cannot be opened by the module; the boot script asks for the recovery key.
inline constexpr int exit_recovery_key_needed = 3;

/// Goes on with the conversion that /etc/hsm4/conversion.json orders. `key_file` holds the recovery
/// key, "-" is standard input; empty: the module opens. The exit code: 0 boot on (from the mapping,
/// if there is one now), 1 stop, 3 see above.
int resume_at_boot(const std::string& key_file);

}  // namespace hsm4::rootfs
