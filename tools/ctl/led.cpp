// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl led.
#include "tools/ctl/led.hpp"

#include "tools/ctl/host.hpp"

namespace hsm4::ctl {

namespace {

LedOrder order_of(const Options& options) {
    LedOrder order;
    if (options.action == "on") order.mode = LedMode::on;
    if (options.action == "off") order.mode = LedMode::off;
    if (options.action == "flash") {
        order.mode = LedMode::flash;
        order.on_ms = options.on_ms;
        order.off_ms = options.off_ms;
        order.flashes = options.flashes;
    }
    return order;
}

}  // namespace

int run_led(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    SystemClock clock;
    auto module = reach(*host, Proof::needed, clock);
    if (!module) return complain(module.error(), host->uri);
    if (Status ordered = (*module)->led(order_of(options)); !ordered)
        return complain(ordered.error(), host->uri);
    Facts facts;
    facts.add("led", "LED", options.action);
    if (Status printed = facts.print(options.json); !printed) return complain(printed.error());
    return exit_done;
}

}  // namespace hsm4::ctl
