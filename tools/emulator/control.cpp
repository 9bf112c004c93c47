// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Events by their words.
#include "tools/emulator/control.hpp"

#include <charconv>
#include <sstream>
#include <vector>

#include "hsm4/describe.hpp"

namespace hsm4::emulator {

namespace {

using Words = std::vector<std::string>;

std::string ok_answer(const std::string& text = {}) {
    return text.empty() ? "ok\n" : "ok " + text + '\n';
}
std::string error_answer(const std::string& text) { return "error " + text + '\n'; }

/// A whole decimal number up to `highest`.
std::optional<std::uint32_t> number(std::string_view text, std::uint32_t highest) {
    std::uint32_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || value > highest)
        return std::nullopt;
    return value;
}

std::string tamper(const Words& words, SharedModule& module) {
    const auto channel =
        words.size() == 2 ? number(words[1], wire::channel_count - 1) : std::nullopt;
    if (!channel) return error_answer("tamper CHANNEL, which is 0 or 1");
    Status tripped = module.device().core().trip(*channel);
    return tripped ? ok_answer() : error_answer(describe(tripped.error()));
}

std::string put_forward(const Words& words, ModuleClock& clock) {
    constexpr std::uint32_t longest = 400U * 24 * 3600;
    const bool shaped = words.size() == 2 && words[1].starts_with('+');
    const auto seconds =
        shaped ? number(std::string_view{words[1]}.substr(1), longest) : std::nullopt;
    if (!seconds) return error_answer("clock +SECONDS");
    clock.put_forward(std::chrono::seconds{*seconds});
    return ok_answer();
}

std::string plan_fault(const Words& words, SharedModule& module) {
    constexpr std::uint32_t most = 1'000'000;
    const auto kind = words.size() >= 2 ? Faults::parse(words[1]) : std::nullopt;
    const auto count = words.size() == 3 ? number(words[2], most) : std::optional{1U};
    if (!kind || !count || words.size() > 3)
        return error_answer("fault drop|corrupt|nak|delay|wtx [COUNT], or fault none");
    module.faults().plan(*kind, *count);
    return ok_answer();
}

}  // namespace

std::string obey(const std::string& event, SharedModule& module, ModuleClock& clock) {
    std::istringstream text{event};
    Words words;
    for (std::string word; text >> word;) words.push_back(word);
    if (words.empty()) return error_answer("no event");
    if (words[0] == "stats") return ok_answer(module.statistics().to_json(module.device()));
    if (words[0] == "led") return ok_answer(std::string{to_text(module.device().led())});
    if (words[0] == "tamper") return tamper(words, module);
    if (words[0] == "clock") return put_forward(words, clock);
    if (words[0] == "fault") return plan_fault(words, module);
    return error_answer("unknown event");
}

}  // namespace hsm4::emulator
