// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl bind, in two phases:
//
//   host                              module                    what proves the binding after a
//   crash offer (salt, pre-shared key)  ->  keeps both, old and new   hsm4.conf of before: the old
//   key write hsm4.conf, durably                                    new hsm4.conf: the new key
//   attest with it                ->  drops the old key         new hsm4.conf: the new key
//
// At every instant hsm4.conf holds a key that the module accepts, and the first proof with the new
// one is the commit, whoever makes it.
#include "tools/ctl/bind.hpp"

#include "hsm4/wire/protocol.hpp"
#include "tools/ctl/components.hpp"
#include "tools/ctl/host.hpp"
#include "tools/ctl/initramfs.hpp"
#include "tools/ctl/lock_binding.hpp"

namespace hsm4::ctl {

namespace {

/// What the host brings to a binding.
struct Measured {
    std::vector<Component> components;
    SecretBytes identity;
};

struct Found {
    ModuleKeys keys;
    ModuleStatus status;
};

Result<Measured> measure_host(const Options& options) {
    auto components = choose_components(options);
    if (!components) return components.error();
    auto identity = measure_identity(*components);
    if (!identity) return identity.error();
    return Measured{std::move(*components), std::move(*identity)};
}

/// Whether the module can be bound now; asked before anything is changed.
Status check_bindable(const ModuleStatus& status) {
    if (status.destroyed) return Error{Errc::wrong_state, "the module has destroyed its keys"};
    if (status.compromised)
        return Error{Errc::wrong_state,
                     "the module is shut after wrong proofs: power-cycle it first"};
    if (status.life_cycle == LifeCycle::production)
        return Error{Errc::wrong_state, "the module is in production: its binding is permanent"};
    return ok();
}

Result<Found> find_module(const Host& host, Clock& clock) {
    auto module = connect_open(host.uri, host.config, Proof::not_needed, clock, call_budget);
    if (!module) return module.error();
    auto greeting = (*module)->hello();
    if (!greeting) return greeting.error();
    auto status = (*module)->status();
    if (!status) return status.error();
    if (Status bindable = check_bindable(*status); !bindable) return bindable.error();
    return Found{greeting->keys, *status};
}

bool is_bound_here(const Config& config, const ModuleKeys& keys, std::uint8_t slot) {
    return config.binding && config.binding->module.module_id == keys.module_id &&
           config.binding->slot == slot;
}

/// An earlier bind may have been cut off before its commit. Its key must become the module's active
/// one first, because an offer replaces what is only pending. A wrong proof costs nothing here as
/// long as none was counted before: the new binding clears the count.
void finish_earlier_bind(const Host& host, const Found& found, std::uint8_t slot, Clock& clock) {
    if (!is_bound_here(host.config, found.keys, slot) || found.status.wrong_proofs > 0) return;
    auto module = connect_open(host.uri, host.config, Proof::needed, clock, call_budget);
    if (module) static_cast<void>((*module)->attest());
}

/// First phase.
Result<BindingConfig> offer(const Host& host, const Found& found, const Measured& measured,
                            std::uint8_t slot, Clock& clock) {
    auto module = connect_open(host.uri, host.config, Proof::not_needed, clock, call_budget);
    if (!module) return module.error();
    auto salt = (*module)->offer_binding(found.keys, slot, [&](const Array<32>& drawn) {
        return derive_psk(drawn, measured.identity.view(), found.keys.module_id, slot);
    });
    if (!salt) return salt.error();
    return BindingConfig{found.keys, slot, *salt, measured.components,
                         !late_components(measured.components).empty()};
}

/// Second phase: with what stands in the file, measured once more.
Result<Attestation> prove(const Host& host, const BindingConfig& written, Clock& clock) {
    auto config = load_config(host.config_file);
    if (!config) return config.error();
    if (!config->binding || config->binding->salt != written.salt)
        return Error{Errc::bad_config, "another bind ran at the same time; repeat this one"};
    auto module = connect_open(host.uri, *config, Proof::needed, clock, call_budget);
    if (!module) return module.error();
    return (*module)->attest();
}

/// Where the module is reached must be known at boot, when nobody names it.
std::optional<std::string> device_to_record(const Host& host) {
    auto without_option = parse_uri(host.config.device);
    if (without_option && to_text(*without_option) == to_text(host.uri)) return std::nullopt;
    auto by_default = Uri{Uri::Kind::i2c, "/dev/i2c-1"};
    if (host.config.device.empty() && to_text(by_default) == to_text(host.uri)) return std::nullopt;
    return to_text(host.uri);
}

/// The module has said no for good: the binding of before still holds there.
bool is_final(Errc code) {
    return code == Errc::refused || code == Errc::unauthentic || code == Errc::identity;
}

int fail_to_prove(const Host& host, const Error& error) {
    if (!is_final(error.code)) {
        notice(
            "the binding is written, but the module has not confirmed it; run `hsm4ctl attest` "
            "when it answers again");
        return complain(error, host.uri);
    }
    Status restored = save_binding(host.config_file, host.config.binding, host.config.device);
    if (!restored) return complain(restored.error());
    return complain(error, host.uri);
}

void warn(const Host& host, const Found& found, const BindingConfig& binding) {
    if (binding.components.empty())
        notice(
            "warning: nothing of this machine could be measured, so the module cannot tell it "
            "from another one that has a copy of hsm4.conf; see --component");
    for (const Component& component : late_components(binding.components))
        notice("warning: " + to_text(component) +
               " lies on the root file system: this binding serves data volumes only, no root");
    if ((found.status.bound_slots >> binding.slot & 1U) != 0 &&
        !is_bound_here(host.config, found.keys, binding.slot))
        notice("binding slot " + std::to_string(binding.slot) +
               " was in use; the host that used it is locked out now");
    const bool replaced =
        host.config.binding && host.config.binding->module.module_id != found.keys.module_id;
    if (replaced && !host.config.volumes.empty())
        notice("the volumes in " + host.config_file +
               " are enrolled with the former module; enrol each again with hsm4-enroll");
}

Status print(const Host& host, const BindingConfig& binding, const ModuleStatus& status,
             bool as_json) {
    std::vector<std::string> components;
    for (const Component& component : binding.components) components.push_back(to_text(component));
    Facts facts;
    facts.add("device", "Device", to_text(host.uri))
        .add("module-id", "Module", to_hex(binding.module.module_id));
    add_fingerprint(facts, binding.module);
    facts.add("life-cycle", "Life cycle", life_cycle_name(status.life_cycle))
        .add("slot", "Binding slot", std::uint32_t{binding.slot})
        .add("components", "Measured", components)
        .add("data-only", binding.data_only ? "Data volumes only" : "", binding.data_only)
        .add("config", "Configuration", host.config_file);
    if (status.life_cycle == LifeCycle::development)
        facts.add("advice", "Advice",
                  "development: whoever holds the module can re-bind it; `hsm4ctl bind --lock` "
                  "ends that for good");
    return facts.print(as_json);
}

/// The copy of hsm4.conf in the initramfs is now out of date.
int refresh_initramfs(const Options& options) {
    const std::string command = initramfs_command_text();
    if (options.update_initramfs) {
        const Ending rebuilt = rebuild_initramfs();
        if (rebuilt == Ending::success) return exit_done;
        const char* why = rebuilt == Ending::late ? "was not rebuilt within a quarter of an hour"
                                                  : "could not be rebuilt";
        notice(std::string{"the binding holds, but the initramfs "} + why +
               "; run: " + (command.empty() ? "update-initramfs -u -k all" : command));
        return exit_refused;
    }
    if (!command.empty())
        notice("if the root unlocks through the module, its initramfs must be rebuilt now: " +
               command);
    return exit_done;
}

int report(const Host& host, const BindingConfig& binding, const ModuleStatus& status,
           const Options& options) {
    Status printed = print(host, binding, status, options.json);
    return printed ? exit_done : complain(printed.error());
}

/// What is bound already is locked as it stands, unless the options ask for another binding.
bool locks_present_binding(const Host& host, const Options& options) {
    const bool asks_for_another = !options.components.empty() || !options.boot_medium.empty();
    return options.lock && host.config.binding && !asks_for_another;
}

int lock_present(const Host& host, const Options& options, Clock& clock) {
    if (const int agreed = agree_to_lock(host, options); agreed != exit_done) return agreed;
    if (Status locked = lock_binding(host, options, clock); !locked)
        return complain(locked.error(), host.uri);
    auto module = reach(host, Proof::needed, clock);
    if (!module) return complain(module.error(), host.uri);
    auto attestation = (*module)->attest();
    if (!attestation) return complain(attestation.error(), host.uri);
    return report(host, *host.config.binding, attestation->status, options);
}

int bind(const Host& host, const Options& options, Clock& clock) {
    auto measured = measure_host(options);
    if (!measured) return complain(measured.error());
    auto found = find_module(host, clock);
    if (!found) return complain(found.error(), host.uri);
    finish_earlier_bind(host, *found, options.slot, clock);

    auto binding = offer(host, *found, *measured, options.slot, clock);
    if (!binding) return complain(binding.error(), host.uri);
    Status written = save_binding(host.config_file, *binding, device_to_record(host));
    if (!written) return complain(written.error());
    auto attestation = prove(host, *binding, clock);
    if (!attestation) return fail_to_prove(host, attestation.error());

    warn(host, *found, *binding);
    if (!options.lock) {
        if (const int said = report(host, *binding, attestation->status, options);
            said != exit_done)
            return said;
        return refresh_initramfs(options);
    }
    auto bound = load_host(options);
    if (!bound) return complain(bound.error());
    if (const int locked = lock_present(*bound, options, clock); locked != exit_done) return locked;
    return refresh_initramfs(options);
}

}  // namespace

int run_bind(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    if (host->uri.backend() != std::string_view{"open"}) {
        notice("a Zymbit module is bound by the vendor's software, not by hsm4ctl");
        return exit_refused;
    }
    SystemClock clock;
    return locks_present_binding(*host, options) ? lock_present(*host, options, clock)
                                                 : bind(*host, options, clock);
}

}  // namespace hsm4::ctl
