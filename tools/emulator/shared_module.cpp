// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Whose turn it is.
#include "tools/emulator/shared_module.hpp"

namespace hsm4::emulator {

namespace {

constexpr std::chrono::seconds silence{1};

}  // namespace

std::optional<Bytes> SharedModule::receive(Party party, View block) {
    if (owner_ == nullptr) device_->end_exchange();
    owner_ = party;
    last_block_ = clock_->now();
    return device_->receive(block);
}

void SharedModule::leave(Party party) {
    if (owner_ != party) return;
    device_->end_exchange();
    owner_ = nullptr;
}

void SharedModule::power_cycle() {
    device_->power_cycle();
    owner_ = nullptr;
}

void SharedModule::end_silent_exchange() {
    if (owner_ != nullptr && clock_->now() - last_block_ >= silence) leave(owner_);
}

std::optional<std::chrono::microseconds> SharedModule::until_silent() const {
    if (owner_ == nullptr) return std::nullopt;
    const auto left = last_block_ + silence - clock_->now();
    return std::max(left, std::chrono::microseconds{0});
}

}  // namespace hsm4::emulator
