// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Setting up the module and its sockets, and serving until SIGTERM.
#include "tools/emulator/run.hpp"

#include <sys/signalfd.h>

#include <csignal>
#include <cstdio>
#include <ctime>

#include "hsm4/describe.hpp"
#include "hsm4/device/store.hpp"
#include "tools/emulator/server.hpp"

namespace hsm4::emulator {

namespace {

constexpr int exit_refused = 1;

/// SIGTERM, SIGINT and SIGHUP as something that poll can wait for.
Descriptor stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return Descriptor{::signalfd(-1, &signals, SFD_CLOEXEC)};
}

int complain(const Error& error) {
    std::fprintf(stderr, "hsm4-emulator: %s\n", describe(error).c_str());
    return exit_refused;
}

Status serve(const RunOptions& options, device::Device& device, ModuleClock& clock, int stop) {
    Server server{device, clock, options.address};
    // The sockets that clients wait for come last.
    if (!options.control.empty()) {
        auto control = Listener::open(options.control);
        if (!control) return control.error();
        server.serve_control(std::move(*control));
    }
    if (!options.usbredir.empty()) {
        auto machines = Listener::open(options.usbredir);
        if (!machines) return machines.error();
        server.serve_usb(std::move(*machines));
    }
    if (!options.unix_path.empty()) {
        auto clients = Listener::open(options.unix_path);
        if (!clients) return clients.error();
        server.serve_clients(std::move(*clients));
    }
    std::fprintf(stderr, "hsm4-emulator: module %s is ready\n",
                 to_hex(device.core().keys().module_id).c_str());
    return server.run(stop);
}

}  // namespace

int run(const RunOptions& options) {
    std::fprintf(stderr,
                 "hsm4-emulator: a software module for trying and testing; it is no security "
                 "hardware, and whoever reads its state directory has its keys\n");
    const Descriptor stop = stop_signals();
    auto store = device::Store::open(options.state);
    if (!store) return complain(store.error());
    ModuleClock clock;
    auto device = device::Device::start(store->take_state(), *store, clock);
    if (!device) return complain(device.error());
    device->core().set_time(static_cast<std::uint64_t>(std::time(nullptr)));
    if (Status served = serve(options, *device, clock, stop.get()); !served)
        return complain(served.error());
    return 0;
}

}  // namespace hsm4::emulator
