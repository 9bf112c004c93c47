// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// LOCK, UNLOCK, RANDOM, PIN and REVOKE.
#include <limits>

#include "hsm4/device/locked_key.hpp"
#include "hsm4/device/pin_records.hpp"
#include "hsm4/device/service.hpp"

namespace hsm4::device {

namespace {

using wire::Answer;
using wire::Reader;
using wire::Writer;

Reply bad_pin(std::uint8_t tries_left) {
    return {Answer::bad_pin, SecretBytes{View{Bytes{std::byte{tries_left}}}}};
}

/// Makes a try counter, durably: a locked key without one would be dead.
Result<PinCheck> reserve_pin(Core& core, std::uint32_t generation, View pin) {
    const PinRecord* record = add_pin_record(core.writable_state(), generation);
    if (record == nullptr) return Error{Errc::refused, "PIN records"};
    const std::uint32_t id = record->id;
    if (Status saved = core.save(); !saved) return saved.error();
    return make_pin_check(core.keys(), id, pin);
}

// binding 32 | pin_len u8 | pin | key_len u8 | key
Reply lock_for(Core& core, std::uint32_t generation, Reader& in) {
    const View binding = in.take(wire::binding_size);
    const View pin = in.take(in.get<std::uint8_t>());
    const View key = in.take(in.get<std::uint8_t>());
    if (!in.done() || key.empty() || key.size() > wire::longest_key ||
        pin.size() > wire::longest_pin)
        return reject(Answer::malformed);
    Unlocked content{SecretBytes{key}, generation, std::nullopt};
    if (!pin.empty()) {
        auto check = reserve_pin(core, generation, pin);
        if (!check)
            return reject(check.error().code == Errc::refused ? Answer::no_room : Answer::failure);
        content.pin = std::move(*check);
    }
    auto blob = lock_key(core.keys(), core.rng(), binding, content);
    if (!blob) return reject(Answer::failure);
    return {Answer::ok, SecretBytes{*blob}};
}

Reply refuse_key(Core& core) {
    ++core.statistics().refusals;
    return reject(Answer::refused);
}

Reply hand_out(Core& core, Unlocked content) {
    ++core.statistics().unlocks;
    return {Answer::ok, std::move(content.key)};
}

/// The try is counted durably before the PIN is looked at, so that cutting the power saves nobody a
/// try.
Reply check_pin(Core& core, Unlocked content, View pin) {
    PinRecord* record = find_pin_record(core.writable_state(), content.pin->record);
    if (record == nullptr) return refuse_key(core);
    if (record->tries_left == 0) return reject(Answer::pin_locked);
    --record->tries_left;
    if (!core.save()) return reject(Answer::failure);

    auto given = make_pin_check(core.keys(), content.pin->record, pin);
    if (!given) return reject(Answer::failure);
    if (equal_secret(given->check.view(), content.pin->check.view())) {
        record->tries_left = core.state().policy.pin_tries;
        record->used = true;
        return core.save() ? hand_out(core, std::move(content)) : reject(Answer::failure);
    }
    ++core.statistics().refusals;
    if (record->tries_left > 0) return bad_pin(record->tries_left);
    core.record(wire::EventKind::pin_locked, 0);
    static_cast<void>(core.save());  // the counter is safe already
    return reject(Answer::pin_locked);
}

// answer: count u8 | count times (id u32 | generation u32 | tries left u8 | used u8)
Reply list_pins(const Core& core) {
    constexpr std::size_t entry = 4 + 4 + 1 + 1;
    Writer out{1 + wire::most_pins * entry};
    out.put(static_cast<std::uint8_t>(core.state().pins.size()));
    for (const PinRecord& pin : core.state().pins)
        out.put(pin.id).put(pin.generation).put(pin.tries_left).put(std::uint8_t{pin.used});
    return with_fields(out);
}

Reply forget(Core& core, std::uint32_t id) {
    if (!forget_pin_record(core.writable_state(), id)) return reject(Answer::refused);
    return done(core.save());
}

// binding 32 | locked key
Result<Unlocked> read_key(const Core& core, Reader& in) {
    const View binding = in.take(wire::binding_size);
    const View blob = in.rest();
    if (in.short_read()) return Error{Errc::malformed, "request"};
    return unlock_key(core.keys(), core.state().generation, binding, blob);
}

Reply rejected_key(Core& core, const Error& error) {
    return error.code == Errc::malformed ? reject(Answer::malformed) : refuse_key(core);
}

Reply inspect_key(Core& core, Reader& in) {
    auto content = read_key(core, in);
    if (!content) return rejected_key(core, content.error());
    Writer out{sizeof(std::uint32_t)};
    out.put(content->generation);
    return with_fields(out);
}

// from u32, the generation that the host knows        answer: generation u32
Reply raise_generation(Core& core, Reader& in) {
    const auto from = in.get<std::uint32_t>();
    if (!in.done()) return reject(Answer::malformed);
    // The last one has no successor that a key could be rotated to.
    if (from >= std::numeric_limits<std::uint32_t>::max() - 1) return reject(Answer::wrong_state);
    const std::uint32_t present = core.state().generation;
    // Asked again after a lost answer: it is done already.
    const bool repeated = present == from + 1;
    if (!repeated && present != from) return reject(Answer::wrong_state);
    if (!repeated && !core.revoke()) return reject(Answer::failure);
    Writer out{sizeof(std::uint32_t)};
    out.put(core.state().generation);
    return with_fields(out);
}

}  // namespace

Reply on_lock(Core& core, Session& /*session*/, Reader& in) {
    return lock_for(core, core.state().generation, in);
}

Reply on_lock_ahead(Core& core, Session& /*session*/, Reader& in) {
    if (core.state().generation == std::numeric_limits<std::uint32_t>::max())
        return reject(Answer::wrong_state);
    return lock_for(core, core.state().generation + 1, in);
}

Reply on_unlock(Core& core, Session& /*session*/, Reader& in) {
    auto content = read_key(core, in);
    if (!content) return rejected_key(core, content.error());
    if (!content->pin) return hand_out(core, std::move(*content));
    // A PIN is wanted; nobody guessed one.
    const PinRecord* record = find_pin_record(core.writable_state(), content->pin->record);
    if (record == nullptr) return refuse_key(core);
    return record->tries_left == 0 ? reject(Answer::pin_locked) : bad_pin(record->tries_left);
}

// binding 32 | pin_len u8 | pin | locked key
Reply on_unlock_pin(Core& core, Session& /*session*/, Reader& in) {
    const View binding = in.take(wire::binding_size);
    const View pin = in.take(in.get<std::uint8_t>());
    const View blob = in.rest();
    if (in.short_read() || pin.empty() || pin.size() > wire::longest_pin)
        return reject(Answer::malformed);
    auto content = unlock_key(core.keys(), core.state().generation, binding, blob);
    if (!content || !content->pin) return refuse_key(core);
    return check_pin(core, std::move(*content), pin);
}

Reply on_random(Core& core, Session& /*session*/, Reader& in) {
    const auto size = in.get<std::uint8_t>();
    if (!in.done() || size == 0 || size > wire::longest_random) return reject(Answer::malformed);
    SecretBytes bytes{size};
    if (!core.rng().fill(bytes.writable())) return reject(Answer::failure);
    return {Answer::ok, std::move(bytes)};
}

Reply on_pin(Core& core, Session& /*session*/, Reader& in) {
    switch (wire::PinRequest{in.get<std::uint8_t>()}) {
        case wire::PinRequest::list: return in.done() ? list_pins(core) : reject(Answer::malformed);
        case wire::PinRequest::forget_key: {
            auto content = read_key(core, in);
            if (!content) return rejected_key(core, content.error());
            return content->pin ? forget(core, content->pin->record) : refuse_key(core);
        }
        case wire::PinRequest::forget_id: {
            const auto id = in.get<std::uint32_t>();
            return in.done() ? forget(core, id) : reject(Answer::malformed);
        }
    }
    return reject(Answer::malformed);
}

Reply on_revoke(Core& core, Session& /*session*/, Reader& in) {
    switch (wire::RevokeRequest{in.get<std::uint8_t>()}) {
        case wire::RevokeRequest::inspect: return inspect_key(core, in);
        case wire::RevokeRequest::revoke: return raise_generation(core, in);
    }
    return reject(Answer::malformed);
}

}  // namespace hsm4::device
