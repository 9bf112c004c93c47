// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Devices that are no module of ours.
#include "tests/i2c/strangers.hpp"

#include <utility>

#include "hsm4/wire/protocol.hpp"

namespace hsm4::bench {

Eeprom::Eeprom(bool blank) {
    std::uint8_t value = 0x11;
    for (std::byte& byte : memory_) {
        byte = blank ? std::byte{0xff} : static_cast<std::byte>(value);
        value = static_cast<std::uint8_t>(5 * value + 3);
    }
}

int Eeprom::write(View bytes) {
    if (bytes.empty()) return 1;
    at_ = std::to_integer<std::uint8_t>(bytes.front());
    for (const std::byte byte : bytes.subspan(1)) memory_[at_++] = byte;
    return 1;
}

int Eeprom::read(std::span<std::byte> bytes) {
    for (std::byte& byte : bytes) byte = memory_[at_++];
    return 1;
}

void NextVersion::receive(View frame) {
    auto step = link_.receive(frame);
    answer_ = step.frame.value_or(Bytes{});
    if (!step.message) return;
    const bool hello = *step.message == Bytes{static_cast<std::byte>(wire::Clear::hello)};
    Bytes reply{static_cast<std::byte>(wire::Answer::malformed)};
    if (hello) {
        // status, version 2, and an order of fields that only that version knows
        reply = {std::byte{0}, std::byte{wire::protocol_version + 1}};
        reply.resize(40, std::byte{0x5a});
    }
    answer_ = link_.send(reply);
}

}  // namespace hsm4::bench
