// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Choosing and opening a backend.
#include "hsm4/connect/connect.hpp"

#include <sys/stat.h>

#include "hsm4/open/open_transport.hpp"
#include "hsm4/zymbit/choose.hpp"
#include "hsm4/zymbit/zymbit_module.hpp"

namespace hsm4 {

namespace {

constexpr std::chrono::milliseconds poll_interval{100};

// However long the wait is set: the vendor's software must not hold up a boot.
constexpr std::chrono::seconds longest_vendor_call{30};

std::unique_ptr<Module> connect_vendor(const Uri& uri, Clock& clock,
                                       std::chrono::milliseconds budget) {
    const zymbit::VendorFiles files;
    budget = std::min<std::chrono::milliseconds>(budget, longest_vendor_call);
    return std::make_unique<zymbit::ZymbitModule>(
        zymbit::open_access(zymbit::choose(uri, files), files, clock, budget));
}

/// The identity is measured now, in memory only, and only when it is needed.
Result<open::Credentials> credentials(const Config& config) {
    if (!config.binding) return Error{Errc::bad_config, "this host is not bound to a module"};
    const BindingConfig& binding = *config.binding;
    auto identity = measure_identity(binding.components);
    if (!identity) return identity.error();
    auto psk = derive_psk(binding.salt, identity->view(), binding.module.module_id, binding.slot);
    if (!psk) return psk.error();
    return open::Credentials{binding.module, binding.slot, std::move(*psk)};
}

}  // namespace

Result<std::unique_ptr<open::OpenModule>> connect_open(const Uri& uri, const Config& config,
                                                       Proof proof, Clock& clock,
                                                       std::chrono::milliseconds budget) {
    std::optional<open::Credentials> known;
    if (proof == Proof::needed) {
        auto mine = credentials(config);
        if (!mine) return mine.error();
        known = std::move(*mine);
    }
    auto transport = open::open_transport(uri, clock);
    if (!transport) return transport.error();
    return std::make_unique<open::OpenModule>(std::move(*transport), clock, std::move(known),
                                              budget);
}

Result<std::unique_ptr<Module>> connect(const Uri& uri, const Config& config, Proof proof,
                                        Clock& clock, std::chrono::milliseconds budget) {
    if (uri.kind == Uri::Kind::zymbit || uri.kind == Uri::Kind::zymbit_exec)
        return connect_vendor(uri, clock, budget);
    auto module = connect_open(uri, config, proof, clock, budget);
    if (!module) return module.error();
    return std::unique_ptr<Module>{std::move(*module)};
}

Status wait_for_device(const Uri& uri, Clock& clock, const Deadline& deadline) {
    struct stat status = {};
    while (!uri.path.empty() && ::stat(uri.path.c_str(), &status) != 0) {
        if (deadline.expired()) return Error{Errc::no_device, "waiting for the module's device"};
        clock.sleep(std::min<std::chrono::microseconds>(poll_interval, deadline.left()));
    }
    return ok();
}

}  // namespace hsm4
