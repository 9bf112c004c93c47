// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The vendor's module as a Module.
#include "hsm4/zymbit/zymbit_module.hpp"

#include "hsm4/zymbit/sealed.hpp"

namespace hsm4::zymbit {

namespace {

Error pin_refused() { return {Errc::usage, "PIN for a Zymbit module, which cannot check one"}; }

}  // namespace

Result<ModuleInfo> ZymbitModule::info() {
    auto identity = access_->identify();
    if (!identity) return identity.error();
    ModuleInfo info;
    info.backend = "zymbit";
    info.id = identity->serial;
    info.model = identity->model.empty() ? "Zymbit" : identity->model;
    info.firmware = identity->firmware.empty() ? "unknown" : identity->firmware;
    return info;
}

Result<ModuleStatus> ZymbitModule::status() {
    auto binding = access_->binding();
    if (!binding) return binding.error();
    ModuleStatus status;
    if (binding->locked)
        status.life_cycle = LifeCycle::production;
    else if (binding->bound)
        status.life_cycle = LifeCycle::development;
    status.secure = binding->bound;
    status.bound_slots = binding->bound ? 1 : 0;
    return status;
}

Result<Bytes> ZymbitModule::lock(View key, const VolumeBinding& binding, std::optional<View> pin) {
    if (pin) return pin_refused();
    auto plaintext = seal(key, binding);
    if (!plaintext) return plaintext.error();
    return access_->lock(plaintext->view());
}

Result<SecretBytes> ZymbitModule::unlock(View locked_key, const VolumeBinding& binding,
                                         std::optional<View> pin) {
    if (pin) return pin_refused();
    auto plaintext = access_->unlock(locked_key);
    if (!plaintext) return plaintext.error();
    return unseal(plaintext->view(), binding);
}

Result<SecretBytes> ZymbitModule::unlock_raw(View locked_key) {
    auto plaintext = access_->unlock(locked_key);
    // Else a header's author could take the binding off a sealed key by calling it raw.
    if (plaintext && is_sealed(plaintext->view()))
        return Error{Errc::refused, "sealed key in a token that calls it raw"};
    return plaintext;
}

Result<SecretBytes> ZymbitModule::random(std::size_t size) {
    constexpr std::size_t longest = 128;
    if (size == 0 || size > longest) return Error{Errc::usage, "number of random bytes"};
    return access_->random(size);
}

Result<Attestation> ZymbitModule::attest() {
    return Error{Errc::usage, "attestation by a Zymbit module, which measures its host by itself"};
}

}  // namespace hsm4::zymbit
