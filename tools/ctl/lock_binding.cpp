// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Locking the binding.
#include "tools/ctl/lock_binding.hpp"

#include "tools/ctl/confirm.hpp"

namespace hsm4::ctl {

namespace {

std::uint8_t kept_slots(const BindingConfig& binding, const Options& options) {
    unsigned kept = 1U << binding.slot;
    for (const std::uint8_t slot : options.keep_slots) kept |= 1U << slot;
    return static_cast<std::uint8_t>(kept);
}

}  // namespace

int agree_to_lock(const Host& host, const Options& options) {
    if (!host.config.binding) {
        notice("this host is not bound to a module: run `hsm4ctl bind` first");
        return exit_refused;
    }
    if (host.config.binding->components.empty()) {
        notice(
            "the binding measures nothing of this machine, so locking it would protect nothing: "
            "bind again with a component that can be read, see --component");
        return exit_refused;
    }
    const bool agreed =
        options.have_recovery_key ||
        confirm(
            "The module will serve this machine only, with exactly the parts that were "
            "measured. It can never be bound again: if one of them breaks, the volumes open by "
            "their recovery key only.",
            "lock for good");
    if (agreed) return exit_done;
    notice("nothing was locked; it needs the words on a terminal, or --yes-i-have-a-recovery-key");
    return exit_usage;
}

Status lock_binding(const Host& host, const Options& options, Clock& clock) {
    auto module = reach(host, Proof::needed, clock);
    if (!module) return module.error();
    auto attestation = (*module)->attest();
    if (!attestation) return attestation.error();
    if (attestation->status.life_cycle == LifeCycle::production)
        return Error{Errc::wrong_state, "the module is in production already"};
    return (*module)->lock_binding(kept_slots(*host.config.binding, options));
}

}  // namespace hsm4::ctl
