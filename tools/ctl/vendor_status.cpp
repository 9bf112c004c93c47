// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The state of a Zymbit module in words.
#include "tools/ctl/vendor_status.hpp"

#include "tools/ctl/host.hpp"
#include "tools/ctl/time_text.hpp"

namespace hsm4::ctl {

namespace {

bool is_foreign(const ModuleStatus& status) noexcept {
    return status.life_cycle == LifeCycle::production && !status.secure;
}

void add_host(Facts& facts, const ModuleStatus& status) {
    const char* for_programs = "unbound";
    const char* for_people = "not bound";
    if (status.secure) {
        for_programs = "bound";
        for_people = "bound to this module";
    } else if (is_foreign(status)) {
        for_programs = "refused";
        for_people = "not the one that the module is locked to";
    }
    facts.add("host", "", for_programs).add("", "This host", for_people);
}

const char* condition(const ModuleStatus& status) noexcept {
    if (status.tampered) return "tampered";
    return status.secure ? "secure" : "not secure";
}

const char* advice(const ModuleStatus& status) noexcept {
    if (status.tampered)
        return "the perimeter was opened: inspect the device, then `hsm4ctl events clear`";
    if (is_foreign(status))
        return "the module is locked to another board, card or salt: put them back, or restore "
               "/var/lib/zymbit from its backup";
    if (!status.secure)
        return "look at the module's LED, zkifc (`journalctl -u zkifc`), the wake pin and the "
               "power; `hsm4ctl doctor` does some of that";
    if (status.life_cycle == LifeCycle::development)
        return "development: with another board or card the module unlocks as well; only the "
               "vendor's own software ends that, for good";
    return "";
}

}  // namespace

void add_vendor_status(Facts& facts, const ModuleStatus& status) {
    add_host(facts, status);
    facts.add("life-cycle", "Life cycle", life_cycle_name(status.life_cycle))
        .add("", "State", condition(status))
        .add("secure", "", status.secure)
        .add("tampered", "", status.tampered)
        .add("events", "Events", std::uint32_t{status.events});
    if (status.clock) facts.add("clock", "Clock", time_text(*status.clock));
    if (const std::string_view line = advice(status); !line.empty())
        facts.add("advice", "Advice", line);
}

}  // namespace hsm4::ctl
