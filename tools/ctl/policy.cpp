// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl policy.
#include "tools/ctl/policy.hpp"

#include "tools/ctl/confirm.hpp"
#include "tools/ctl/host.hpp"

namespace hsm4::ctl {

namespace {

const char* name_of(PerimeterAction action) noexcept {
    switch (action) {
        case PerimeterAction::none: return "none";
        case PerimeterAction::notify: return "notify";
        case PerimeterAction::self_destruct: return "self-destruct";
    }
    return "unknown";
}

PerimeterAction action_of(std::string_view name) noexcept {
    if (name == "self-destruct") return PerimeterAction::self_destruct;
    return name == "notify" ? PerimeterAction::notify : PerimeterAction::none;
}

bool wants_self_destruction(const Options& options) {
    return action_of(options.channel_actions[0]) == PerimeterAction::self_destruct ||
           action_of(options.channel_actions[1]) == PerimeterAction::self_destruct;
}

bool may_arm(const Options& options) {
    return options.have_recovery_key ||
           confirm(
               "An event on the channel will destroy the module's keys for good: every volume "
               "then opens by its recovery key only.\nThis policy cannot be taken back.",
               "destroy the keys");
}

Status set(Module& module, const Options& options) {
    for (std::uint8_t channel = 0; channel < perimeter_channels; ++channel) {
        const std::string& action = options.channel_actions[channel];
        if (action.empty()) continue;
        Status done = module.set_perimeter_action(channel, action_of(action));
        if (!done) return done;
    }
    if (options.attest_interval_s) {
        if (Status done = module.set_attest_interval(*options.attest_interval_s); !done)
            return done;
    }
    return options.pin_tries ? module.set_pin_tries(*options.pin_tries) : ok();
}

Status print(const Policy& policy, bool as_json) {
    Facts facts;
    for (std::size_t at = 0; at < policy.channels.size(); ++at) {
        const PerimeterChannel& channel = policy.channels[at];
        const std::string number = std::to_string(at);
        facts.add(("channel-" + number).c_str(), "", name_of(channel.action))
            .add(("channel-" + number + "-armed").c_str(), "", channel.armed)
            .add("", "Channel " + number,
                 std::string{name_of(channel.action)} +
                     (channel.armed ? "" : ", not armed: see `hsm4ctl events list`"));
    }
    facts.add("attest-interval", "Attestation (s)", policy.attest_interval_s)
        .add("pin-tries", "PIN tries", std::uint32_t{policy.pin_tries});
    return facts.print(as_json);
}

bool changes(const Options& options) {
    return !options.channel_actions[0].empty() || !options.channel_actions[1].empty() ||
           options.attest_interval_s || options.pin_tries;
}

/// Of a module that does not tell its policy: what was set just now.
Status print_what_was_set(const Options& options) {
    Facts facts;
    for (std::size_t at = 0; at < options.channel_actions.size(); ++at)
        if (const std::string& action = options.channel_actions[at]; !action.empty())
            facts.add(("channel-" + std::to_string(at)).c_str(), "Channel " + std::to_string(at),
                      action);
    return facts.print(options.json);
}

}  // namespace

int run_policy(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    if (wants_self_destruction(options) && !may_arm(options)) {
        notice(
            "nothing was changed; arming self-destruction needs the words on a terminal, or "
            "--yes-i-have-a-recovery-key");
        return exit_usage;
    }
    SystemClock clock;
    auto module = reach(*host, Proof::needed, clock);
    if (!module) return complain(module.error(), host->uri);
    if (Status done = set(**module, options); !done) return complain(done.error(), host->uri);
    auto policy = (*module)->policy();
    const bool untold = !policy && policy.error().code == Errc::unsupported && changes(options);
    if (!policy && !untold) return complain(policy.error(), host->uri);
    Status printed = untold ? print_what_was_set(options) : print(*policy, options.json);
    return printed ? exit_done : complain(printed.error());
}

}  // namespace hsm4::ctl
