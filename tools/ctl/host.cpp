// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The common start of the verbs, and their way of speaking.
#include "tools/ctl/host.hpp"

#include <cstdio>

#include "hsm4/describe.hpp"
#include "hsm4/wire/protocol.hpp"

namespace hsm4::ctl {

Result<Host> load_host(const Options& options) {
    Host host;
    host.config_file = config_path();
    auto config = load_config(host.config_file);
    if (!config) return config.error();
    auto uri = choose_uri(options.device, config->device, "");
    if (!uri) return uri.error();
    host.config = std::move(*config);
    host.uri = std::move(*uri);
    return host;
}

Result<std::unique_ptr<Module>> reach(const Host& host, Proof proof, Clock& clock) {
    return connect(host.uri, host.config, proof, clock, call_budget);
}

Acquaintance recognise(const Config& config, const ModuleInfo& info) {
    if (!config.binding || !info.keys) return Acquaintance::nobody;
    const ModuleKeys& mine = config.binding->module;
    const bool same = mine.module_id == info.keys->module_id &&
                      mine.public_key == info.keys->public_key &&
                      mine.verify_key == info.keys->verify_key;
    return same ? Acquaintance::mine : Acquaintance::other;
}

void add_fingerprint(Facts& facts, const ModuleKeys& keys) {
    constexpr std::size_t group = 4;
    auto fingerprint = wire::key_fingerprint(keys.public_key, keys.verify_key);
    if (!fingerprint) return;
    const std::string digits = to_hex(*fingerprint);
    std::string text;
    for (std::size_t at = 0; at < digits.size(); at += group) {
        if (at > 0) text += ' ';
        text += digits.substr(at, group);
    }
    facts.add("fingerprint", "", digits).add("", "Key fingerprint", text);
}

void notice(std::string_view line) {
    std::fprintf(stderr, "hsm4ctl: %.*s\n", static_cast<int>(line.size()), line.data());
}

int complain(const Error& error) {
    notice(describe(error));
    return error.code == Errc::usage ? exit_usage : exit_refused;
}

int complain(const Error& error, const Uri& uri) {
    std::string line = to_text(uri) + ": ";
    if (error.code == Errc::malformed)
        line +=
            "what answers there is no HSM4 module, or speaks another version of its protocol (" +
            std::string{error.where} + "); check the address";
    else
        line += describe(error);
    notice(line);
    return error.code == Errc::usage ? exit_usage : exit_refused;
}

const char* life_cycle_name(LifeCycle life_cycle) noexcept {
    switch (life_cycle) {
        case LifeCycle::unbound: return "unbound";
        case LifeCycle::development: return "development";
        case LifeCycle::production: return "production";
        case LifeCycle::unknown: break;
    }
    return "unknown";
}

}  // namespace hsm4::ctl
