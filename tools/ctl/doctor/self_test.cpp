// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Locking, unlocking, comparing, and the time that it takes.
#include "tools/ctl/doctor/self_test.hpp"

#include <sys/utsname.h>

#include "hsm4/crypto.hpp"
#include "tools/ctl/host.hpp"

namespace hsm4::ctl {

namespace {

constexpr std::size_t size = 32;

/// Whether the module says no, which is the right answer here; an error when it does not answer.
Result<bool> refuses(Module& module, View locked, const VolumeBinding& volume) {
    auto unlocked = module.unlock(locked, volume, std::nullopt);
    if (unlocked) return false;
    switch (unlocked.error().code) {
        case Errc::refused:
        case Errc::malformed:
        case Errc::unauthentic: return true;
        default: return unlocked.error();
    }
}

Status refuses_what_it_must(Module& module, const Bytes& locked, const VolumeBinding& volume) {
    Bytes changed = locked;
    changed.back() ^= std::byte{1};
    VolumeBinding other = volume;
    other.back() ^= std::byte{1};
    auto refused_key = refuses(module, changed, volume);
    if (!refused_key) return refused_key.error();
    auto refused_volume = refuses(module, locked, other);
    if (!refused_volume) return refused_volume.error();
    if (!*refused_key) return Error{Errc::unauthentic, "changed locked key that was accepted"};
    if (!*refused_volume) return Error{Errc::unauthentic, "other volume that was accepted"};
    return ok();
}

std::uint32_t milliseconds(std::chrono::microseconds time) {
    return static_cast<std::uint32_t>(std::chrono::round<std::chrono::milliseconds>(time).count());
}

/// What an error report about this machine must say.
void add_circumstances(Facts& facts, const Host& host, Module& module) {
    facts.add("device", "Device", to_text(host.uri)).add("version", "hsm4ctl", HSM4_VERSION);
    utsname names{};
    if (::uname(&names) == 0)
        facts.add("kernel", "Kernel", std::string{names.release} + ' ' + names.machine);
    auto info = module.info();
    if (info)
        facts.add("backend", "Backend", info->backend)
            .add("model", "Model", info->model)
            .add("firmware", "Firmware", info->firmware);
    auto status = module.status();
    if (status) facts.add("life-cycle", "Life cycle", life_cycle_name(status->life_cycle));
}

std::chrono::microseconds since(const Clock& clock, Clock::Time start) {
    return clock.now() - start;
}

}  // namespace

Result<SelfTest> self_test(Module& module, Clock& clock) {
    Secret<size> key;
    VolumeBinding volume{};
    if (Status drawn = crypto::random_bytes(key.writable()); !drawn) return drawn.error();
    if (Status drawn = crypto::random_bytes(volume); !drawn) return drawn.error();
    SelfTest result;
    auto start = clock.now();
    auto locked = module.lock(key.view(), volume, std::nullopt);
    if (!locked) return locked.error();
    result.lock = since(clock, start);
    result.locked_size = locked->size();
    start = clock.now();
    auto unlocked = module.unlock(*locked, volume, std::nullopt);
    if (!unlocked) return unlocked.error();
    result.unlock = since(clock, start);
    if (!equal_secret(unlocked->view(), key.view()))
        return Error{Errc::malformed, "bytes that the module unlocked"};
    if (Status refused = refuses_what_it_must(module, *locked, volume); !refused)
        return refused.error();
    return result;
}

int run_self_test(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    SystemClock clock;
    auto module = reach(*host, Proof::needed, clock);
    if (!module) return complain(module.error(), host->uri);
    auto result = self_test(**module, clock);
    Facts facts;
    add_circumstances(facts, *host, **module);
    facts.add("passed", "Self-test", static_cast<bool>(result));
    if (result)
        facts.add("lock-ms", "Locked in (ms)", milliseconds(result->lock))
            .add("unlock-ms", "Unlocked in (ms)", milliseconds(result->unlock))
            .add("locked-size", "Locked size", static_cast<std::uint32_t>(result->locked_size));
    if (Status printed = facts.print(options.json); !printed) return complain(printed.error());
    return result ? exit_done : complain(result.error(), host->uri);
}

}  // namespace hsm4::ctl
