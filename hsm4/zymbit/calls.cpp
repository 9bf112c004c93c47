// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The vendor's calls, read robustly.
#include "hsm4/zymbit/calls.hpp"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <span>

#include "hsm4/zymbit/access.hpp"
#include "hsm4/zymbit/child.hpp"

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

using TextCall = int (*)(Context, char**);

/// Empty when the version has no such call, or when it fails: none of the three is needed.
std::string call_text(TextCall call, Context context) {
    char* text = nullptr;
    if (call == nullptr || call(context, &text) < 0 || text == nullptr) return {};
    std::string copy{text, ::strnlen(text, longest_answer / 4)};
    std::free(text);
    return copy;
}

/// A failed call for which the binding is the reason.
void explain(const Functions& functions, Context context, Reply& reply) {
    const Reply binding = call_binding_info(functions, context);
    if (binding.stage != Stage::done) return;
    const bool locked = binding.payload.view()[0] != std::byte{0};
    const bool bound = binding.payload.view()[1] != std::byte{0};
    if (!bound) reply.stage = locked ? Stage::foreign_host : Stage::unbound;
}

Reply perform(const std::string& path, const Operation& operation, Functions& functions,
              Context& context) {
    if (const auto failure = load_functions(path, functions))
        return {*failure == LoadFailure::no_library ? Stage::no_library : Stage::missing_function,
                0,
                {}};
    const int opened = functions.open(&context);
    if (opened < 0) return failed(opened);
    Reply reply = operation(functions, context);
    if (reply.stage == Stage::failed) explain(functions, context, reply);
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

Reply call_binding_info(const Functions& functions, Context context) {
    if (functions.binding_info == nullptr) return {Stage::unknown_function, 0, {}};
    bool locked = false;
    bool bound = false;
    const int result = functions.binding_info(context, &locked, &bound);
    if (result < 0) return failed(result);
    const Array<2> flags{std::byte{locked}, std::byte{bound}};
    return {Stage::done, 0, SecretBytes{flags}};
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
