// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the command line said. One struct for all verbs: main.cpp fills it, a verb reads its part.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hsm4::ctl {

inline constexpr int exit_done = 0;
inline constexpr int exit_refused = 1;
inline constexpr int exit_usage = 2;

struct Options {
    std::string device;  ///< --hsm4-device, or empty
    bool json = false;

    // bind
    std::uint8_t slot = 0;
    std::string boot_medium;              ///< empty: the one that this machine boots from
    std::vector<std::string> components;  ///< "KIND SOURCE"; empty: what the machine offers
    bool update_initramfs = false;
    bool lock = false;
    std::vector<std::uint8_t> keep_slots;
    bool have_recovery_key = false;  ///< --yes-i-have-a-recovery-key; also of policy

    // led, events, pin
    std::string action;
    std::uint16_t on_ms = 100;
    std::uint16_t off_ms = 100;
    std::uint16_t flashes = 0;
    std::uint32_t timeout_s = 0;  ///< 0: without end
    std::optional<std::uint32_t> pin_id;

    // policy
    std::array<std::string, 2> channel_actions;
    std::optional<std::uint32_t> attest_interval_s;
    std::optional<std::uint8_t> pin_tries;

    // revoke
    std::vector<std::string> volumes;  ///< headers that udev does not show
    bool give_up = false;
    bool dry_run = false;

    // random
    std::size_t bytes = 32;
    bool hex = false;

    // volume
    std::string volume;
    std::string header;  ///< empty: on the volume itself
    bool words = false;

    // doctor
    std::string root;                  ///< examine the system that lies here; empty: this one
    std::vector<std::string> devices;  ///< volumes; empty: those that the root lies on
    bool verbose = false;              ///< also what is well
    bool self_test = false;
};

}  // namespace hsm4::ctl
