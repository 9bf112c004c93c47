// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// By hsm4ctl, as an administrator would.
#include "tools/rootfs/provision/station.hpp"

#include <cstdlib>
#include <filesystem>

#include "hsm4/config.hpp"
#include "hsm4/connect/connect.hpp"
#include "tools/enroll/user_key.hpp"
#include "tools/rootfs/command.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes limit{2};
constexpr std::chrono::seconds exchange_budget{10};
constexpr std::uint16_t rapid_ms = 100;
constexpr std::uint16_t slow_ms = 1000;

LedOrder order_for(Light light) {
    switch (light) {
        case Light::busy: return {LedMode::flash, rapid_ms, rapid_ms, 0};
        case Light::done: return {LedMode::on, 0, 0, 0};
        case Light::failed: return {LedMode::flash, slow_ms, slow_ms, 0};
    }
    return {};
}

}  // namespace

Outcome<Station> Station::open(const std::string& config, const std::string& module_uri) {
    auto here = load_config(config_path());
    if (!here) return Problem{here.error()};
    std::error_code failed;
    fs::create_directories(fs::path{config}.parent_path(), failed);
    if (failed) return Problem{config + ": " + failed.message()};
    if (::setenv("HSM4_CONFIG", config.c_str(), 1) != 0) return Problem{"no memory"};
    return Station{config, module_uri.empty() ? here->device : module_uri};
}

Done Station::call(std::vector<std::string> words) const {
    if (!uri_.empty()) words.push_back("--hsm4-device=" + uri_);
    return run_quietly(words, limit);
}

Outcome<std::string> Station::new_module() const {
    SystemClock clock;
    auto uri = choose_uri(uri_, "", "");
    if (!uri) return Problem{uri.error()};
    const Deadline deadline{clock, Config{}.wait};
    if (Status there = wait_for_device(*uri, clock, deadline); !there)
        return Problem{there.error()};
    auto module = connect(*uri, {}, Proof::not_needed, clock, exchange_budget);
    if (!module) return Problem{module.error()};
    auto info = (*module)->info();
    if (!info) return Problem{info.error()};
    if (info->backend != "open")
        return Problem{
            "only the vendor's software binds a Zymbit module, so no unit is made for one"};
    auto status = (*module)->status();
    if (!status) return Problem{status.error()};
    if (status->life_cycle == LifeCycle::production)
        return Problem{"module " + info->id + " is in production, and serves one unit for good"};
    if (status->destroyed || status->compromised)
        return Problem{"module " + info->id + " is shut; see hsm4ctl status"};
    return info->id;
}

void Station::forget() const {
    std::error_code failed;
    fs::remove(config_, failed);
}

Done Station::bind(const std::string& medium) const {
    return call({"hsm4ctl", "bind", "--json", "--boot-medium=" + medium});
}

Done Station::lock() const {
    return call({"hsm4ctl", "bind", "--lock", "--yes-i-have-a-recovery-key"});
}

void Station::show(Light light) const {
    auto config = load_config(config_);
    if (!config || !config->binding) return;
    SystemClock clock;
    auto host = enroll::reach_module(uri_, *config, clock);
    if (host) static_cast<void>(host->module->led(order_for(light)));
}

}  // namespace hsm4::rootfs
