// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Walking over a header's tokens.
#include "tools/ctl/volume_tokens.hpp"

#include <libcryptsetup.h>

#include <memory>

#include "hsm4/pins.hpp"
#include "hsm4/token.hpp"
#include "hsm4/volume_binding.hpp"

namespace hsm4::ctl {

namespace {

struct FreeDevice {
    void operator()(struct crypt_device* device) const noexcept { crypt_free(device); }
};
using Device = std::unique_ptr<struct crypt_device, FreeDevice>;

Result<Device> load_header(const std::string& path) {
    struct crypt_device* device = nullptr;
    if (crypt_init(&device, path.c_str()) != 0)
        return Error{Errc::bad_volume, "device that cannot be read"};
    Device owner{device};
    crypt_set_log_callback(
        device, [](int, const char*, void*) {}, nullptr);
    if (crypt_load(device, CRYPT_LUKS2, nullptr) != 0)
        return Error{Errc::bad_volume, "device without a LUKS2 header"};
    return owner;
}

/// Nothing when the token is another's, or its key is dead.
Result<std::optional<std::uint32_t>> generation_of(struct crypt_device* device, int number,
                                                   const Config& config, Module& module) {
    const std::optional<std::uint32_t> none;
    const char* json = nullptr;
    if (crypt_token_json_get(device, number, &json) < 0 || json == nullptr) return none;
    auto token = parse_token(json);
    if (!token || token->backend != "open" || !check_module_pin(config, *token)) return none;
    auto bound = bound_module(*token);
    if (!bound) return none;
    auto binding = volume_binding(device, token->keyslot, *bound, SlotState::present);
    if (!binding) return none;
    auto generation = module.generation_of(token->locked_key, *binding);
    if (generation) return std::optional{*generation};
    if (generation.error().code == Errc::refused) return none;
    return generation.error();
}

}  // namespace

Result<VolumeState> examine_volume(const std::string& path, const Config& config, Module& module) {
    auto device = load_header(path);
    if (!device) return device.error();
    const char* uuid = crypt_get_uuid(device->get());
    if (uuid == nullptr) return Error{Errc::bad_volume, "LUKS2 header without UUID"};
    VolumeState state{uuid, std::nullopt};
    for (int number = 0; number < crypt_token_max(CRYPT_LUKS2); ++number) {
        auto generation = generation_of(device->get(), number, config, module);
        if (!generation) return generation.error();
        if (*generation) state.newest = std::max(state.newest.value_or(0), **generation);
    }
    return state;
}

}  // namespace hsm4::ctl
