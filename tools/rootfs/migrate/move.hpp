// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// How far a root is on its way to another disk. The old one stays whole until the new one has come
// up, and boots whenever the initramfs does not choose the new one: cmdline.txt names it until
// then.
#pragma once

#include <optional>
#include <string>

#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

enum class MoveStage {
    abandoned,  ///< the old root stays
    copying,    ///< a live copy was made; the next boot makes the last, consistent pass
    trying,     ///< the copy is complete; the system has not yet come up from it
    moved       ///< it has; what is left is to forget, and perhaps to erase, the old root
};
const char* name_of(MoveStage stage) noexcept;

struct Move {
    MoveStage stage = MoveStage::copying;
    unsigned attempts = 0;  ///< boots of the new root, while trying
    std::string reason;     ///< of what was abandoned
};

/// The new root is given this many boots to come up.
inline constexpr unsigned most_attempts = 2;

/// What the record on the boot partition says; nothing when there is none.
Outcome<std::optional<Move>> move_of(const std::string& directory);
/// Durable when it returns.
Done store_move(const std::string& directory, const Move& move);

}  // namespace hsm4::rootfs
