// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What every verb starts from: the configuration, and the module that the call is about.
#pragma once

#include <chrono>
#include <string_view>

#include "hsm4/config.hpp"
#include "hsm4/connect/connect.hpp"
#include "hsm4/uri.hpp"
#include "tools/ctl/facts.hpp"
#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

/// Of one call to the module.
inline constexpr std::chrono::seconds call_budget{10};

struct Host {
    std::string config_file;
    Config config;
    Uri uri;
};

/// Reads hsm4.conf and chooses the module.
Result<Host> load_host(const Options& options);

/// A module for services that need the binding proven (Proof::needed), or for those that do not.
Result<std::unique_ptr<Module>> reach(const Host& host, Proof proof, Clock& clock);

/// Whose module answers, as far as this host's configuration knows.
enum class Acquaintance {
    mine,    ///< the one that this host is bound to
    other,   ///< this host is bound to another one
    nobody,  ///< this host is not bound
};
Acquaintance recognise(const Config& config, const ModuleInfo& info);

/// Adds the fingerprint of the module's keys: digits for programs, groups for people to compare.
void add_fingerprint(Facts& facts, const ModuleKeys& keys);

/// One line on standard error: "hsm4ctl: URI: what; advice". Gives the exit status for it.
int complain(const Error& error, const Uri& uri);
int complain(const Error& error);
/// One line of notice on standard error, so that standard output stays what a program can read.
void notice(std::string_view line);

const char* life_cycle_name(LifeCycle life_cycle) noexcept;

}  // namespace hsm4::ctl
