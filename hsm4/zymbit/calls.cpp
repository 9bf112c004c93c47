// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The vendor's calls, read robustly.
#include "hsm4/zymbit/calls.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>

#include "hsm4/zymbit/access.hpp"
#include "hsm4/zymbit/child.hpp"
#include "hsm4/zymbit/state.hpp"

namespace hsm4::zymbit {

namespace {

const std::uint8_t* raw(View bytes) noexcept {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

Reply failed(int result) { return {Stage::failed, -result, {}}; }

/// Copies `size` bytes at `data` (the library's), wipes and frees them.
Reply take(std::uint8_t* data, int size) {
    if (data == nullptr || size <= 0) return {Stage::unverified, 0, {}};
    const auto bytes = std::as_writable_bytes(std::span{data, static_cast<std::size_t>(size)});
    Reply reply;
    if (bytes.size() > longest_answer)
        reply.stage = Stage::oversized;
    else
        reply.payload = SecretBytes{bytes};
    wipe(bytes);
    std::free(data);
    return reply;
}

// As the vendor's header has them.
constexpr std::uint32_t action_notify = 1U << 0;
constexpr std::uint32_t action_self_destruct = 1U << 1;

std::uint32_t flags_of(PerimeterAction action) noexcept {
    switch (action) {
        case PerimeterAction::none: return 0;
        case PerimeterAction::notify: return action_notify;
        case PerimeterAction::self_destruct: return action_self_destruct;
    }
    return 0;
}

using TextCall = int (*)(Context, char**);

/// Empty when the version has no such call, or when it fails: none of the three is needed.
std::string call_text(TextCall call, Context context) {
    char* text = nullptr;
    if (call == nullptr || call(context, &text) < 0 || text == nullptr) return {};
    std::string copy{text, ::strnlen(text, longest_answer / 4)};
    std::free(text);
    return copy;
}

/// The stage, and errno of a call that failed.
struct Outcome {
    Stage stage = Stage::done;
    int detail = 0;
};

Outcome outcome_of(int result) { return result < 0 ? Outcome{Stage::failed, -result} : Outcome{}; }

Outcome ask_binding(const Functions& functions, Context context, State& state) {
    if (functions.binding_info == nullptr) return {Stage::unknown_function, 0};
    return outcome_of(functions.binding_info(context, &state.locked, &state.bound));
}

Outcome ask_perimeter(const Functions& functions, Context context, PerimeterTimes& times) {
    if (functions.perimeter_info == nullptr) return {Stage::unknown_function, 0};
    std::uint32_t* list = nullptr;
    int count = 0;
    const Outcome outcome = outcome_of(functions.perimeter_info(context, &list, &count));
    if (list == nullptr || outcome.stage != Stage::done) return outcome;
    const int known = std::clamp(count, 0, static_cast<int>(times.size()));
    std::copy_n(list, known, times.begin());
    std::free(list);
    return outcome;
}

std::uint32_t ask_clock(const Functions& functions, Context context) {
    constexpr bool precise = false;  // else the call waits for the next second
    std::uint32_t seconds = 0;
    if (functions.time == nullptr || functions.time(context, &seconds, precise) < 0) return 0;
    return seconds;
}

/// A failed call for which the binding is the reason.
void explain(const Functions& functions, Context context, Reply& reply) {
    State state;
    if (ask_binding(functions, context, state).stage != Stage::done || state.bound) return;
    reply.stage = state.locked ? Stage::foreign_host : Stage::unbound;
}

Reply reply_of(const Outcome& outcome) { return {outcome.stage, outcome.detail, {}}; }

Reply perform(const std::string& path, const Operation& operation, Functions& functions,
              Context& context) {
    if (const auto failure = load_functions(path, functions))
        return {*failure == LoadFailure::no_library ? Stage::no_library : Stage::missing_function,
                0,
                {}};
    const int opened = functions.open(&context);
    if (opened < 0) return failed(opened);
    Reply reply = operation(functions, context);
    if (reply.stage == Stage::failed || reply.stage == Stage::unverified)
        explain(functions, context, reply);
    return reply;
}

}  // namespace

Reply call_lock(const Functions& functions, Context context, View plaintext) {
    std::uint8_t* data = nullptr;
    int size = 0;
    const int result = functions.lock(context, raw(plaintext), static_cast<int>(plaintext.size()),
                                      &data, &size, use_shared_key);
    return result < 0 ? failed(result) : take(data, size);
}

Reply call_unlock(const Functions& functions, Context context, View locked) {
    std::uint8_t* data = nullptr;
    int size = 0;
    const int result = functions.unlock(context, raw(locked), static_cast<int>(locked.size()),
                                        &data, &size, use_shared_key);
    return result < 0 ? failed(result) : take(data, size);
}

Reply call_random(const Functions& functions, Context context, std::size_t size) {
    if (functions.random == nullptr) return {Stage::unknown_function, 0, {}};
    std::uint8_t* data = nullptr;
    const int wanted = static_cast<int>(size);
    const int result = functions.random(context, &data, wanted);
    return result < 0 ? failed(result) : take(data, wanted);
}

Reply call_state(const Functions& functions, Context context) {
    State state;
    const Outcome binding = ask_binding(functions, context, state);
    if (binding.stage != Stage::done) return reply_of(binding);
    static_cast<void>(ask_perimeter(functions, context, state.perimeter));
    state.clock = ask_clock(functions, context);
    return {Stage::done, 0, encode_state(state)};
}

Reply call_led(const Functions& functions, Context context, const LedOrder& order) {
    const auto plain = order.mode == LedMode::on ? functions.led_on : functions.led_off;
    const bool flash = order.mode == LedMode::flash;
    if (flash ? functions.led_flash == nullptr : plain == nullptr)
        return {Stage::unknown_function, 0, {}};
    return reply_of(
        outcome_of(flash ? functions.led_flash(context, order.on_ms, order.off_ms, order.flashes)
                         : plain(context)));
}

Reply call_perimeter(const Functions& functions, Context context) {
    State state;
    const Outcome asked = ask_perimeter(functions, context, state.perimeter);
    if (asked.stage != Stage::done) return reply_of(asked);
    return {Stage::done, 0, encode_state(state)};
}

Reply call_clear_perimeter(const Functions& functions, Context context, std::uint32_t known) {
    if (functions.perimeter_clear == nullptr) return {Stage::unknown_function, 0, {}};
    PerimeterTimes times{};
    const Outcome asked = ask_perimeter(functions, context, times);
    if (asked.stage != Stage::done) return reply_of(asked);
    const auto opened = times.size() - static_cast<std::size_t>(std::ranges::count(times, 0U));
    if (opened > known) return {Stage::more_events, 0, {}};
    return reply_of(outcome_of(functions.perimeter_clear(context)));
}

Reply call_perimeter_action(const Functions& functions, Context context, std::uint8_t channel,
                            PerimeterAction action) {
    if (functions.perimeter_action == nullptr) return {Stage::unknown_function, 0, {}};
    return reply_of(outcome_of(functions.perimeter_action(context, channel, flags_of(action))));
}

Reply call_identify(const Functions& functions, Context context) {
    std::string texts;
    for (const TextCall call : {functions.model, functions.firmware, functions.serial})
        texts += call_text(call, context) + '\0';
    return {Stage::done, 0, SecretBytes{view_of(texts)}};
}

int call_library(const std::string& path, const Operation& operation, int pipe) {
    Functions functions;
    Context context = nullptr;
    bool written = false;
    {
        const Reply reply = perform(path, operation, functions, context);
        const SecretBytes encoded = encode_reply(reply);
        written = write_to_pipe(pipe, encoded.view());
    }
    ::close(pipe);
    if (context != nullptr) functions.close(context);
    return written ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace hsm4::zymbit
