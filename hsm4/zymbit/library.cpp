// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Calling the library in a child, with a deadline and retries.
#include "hsm4/zymbit/library.hpp"

#include <algorithm>

#include "hsm4/zymbit/child.hpp"
#include "hsm4/zymbit/reply.hpp"
#include "hsm4/zymbit/retry.hpp"
#include "hsm4/zymbit/state.hpp"

namespace hsm4::zymbit {

namespace {

constexpr std::size_t longest_reply = longest_answer + 64;

Result<SecretBytes> once(const std::string& path, const Operation& operation,
                         const Deadline& deadline) {
    auto child = run_child([&](int pipe) { return call_library(path, operation, pipe); },
                           longest_reply, deadline);
    if (child) return decode_reply(child->output.view());
    if (child.error().code == Errc::timeout)
        return Error{Errc::timeout, "call of the Zymbit library that hung (restart zkifc)"};
    return child.error();
}

/// Up to the next NUL, which is consumed.
std::string next_text(std::string_view& texts) {
    const std::string_view text = texts.substr(0, texts.find('\0'));
    texts.remove_prefix(std::min(texts.size(), text.size() + 1));
    return std::string{text};
}

}  // namespace

Library::Library(std::string path, VendorFiles files, Clock& clock,
                 std::chrono::milliseconds budget)
    : path_{std::move(path)}, files_{std::move(files)}, clock_{&clock}, budget_{budget} {}

Result<SecretBytes> Library::call(const Operation& operation) {
    const Deadline deadline{*clock_, budget_};
    return with_retries(*clock_, deadline, [&] { return once(path_, operation, deadline); });
}

Result<Identity> Library::identify() {
    auto answer = call(call_identify);
    if (!answer) return answer.error();
    std::string_view texts{reinterpret_cast<const char*>(answer->view().data()), answer->size()};
    Identity identity;
    identity.model = printable(next_text(texts));
    identity.firmware = printable(next_text(texts));
    identity.serial = serial_from(next_text(texts), files_);
    return identity;
}

Result<State> Library::state() {
    auto answer = call(call_state);
    if (!answer) return answer.error();
    return decode_state(answer->view());
}

Result<Bytes> Library::lock(View plaintext) {
    auto answer = call([plaintext](const Functions& functions, Context context) {
        return call_lock(functions, context, plaintext);
    });
    if (!answer) return answer.error();
    return Bytes{answer->view().begin(), answer->view().end()};
}

Result<SecretBytes> Library::unlock(View locked) {
    return call([locked](const Functions& functions, Context context) {
        return call_unlock(functions, context, locked);
    });
}

Result<SecretBytes> Library::random(std::size_t size) {
    auto answer = call([size](const Functions& functions, Context context) {
        return call_random(functions, context, size);
    });
    if (answer && answer->size() != size) return Error{Errc::malformed, "random bytes"};
    return answer;
}

Status Library::order(const Operation& operation) {
    auto answer = call(operation);
    return answer ? ok() : Status{answer.error()};
}

Status Library::led(const LedOrder& wanted) {
    return order([&wanted](const Functions& functions, Context context) {
        return call_led(functions, context, wanted);
    });
}

Result<PerimeterTimes> Library::perimeter() {
    auto answer = call(call_perimeter);
    if (!answer) return answer.error();
    auto state = decode_state(answer->view());
    if (!state) return state.error();
    return state->perimeter;
}

Status Library::clear_perimeter(std::uint32_t known) {
    return order([known](const Functions& functions, Context context) {
        return call_clear_perimeter(functions, context, known);
    });
}

Status Library::set_perimeter_action(std::uint8_t channel, PerimeterAction action) {
    return order([channel, action](const Functions& functions, Context context) {
        return call_perimeter_action(functions, context, channel, action);
    });
}

}  // namespace hsm4::zymbit
