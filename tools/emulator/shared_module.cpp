// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Whose turn it is.
#include "tools/emulator/shared_module.hpp"

#include <cstdio>

#include "hsm4/describe.hpp"

namespace hsm4::emulator {

namespace {

constexpr std::chrono::seconds silence{1};

}  // namespace

std::optional<Bytes> SharedModule::receive(Party party, View block) {
    if (owner_ == nullptr) device_->end_exchange();
    owner_ = party;
    last_block_ = clock_->now();
    return faults_.pass(block, *clock_, [this](View whole) { return device_->receive(whole); });
}

void SharedModule::leave(Party party) {
    if (owner_ != party) return;
    device_->end_exchange();
    owner_ = nullptr;
}

Status SharedModule::power_cycle() {
    owner_ = nullptr;
    return device_->power_cycle();
}

void SharedModule::tick() {
    if (Status ticked = device_->tick(); !ticked)
        std::fprintf(stderr, "hsm4-emulator: %s\n", describe(ticked.error()).c_str());
    const device::LedPattern led = device_->led();
    if (led == logged_led_) return;
    logged_led_ = led;
    std::fprintf(stderr, "hsm4-emulator: LED: %s\n", std::string{to_text(led)}.c_str());
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
