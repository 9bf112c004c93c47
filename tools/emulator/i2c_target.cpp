// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Transfers in, blocks out.
#include "tools/emulator/i2c_target.hpp"

namespace hsm4::emulator {

namespace {

/// A microcontroller takes time for X25519, so a host must have learned to wait.
constexpr std::chrono::milliseconds computing{2};
constexpr auto idle_bus = std::byte{0xff};

}  // namespace

bool I2cTarget::acknowledges(std::uint8_t address) {
    if (address != address_) return false;
    module_->end_silent_exchange();
    if (module_->is_free_for(this) && clock_->now() >= busy_until_) return true;
    module_->statistics().count_poll();
    return false;
}

bool I2cTarget::write(std::uint8_t address, View bytes) {
    if (!acknowledges(address)) return false;
    if (module_->faults().take_nak()) {
        module_->statistics().count_poll();
        return false;
    }
    module_->statistics().count_write(bytes.size());
    if (bytes.empty()) return true;  // a probe, no block
    answer_ = module_->receive(this, bytes).value_or(Bytes{});
    busy_until_ = clock_->now() + computing;
    return true;
}

std::optional<Bytes> I2cTarget::read(std::uint8_t address, std::size_t size) {
    if (!acknowledges(address)) return std::nullopt;
    module_->statistics().count_read(size);
    const auto taken = static_cast<std::ptrdiff_t>(std::min(size, answer_.size()));
    Bytes bytes(answer_.begin(), answer_.begin() + taken);
    answer_.erase(answer_.begin(), answer_.begin() + taken);
    bytes.resize(size, idle_bus);
    return bytes;
}

}  // namespace hsm4::emulator
