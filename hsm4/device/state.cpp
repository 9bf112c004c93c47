// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's state as bytes: [version, secret, life cycle, generation, slots, wrong proofs,
// lockouts] with each slot as [active, pending], each of these null or [salt, psk].
#include "hsm4/device/state.hpp"

#include <limits>

#include "hsm4/cbor.hpp"
#include "hsm4/crypto.hpp"

namespace hsm4::device {

namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t field_count = 7;

Error damaged() { return Error{Errc::malformed, "state of the module"}; }

cbor::Item binding_item(const std::optional<HostBinding>& binding) {
    if (!binding) return cbor::null();
    return cbor::array(cbor::bytes(binding->salt), cbor::bytes(binding->psk.view()));
}

cbor::Item slots_item(const std::array<BindingSlot, wire::slot_count>& slots) {
    std::vector<cbor::Item> items;
    for (const BindingSlot& slot : slots)
        items.push_back(cbor::array(binding_item(slot.active), binding_item(slot.pending)));
    return cbor::array_of(std::move(items));
}

template <std::size_t N>
bool read_bytes(const cbor_item_t* item, std::span<std::byte, N> target) {
    auto bytes = cbor::as_bytes(item);
    if (!bytes || bytes->size() != N) return false;
    std::copy(bytes->begin(), bytes->end(), target.begin());
    return true;
}

bool read_u32(const cbor_item_t* item, std::uint32_t& target) {
    auto value = cbor::as_unsigned(item);
    if (!value || *value > std::numeric_limits<std::uint32_t>::max()) return false;
    target = static_cast<std::uint32_t>(*value);
    return true;
}

bool read_binding(const cbor_item_t* item, std::optional<HostBinding>& target) {
    if (cbor_isa_float_ctrl(item) && cbor_is_null(item)) return true;
    auto fields = cbor::as_array(item, 2);
    if (!fields) return false;
    target.emplace();
    return read_bytes((*fields)[0], std::span{target->salt}) &&
           read_bytes((*fields)[1], target->psk.writable());
}

bool read_slots(const cbor_item_t* item, std::array<BindingSlot, wire::slot_count>& slots) {
    auto items = cbor::as_array(item, slots.size());
    if (!items) return false;
    for (std::size_t at = 0; at < slots.size(); ++at) {
        auto pair = cbor::as_array((*items)[at], 2);
        if (!pair || !read_binding((*pair)[0], slots[at].active) ||
            !read_binding((*pair)[1], slots[at].pending))
            return false;
    }
    return true;
}

bool read_life_cycle(const cbor_item_t* item, wire::LifeCycle& target) {
    auto value = cbor::as_unsigned(item);
    if (!value || *value > static_cast<std::uint64_t>(wire::LifeCycle::production)) return false;
    target = static_cast<wire::LifeCycle>(*value);
    return true;
}

bool read_fields(std::span<cbor_item_t*> fields, State& state) {
    auto found = cbor::as_unsigned(fields[0]);
    return found && *found == version && read_bytes(fields[1], state.device_secret.writable()) &&
           read_life_cycle(fields[2], state.life_cycle) && read_u32(fields[3], state.generation) &&
           read_slots(fields[4], state.slots) && read_u32(fields[5], state.wrong_proofs) &&
           read_u32(fields[6], state.lockouts);
}

}  // namespace

Result<SecretBytes> encode_state(const State& state) {
    auto body = cbor::encode_secret(cbor::array(
        cbor::unsigned_integer(version), cbor::bytes(state.device_secret.view()),
        cbor::unsigned_integer(static_cast<std::uint64_t>(state.life_cycle)),
        cbor::unsigned_integer(state.generation), slots_item(state.slots),
        cbor::unsigned_integer(state.wrong_proofs), cbor::unsigned_integer(state.lockouts)));
    if (!body) return body;
    auto hash = crypto::sha256(body->view());
    if (!hash) return hash.error();
    SecretBytes encoded{body->size() + hash->size()};
    auto next = std::ranges::copy(body->view(), encoded.writable().begin()).out;
    std::ranges::copy(*hash, next);
    return encoded;
}

Result<State> decode_state(View encoded) {
    if (encoded.size() < crypto::hash_size) return damaged();
    const View body = encoded.first(encoded.size() - crypto::hash_size);
    auto hash = crypto::sha256(body);
    if (!hash) return hash.error();
    if (!std::ranges::equal(*hash, encoded.last(crypto::hash_size))) return damaged();
    auto item = cbor::decode_deterministic(body);
    if (!item) return damaged();
    auto fields = cbor::as_array(item->get(), field_count);
    State state;
    if (!fields || !read_fields(*fields, state)) return damaged();
    return state;
}

}  // namespace hsm4::device
