// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's state as bytes:
//   [version, secret, remains, life cycle, generation, slots, counters, pins, policy, log]
//   remains   null, or [X25519 key, Ed25519 key]
//   slots     [active, pending] of each; each of these null, or [salt, psk]
//   counters  [wrong proofs, lockouts, power-ons, last PIN id]
//   pins      [id, generation, tries left, used] of each
//   policy    [attestation interval, PIN tries, [[action, armed] of each channel]]
//   log       [last number, lost, [[number, kind, detail, time] of each event]]
#include "hsm4/device/state.hpp"

#include <concepts>
#include <limits>

#include "hsm4/cbor.hpp"
#include "hsm4/crypto.hpp"

namespace hsm4::device {

namespace {

constexpr std::uint64_t version = 2;
constexpr std::size_t field_count = 10;

Error damaged() { return Error{Errc::malformed, "state of the module"}; }

cbor::Item binding_item(const std::optional<HostBinding>& binding) {
    if (!binding) return cbor::null();
    return cbor::array(cbor::bytes(binding->salt), cbor::bytes(binding->psk.view()));
}

cbor::Item slots_item(const std::array<BindingSlot, wire::slot_count>& slots) {
    std::vector<cbor::Item> items;
    items.reserve(slots.size());
    for (const BindingSlot& slot : slots)
        items.push_back(cbor::array(binding_item(slot.active), binding_item(slot.pending)));
    return cbor::array_of(items);
}

cbor::Item remains_item(const std::optional<Remains>& remains) {
    if (!remains) return cbor::null();
    return cbor::array(cbor::bytes(remains->channel_key), cbor::bytes(remains->verify_key));
}

cbor::Item pins_item(const std::vector<PinRecord>& pins) {
    std::vector<cbor::Item> items;
    items.reserve(pins.size());
    for (const PinRecord& pin : pins)
        items.push_back(cbor::array(
            cbor::unsigned_integer(pin.id), cbor::unsigned_integer(pin.generation),
            cbor::unsigned_integer(pin.tries_left), cbor::unsigned_integer(pin.used ? 1 : 0)));
    return cbor::array_of(items);
}

cbor::Item policy_item(const Policy& policy) {
    std::vector<cbor::Item> channels;
    for (const PerimeterChannel& channel : policy.channels)
        channels.push_back(
            cbor::array(cbor::unsigned_integer(static_cast<std::uint64_t>(channel.action)),
                        cbor::unsigned_integer(channel.armed ? 1 : 0)));
    return cbor::array(cbor::unsigned_integer(policy.attest_interval_s),
                       cbor::unsigned_integer(policy.pin_tries), cbor::array_of(channels));
}

cbor::Item log_item(const EventLog& log) {
    std::vector<cbor::Item> events;
    for (const Event& event : log.events)
        events.push_back(cbor::array(cbor::unsigned_integer(event.number),
                                     cbor::unsigned_integer(static_cast<std::uint64_t>(event.kind)),
                                     cbor::unsigned_integer(event.detail),
                                     cbor::unsigned_integer(event.time)));
    return cbor::array(cbor::unsigned_integer(log.last_number), cbor::unsigned_integer(log.lost),
                       cbor::array_of(events));
}

template <std::size_t N>
bool read_bytes(const cbor_item_t* item, std::span<std::byte, N> target) {
    auto bytes = cbor::as_bytes(item);
    if (!bytes || bytes->size() != N) return false;
    std::copy(bytes->begin(), bytes->end(), target.begin());
    return true;
}

template <std::unsigned_integral T>
bool read_number(const cbor_item_t* item, T& target, T highest = std::numeric_limits<T>::max()) {
    auto value = cbor::as_unsigned(item);
    if (!value || *value > highest) return false;
    target = static_cast<T>(*value);
    return true;
}

/// An enumeration without gaps.
template <class E>
bool read_enum(const cbor_item_t* item, E& target, E first, E last) {
    auto value = cbor::as_unsigned(item);
    if (!value || *value < static_cast<std::uint64_t>(first) ||
        *value > static_cast<std::uint64_t>(last))
        return false;
    target = static_cast<E>(*value);
    return true;
}

bool read_flag(const cbor_item_t* item, bool& target) {
    auto value = cbor::as_unsigned(item);
    if (!value || *value > 1) return false;
    target = *value == 1;
    return true;
}

bool read_binding(const cbor_item_t* item, std::optional<HostBinding>& target) {
    if (cbor::is_null(item)) return true;
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

bool read_remains(const cbor_item_t* item, std::optional<Remains>& target) {
    if (cbor::is_null(item)) return true;
    auto keys = cbor::as_array(item, 2);
    if (!keys) return false;
    target.emplace();
    return read_bytes((*keys)[0], std::span{target->channel_key}) &&
           read_bytes((*keys)[1], std::span{target->verify_key});
}

bool read_counters(const cbor_item_t* item, State& state) {
    auto counters = cbor::as_array(item, 4);
    return counters && read_number((*counters)[0], state.wrong_proofs) &&
           read_number((*counters)[1], state.lockouts) &&
           read_number((*counters)[2], state.power_ons) &&
           read_number((*counters)[3], state.last_pin);
}

bool read_pin(const cbor_item_t* item, PinRecord& pin) {
    auto fields = cbor::as_array(item, 4);
    return fields && read_number((*fields)[0], pin.id) &&
           read_number((*fields)[1], pin.generation) &&
           read_number((*fields)[2], pin.tries_left, wire::most_pin_tries) &&
           read_flag((*fields)[3], pin.used);
}

bool read_event(const cbor_item_t* item, Event& event) {
    auto fields = cbor::as_array(item, 4);
    return fields && read_number((*fields)[0], event.number) &&
           read_enum((*fields)[1], event.kind, wire::EventKind::perimeter,
                     wire::EventKind::production) &&
           read_number((*fields)[2], event.detail) && read_number((*fields)[3], event.time);
}

bool read_channel(const cbor_item_t* item, PerimeterChannel& channel) {
    auto fields = cbor::as_array(item, 2);
    return fields &&
           read_enum((*fields)[0], channel.action, wire::PerimeterAction::none,
                     wire::PerimeterAction::self_destruct) &&
           read_flag((*fields)[1], channel.armed);
}

/// At most `most` entries, each by `read`.
template <class T>
bool read_list(const cbor_item_t* item, std::vector<T>& list, std::size_t most,
               bool (*read)(const cbor_item_t*, T&)) {
    if (!cbor_isa_array(item) || cbor_array_size(item) > most) return false;
    auto items = cbor::as_array(item, cbor_array_size(item));
    if (!items) return false;
    list.resize(items->size());
    for (std::size_t at = 0; at < list.size(); ++at)
        if (!read((*items)[at], list[at])) return false;
    return true;
}

bool read_policy(const cbor_item_t* item, Policy& policy) {
    auto fields = cbor::as_array(item, 3);
    if (!fields || !read_number((*fields)[0], policy.attest_interval_s) ||
        !read_number((*fields)[1], policy.pin_tries, wire::most_pin_tries))
        return false;
    auto channels = cbor::as_array((*fields)[2], policy.channels.size());
    if (!channels || policy.pin_tries == 0) return false;
    for (std::size_t at = 0; at < policy.channels.size(); ++at)
        if (!read_channel((*channels)[at], policy.channels[at])) return false;
    return true;
}

bool read_log(const cbor_item_t* item, EventLog& log) {
    auto fields = cbor::as_array(item, 3);
    return fields && read_number((*fields)[0], log.last_number) &&
           read_number((*fields)[1], log.lost) &&
           read_list((*fields)[2], log.events, wire::most_events, read_event);
}

bool read_fields(std::span<cbor_item_t*> fields, State& state) {
    auto found = cbor::as_unsigned(fields[0]);
    return found && *found == version && read_bytes(fields[1], state.device_secret.writable()) &&
           read_remains(fields[2], state.remains) &&
           read_enum(fields[3], state.life_cycle, wire::LifeCycle::unbound,
                     wire::LifeCycle::production) &&
           read_number(fields[4], state.generation) && read_slots(fields[5], state.slots) &&
           read_counters(fields[6], state) &&
           read_list(fields[7], state.pins, wire::most_pins, read_pin) &&
           read_policy(fields[8], state.policy) && read_log(fields[9], state.log);
}

}  // namespace

Result<SecretBytes> encode_state(const State& state) {
    auto counters = cbor::array(
        cbor::unsigned_integer(state.wrong_proofs), cbor::unsigned_integer(state.lockouts),
        cbor::unsigned_integer(state.power_ons), cbor::unsigned_integer(state.last_pin));
    auto body = cbor::encode_secret(cbor::array(
        cbor::unsigned_integer(version), cbor::bytes(state.device_secret.view()),
        remains_item(state.remains),
        cbor::unsigned_integer(static_cast<std::uint64_t>(state.life_cycle)),
        cbor::unsigned_integer(state.generation), slots_item(state.slots), std::move(counters),
        pins_item(state.pins), policy_item(state.policy), log_item(state.log)));
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
