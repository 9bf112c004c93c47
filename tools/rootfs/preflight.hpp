// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// May this system be converted? Every check reads only.
#pragma once

#include <optional>
#include <string>

#include "tools/rootfs/cipher.hpp"
#include "tools/rootfs/finding.hpp"
#include "tools/rootfs/layout.hpp"
#include "tools/rootfs/plan.hpp"

namespace hsm4::rootfs {

/// What is asked for, and the system that it is asked of. Tests lay one out below `root`.
struct Request {
    bool whole = false;      ///< --full
    bool moves = false;      ///< to another disk; else it is encrypted in place
    std::string cipher;      ///< --cipher, or empty: by the CPU
    std::string module_uri;  ///< --hsm4-device, or empty
    std::string root;        ///< the system's files lie here; empty: this system
    Machine machine;
};

/// What the checks establish for each other and for the plan.
struct Preflight {
    Request request;
    Findings findings{};
    std::optional<Layout> layout{};
    std::optional<Plan> plan{};
    std::optional<Cipher> cipher{};
};

// One subject each; called in this order. A check that needs what an earlier one could not
// establish says nothing.
void check_layout(Preflight& preflight);       ///< root and boot partition
void check_file_system(Preflight& preflight);  ///< ext4, sound, with room; makes the plan
void check_cipher(Preflight& preflight);
void check_boot_space(Preflight& preflight);  ///< room on the boot partition
void check_firmware(Preflight& preflight);    ///< config.txt, cmdline.txt
void check_kernels(Preflight& preflight);     ///< modules of each installed kernel
void check_programs(Preflight& preflight);    ///< what the initramfs will run
void check_swap(Preflight& preflight);        ///< swap and hibernation
void check_machine(Preflight& preflight);     ///< memory and power
void check_module(Preflight& preflight);      ///< answers, bound, attested

/// All of them; for a root that moves, all but what the old disk has to have room for.
Preflight examine(Request request);

/// What the boot partition must hold beside what is there: header, store for the shrinking, state,
/// log, and new initramfs files beside the old ones. A root that moves needs no header and store.
std::uint64_t boot_space_needed(std::uint64_t initramfs_bytes, bool moves = false) noexcept;

}  // namespace hsm4::rootfs
