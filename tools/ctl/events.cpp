// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl events.
#include "tools/ctl/events.hpp"

#include "tools/ctl/host.hpp"
#include "tools/ctl/time_text.hpp"

namespace hsm4::ctl {

namespace {

constexpr std::chrono::seconds poll_interval{1};

const char* name_of(EventKind kind) noexcept {
    switch (kind) {
        case EventKind::perimeter: return "perimeter";
        case EventKind::self_destructed: return "self-destructed";
        case EventKind::lock_out: return "lock-out";
        case EventKind::attest_missed: return "attest-missed";
        case EventKind::pin_locked: return "pin-locked";
        case EventKind::revoked: return "revoked";
        case EventKind::production: return "production";
    }
    return "unknown";
}

/// What the detail means to people, or nothing.
std::string detail_of(const Event& event) {
    switch (event.kind) {
        case EventKind::perimeter:
        case EventKind::self_destructed: return ", channel " + std::to_string(event.detail);
        case EventKind::lock_out: return ", wrong proofs for slot " + std::to_string(event.detail);
        default: return {};
    }
}

json_object* json_of(const Event& event) {
    json_object* object = json_object_new_object();
    json_object_object_add(object, "number", json_object_new_int64(event.number));
    json_object_object_add(object, "kind", json_object_new_string(name_of(event.kind)));
    json_object_object_add(object, "detail", json_object_new_int64(event.detail));
    json_object_object_add(object, "time", json_object_new_string(time_text(event.time).c_str()));
    return object;
}

int print(const EventLog& log, const Options& options) {
    json_object* list = json_object_new_array();
    Facts facts;
    for (const Event& event : log.events) {
        json_object_array_add(list, json_of(event));
        facts.add("", std::to_string(event.number),
                  time_text(event.time) + "  " + name_of(event.kind) + detail_of(event));
    }
    if (log.events.empty()) facts.add("", "Events", "none");
    facts.add("events", list)
        .add("last-number", "", log.last_number)
        .add("lost", log.lost > 0 ? "Lost" : "", log.lost);
    Status printed = facts.print(options.json);
    return printed ? exit_done : complain(printed.error());
}

int list(Module& module, const Host& host, const Options& options) {
    auto log = module.events();
    if (!log) return complain(log.error(), host.uri);
    return print(*log, options);
}

int clear(Module& module, const Host& host, const Options& options) {
    auto log = module.events();
    if (!log) return complain(log.error(), host.uri);
    // What happens from here on stays in the log.
    if (Status cleared = module.clear_events(log->last_number); !cleared)
        return complain(cleared.error(), host.uri);
    return print(*log, options);
}

/// Polls STATUS, which costs the module no proof, until the log has events.
int wait(Module& module, const Host& host, const Options& options, Clock& clock) {
    const Deadline deadline{clock, std::chrono::seconds{options.timeout_s}};
    for (;;) {
        auto status = module.status();
        if (!status) return complain(status.error(), host.uri);
        if (status->events > 0) break;
        if (options.timeout_s != 0 && deadline.expired()) {
            notice("no event came in time");
            return exit_refused;
        }
        clock.sleep(poll_interval);
    }
    return list(module, host, options);
}

}  // namespace

int run_events(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    SystemClock clock;
    auto module = reach(*host, Proof::needed, clock);
    if (!module) return complain(module.error(), host->uri);
    if (options.action == "clear") return clear(**module, *host, options);
    if (options.action == "wait") return wait(**module, *host, options, clock);
    return list(**module, *host, options);
}

}  // namespace hsm4::ctl
