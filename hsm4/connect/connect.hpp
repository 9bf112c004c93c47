// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From a URI and the configuration to a Module: the one place that knows every backend.
#pragma once

#include <chrono>
#include <memory>

#include "hsm4/clock.hpp"
#include "hsm4/config.hpp"
#include "hsm4/module.hpp"
#include "hsm4/open/open_module.hpp"
#include "hsm4/uri.hpp"

namespace hsm4 {

/// Whether a caller needs the services that only a proven binding gets.
enum class Proof {
    needed,
    not_needed
};

/// An open module at `uri`. With Proof::needed the identity is measured first (`identity` when a
/// component cannot be read: no handshake is sent), and a missing [binding] is `bad_config`.
/// `budget` bounds each call; waiting for the device is wait_for_device()'s.
Result<std::unique_ptr<open::OpenModule>> connect_open(const Uri& uri, const Config& config,
                                                       Proof proof, Clock& clock,
                                                       std::chrono::milliseconds budget);

/// The same behind the interface, for every backend that this build has.
Result<std::unique_ptr<Module>> connect(const Uri& uri, const Config& config, Proof proof,
                                        Clock& clock, std::chrono::milliseconds budget);

/// Waits until the device node or socket of `uri` exists. `no_device` when `deadline` passes first.
Status wait_for_device(const Uri& uri, Clock& clock, const Deadline& deadline);

}  // namespace hsm4
