// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// One unit, from a blank card to one that boots by itself.
#pragma once

#include <string>

#include "tools/rootfs/new_volume.hpp"
#include "tools/rootfs/provision/image.hpp"
#include "tools/rootfs/provision/station.hpp"
#include "tools/rootfs/provision/target.hpp"

namespace hsm4::rootfs {

struct UnitOrder {
    std::string target;
    std::string host;    ///< pattern of the host name; empty: the image's
    std::string cipher;  ///< empty: chosen by the CPU
    Escrow escrow;
    bool lock = false;
};

/// What is told of a unit.
struct UnitFacts {
    std::string serial;  ///< of the board
    std::string host;
    std::string uuid;         ///< of the volume
    std::string module;       ///< its id
    std::string medium;       ///< CID or serial number of the card or disk
    std::string table;        ///< identifier of the partition table
    std::uint64_t bytes = 0;  ///< of the target
    bool locked = false;
};

/// Writes the unit. The partition table comes last, when all the rest has been read back, so a
/// failure or a power cut at any instant leaves a target that boots nowhere. `facts` has what is
/// known so far, however this ends.
Done make_unit(const UnitOrder& order, const Image& image, const Station& station,
               UnitFacts& facts);

}  // namespace hsm4::rootfs
