// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A channel that plays a script of requests and answers.
#pragma once

#include <deque>

#include "hsm4/open/channel.hpp"

class ScriptedChannel final : public hsm4::open::Channel {
public:
    struct Step {
        std::string request;  ///< hexadecimal; "*" takes any
        std::string answer;   ///< hexadecimal: the status, and fields
    };
    explicit ScriptedChannel(std::deque<Step> script) : script_{std::move(script)} {}

    hsm4::Result<hsm4::SecretBytes> request(hsm4::View message) override {
        if (script_.empty()) return hsm4::Error{hsm4::Errc::io, "after the end of the script"};
        const Step step = script_.front();
        script_.pop_front();
        seen = hsm4::to_hex(message);
        if (step.request != "*" && step.request != seen)
            return hsm4::Error{hsm4::Errc::io, "not in the script"};
        return hsm4::SecretBytes{*hsm4::from_hex(step.answer)};
    }
    const hsm4::crypto::Hash& handshake_hash() const noexcept override { return hash; }
    bool satisfied() const { return script_.empty(); }

    std::string seen;  ///< the last request
    hsm4::crypto::Hash hash{};

private:
    std::deque<Step> script_;
};

/// `count` bytes `value`, in hexadecimal.
inline std::string repeated(const char* value, std::size_t count) {
    std::string text;
    for (std::size_t at = 0; at < count; ++at) text += value;
    return text;
}
template <std::size_t N>
hsm4::Array<N> filled(std::uint8_t value) {
    hsm4::Array<N> bytes{};
    bytes.fill(std::byte{value});
    return bytes;
}
