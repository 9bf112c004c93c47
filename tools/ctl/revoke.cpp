// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl revoke.
#include "tools/ctl/revoke.hpp"

#include <algorithm>
#include <map>

#include "tools/ctl/confirm.hpp"
#include "tools/ctl/host.hpp"
#include "tools/ctl/volume_tokens.hpp"

namespace hsm4::ctl {

namespace {

enum class Fate {
    survives,  ///< it has a token of the next generation
    dies,
    unknown,  ///< its header was not found
};

/// What becomes of each volume when generation `present` dies, by UUID.
using Fates = std::map<std::string, Fate>;

std::string usual_path(const std::string& uuid) { return "/dev/disk/by-uuid/" + uuid; }

Fate fate_of(const VolumeState& volume, std::uint32_t present) {
    return volume.newest && *volume.newest > present ? Fate::survives : Fate::dies;
}

/// The named headers, then the pinned volumes that are not among them, where udev shows them.
Result<Fates> examine(const Host& host, const Options& options, Module& module,
                      std::uint32_t present) {
    Fates fates;
    for (const std::string& path : options.volumes) {
        auto volume = examine_volume(path, host.config, module);
        if (!volume) {
            notice(path + ":");
            return volume.error();
        }
        fates[volume->uuid] = fate_of(*volume, present);
    }
    for (const auto& [uuid, pins] : host.config.volumes) {
        if (fates.contains(uuid)) continue;
        auto volume = examine_volume(usual_path(uuid), host.config, module);
        if (!volume && volume.error().code != Errc::bad_volume) return volume.error();
        fates[uuid] = volume ? fate_of(*volume, present) : Fate::unknown;
    }
    return fates;
}

std::vector<std::string> with_fate(const Fates& fates, Fate fate) {
    std::vector<std::string> uuids;
    for (const auto& [uuid, its] : fates)
        if (its == fate) uuids.push_back(uuid);
    return uuids;
}

void name(const std::vector<std::string>& uuids, const char* what) {
    for (const std::string& uuid : uuids) notice("volume " + uuid + ' ' + what);
}

/// False when a volume would be lost that nobody gave up.
bool may_revoke(const Fates& fates, const Options& options) {
    const auto dying = with_fate(fates, Fate::dies);
    const auto unknown = with_fate(fates, Fate::unknown);
    name(dying, "has not been rotated: it will not open by this module any more");
    name(unknown, "was not found: if it has not been rotated, it will not open any more");
    if (options.give_up || (dying.empty() && unknown.empty())) return true;
    notice(
        "nothing was revoked; rotate each of them first (hsm4-enroll --rotate --ahead DEVICE), "
        "name the headers that are elsewhere, or give them up with --give-up");
    return false;
}

int print(const Fates& fates, std::uint32_t generation, const Options& options) {
    Facts facts;
    facts.add("generation", "Generation", generation)
        .add("revoked", "Revoked", !options.dry_run)
        .add("surviving", "Rotated", with_fate(fates, Fate::survives))
        .add("dying", "Not rotated", with_fate(fates, Fate::dies))
        .add("unknown", "Not found", with_fate(fates, Fate::unknown));
    Status printed = facts.print(options.json);
    return printed ? exit_done : complain(printed.error());
}

}  // namespace

int run_revoke(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    SystemClock clock;
    auto module = reach(*host, Proof::needed, clock);
    if (!module) return complain(module.error(), host->uri);
    auto status = (*module)->status();
    if (!status) return complain(status.error(), host->uri);
    auto fates = examine(*host, options, **module, status->generation);
    if (!fates) return complain(fates.error());
    if (options.dry_run) return print(*fates, status->generation, options);
    if (!may_revoke(*fates, options)) return exit_refused;
    auto generation = (*module)->revoke(status->generation);
    if (!generation) return complain(generation.error(), host->uri);
    return print(*fates, *generation, options);
}

}  // namespace hsm4::ctl
