// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// i2c-bus: /dev/i2c-7 without a kernel's help, with a module or something else at an address of
// it, and with faults. Says where (UMOCKDEV_DIR) and serves until SIGTERM.
//
//   --module=SOCKET --control=SOCKET    a running hsm4-emulator
//   --device=eeprom|blank-eeprom|next-version|nobody
//   --adapter=DRIVER                    how a missing acknowledgement looks (i2c-tiny-usb)
//   --fault=FIRST[-[LAST]]:KIND[:N]     for transfers of these numbers; may be repeated
//   --claimed  --smbus-only  --trace=FILE
#include <linux/i2c.h>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "hsm4/open/i2c_errors.hpp"
#include "tests/i2c/bus_node.hpp"
#include "tests/i2c/remote_module.hpp"
#include "tests/i2c/strangers.hpp"

namespace {

using namespace hsm4::bench;

struct PlannedFault {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    Fault fault;
};

struct Options {
    std::string module;
    std::string control;
    std::string device;
    std::vector<PlannedFault> faults;
    BusTraits traits;
};

/// Nobody at the address.
class Nobody final : public I2cDevice {
public:
    explicit Nobody(int no_acknowledge) : no_acknowledge_{no_acknowledge} {}
    int write(hsm4::View /*bytes*/) override { return no_acknowledge_; }
    int read(std::span<std::byte> /*bytes*/) override { return no_acknowledge_; }

private:
    int no_acknowledge_;
};

std::optional<PlannedFault> parse_planned(std::string_view text) {
    PlannedFault planned;
    const auto colon = text.find(':');
    if (colon == text.npos) return std::nullopt;
    const auto fault = parse_fault(text.substr(colon + 1));
    if (!fault) return std::nullopt;
    planned.fault = *fault;
    const char* end = text.data() + colon;
    auto [stop, code] = std::from_chars(text.data(), end, planned.first);
    if (code != std::errc{}) return std::nullopt;
    planned.last = planned.first;
    if (stop == end) return planned;
    if (*stop++ != '-') return std::nullopt;
    planned.last = ~0U;
    if (stop != end && std::from_chars(stop, end, planned.last).ptr != end) return std::nullopt;
    return planned;
}

bool set_adapter(Options& options, std::string_view driver) {
    for (const auto& adapter : hsm4::open::i2c_adapters) {
        if (driver != adapter.driver) continue;
        options.traits.no_acknowledge = adapter.no_acknowledge;
        return true;
    }
    return false;
}

bool set(Options& options, std::string_view name, std::string_view value) {
    if (name == "--module")
        options.module = value;
    else if (name == "--control")
        options.control = value;
    else if (name == "--device")
        options.device = value;
    else if (name == "--adapter")
        return set_adapter(options, value);
    else if (name == "--claimed")
        options.traits.claimed = true;
    else if (name == "--smbus-only")
        options.traits.functionality = I2C_FUNC_SMBUS_EMUL;
    else if (name == "--trace")
        options.traits.trace = std::fopen(std::string{value}.c_str(), "w");
    else if (name == "--fault") {
        const auto planned = parse_planned(value);
        if (planned) options.faults.push_back(*planned);
        return planned.has_value();
    } else {
        return false;
    }
    return true;
}

std::unique_ptr<BlockModule> module_of(const Options& options) {
    if (options.device == "next-version") return std::make_unique<NextVersion>();
    return std::make_unique<RemoteModule>(options.module, options.control);
}

std::optional<Fault> planned_fault(const std::vector<PlannedFault>& faults,
                                   const Transfer& transfer) {
    for (const PlannedFault& planned : faults)
        if (transfer.number >= planned.first && transfer.number <= planned.last)
            return planned.fault;
    return std::nullopt;
}

/// Until somebody ends it.
int serve(I2cDevice& device, const Options& options) {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a client may be killed in the middle of an ioctl
    const std::string directory = serve_bus(device, options.traits);
    if (directory.empty()) return 1;
    std::printf("%s\n", directory.c_str());
    std::fflush(stdout);
    int ended = 0;
    sigwait(&ends, &ended);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    options.traits.functionality = I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
    set_adapter(options, "i2c-tiny-usb");
    for (int at = 1; at < argc; ++at) {
        const std::string_view argument{argv[at]};
        const auto equals = argument.find('=');
        const auto value = equals == argument.npos ? "" : argument.substr(equals + 1);
        if (set(options, argument.substr(0, equals), value)) continue;
        std::fprintf(stderr, "i2c-bus: %s?\n", argv[at]);
        return 2;
    }
    hsm4::SystemClock clock;
    const auto module = module_of(options);
    Target target{*module, clock, options.traits.no_acknowledge};
    target.plan([&](const Transfer& transfer) { return planned_fault(options.faults, transfer); });
    Nobody nobody{options.traits.no_acknowledge};
    Eeprom eeprom{options.device == "blank-eeprom"};
    if (options.device == "nobody") return serve(nobody, options);
    if (options.device.ends_with("eeprom")) return serve(eeprom, options);
    return serve(target, options);
}
