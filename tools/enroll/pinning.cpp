// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Keeping the pins of one volume in step with its tokens.
#include "tools/enroll/pinning.hpp"

#include <algorithm>

#include "hsm4/pins.hpp"
#include "tools/enroll/survey.hpp"
#include "tools/fault_point.hpp"

namespace hsm4::enroll {

namespace {

bool contains(const std::vector<VolumeBinding>& bindings, const VolumeBinding& wanted) {
    return std::ranges::find(bindings, wanted) != bindings.end();
}

/// Bindings of the tokens that this host can use, computed from the header.
std::vector<VolumeBinding> bindings_of(const Volume& volume, const Config& config) {
    std::vector<VolumeBinding> found;
    for (const RawToken& raw : volume.tokens()) {
        const auto token = our_token(raw);
        if (!token || token->keyslot == no_key_slot || !check_module_pin(config, *token)) continue;
        auto binding = binding_of(volume, *token);
        if (binding && !contains(found, *binding)) found.push_back(*binding);
    }
    return found;
}

}  // namespace

Pinning::Pinning(std::string path, const Config& config, const Volume& volume)
    : path_{std::move(path)}, uuid_{volume.uuid()}, config_{config} {
    const auto known = config.volumes.find(uuid_);
    if (known != config.volumes.end()) pinned_ = known->second;
    saved_ = pinned_;
    // An unpinned volume's tokens work now, and must not stop to.
    accepted_ = pinned_.empty() ? bindings_of(volume, config) : pinned_;
}

Done Pinning::admit(const VolumeBinding& binding) {
    if (!contains(accepted_, binding)) accepted_.push_back(binding);
    return save(accepted_);
}

Done Pinning::settle(const Volume& volume) {
    std::vector<VolumeBinding> kept = bindings_of(volume, config_);
    std::erase_if(kept, [&](const VolumeBinding& one) { return !contains(accepted_, one); });
    return save(std::move(kept));
}

Done Pinning::restore() { return save(pinned_); }

Done Pinning::save(std::vector<VolumeBinding> bindings) {
    if (bindings == saved_) return done();
    fault_point();
    Status saved = save_volume_pins(path_, uuid_, bindings);
    if (!saved) return Problem{saved.error()};
    saved_ = std::move(bindings);
    return done();
}

}  // namespace hsm4::enroll
