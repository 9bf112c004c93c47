// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Reading hsm4.conf(5), by inih.
#include "hsm4/config.hpp"

#include <ini.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <set>

#include "hsm4/files.hpp"

namespace hsm4 {

namespace {

constexpr const char* default_path = "/etc/hsm4/hsm4.conf";
constexpr std::string_view binding_section = "binding";
constexpr std::string_view volume_prefix = "volume ";
constexpr std::size_t longest_file = 1U << 20;
constexpr int longest_wait_s = 600;
constexpr int longest_prompt_s = 86400;
constexpr int highest_binding_slot = 3;

template <std::size_t N>
bool set_array(const Result<Bytes>& bytes, Array<N>& target) {
    if (!bytes || bytes->size() != N) return false;
    std::copy(bytes->begin(), bytes->end(), target.begin());
    return true;
}

bool set_number(std::string_view text, int lowest, int highest, int& target) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), target);
    return code == std::errc{} && end == text.data() + text.size() && target >= lowest &&
           target <= highest;
}

bool set_yes_no(std::string_view text, bool& target) {
    target = text == "yes";
    return target || text == "no";
}

/// Collects what inih calls out, and remembers which one-time keys were already there.
struct Parser {
    Config config;
    std::set<std::string, std::less<>> seen;

    bool top_level(std::string_view name, std::string_view value);
    bool binding(std::string_view name, std::string_view value);
    bool volume(std::string_view uuid, std::string_view name, std::string_view value);
    bool once(std::string_view section, std::string_view name);
    bool line(std::string_view section, std::string_view name, std::string_view value);
};

bool Parser::once(std::string_view section, std::string_view name) {
    return seen.insert(std::string{section} + '/' + std::string{name}).second;
}

bool Parser::top_level(std::string_view name, std::string_view value) {
    if (!once("", name)) return false;
    if (name == "device") {
        config.device = value;
        return true;
    }
    int seconds = 0;
    if (name == "wait" && set_number(value, 0, longest_wait_s, seconds)) {
        config.wait = std::chrono::seconds{seconds};
        return true;
    }
    // Read by the boot scripts alone.
    if (name == "prompt-timeout") return set_number(value, 0, longest_prompt_s, seconds);
    if (name == "prompt-timeout-action") return value == "reboot" || value == "shell";
    return name == "strict" && set_yes_no(value, config.strict);
}

bool Parser::binding(std::string_view name, std::string_view value) {
    if (!config.binding) config.binding.emplace();
    BindingConfig& binding = *config.binding;
    if (name == "component") {
        auto component = parse_component(value);
        if (component) binding.components.push_back(*component);
        return static_cast<bool>(component);
    }
    if (!once(binding_section, name)) return false;
    if (name == "module-id") return set_array(from_hex(value), binding.module.module_id);
    if (name == "public-key") return set_array(from_base64(value), binding.module.public_key);
    if (name == "verify-key") return set_array(from_base64(value), binding.module.verify_key);
    if (name == "salt") return set_array(from_hex(value), binding.salt);
    if (name == "data-only") return set_yes_no(value, binding.data_only);
    int slot = 0;
    if (name != "slot" || !set_number(value, 0, highest_binding_slot, slot)) return false;
    binding.slot = static_cast<std::uint8_t>(slot);
    return true;
}

bool Parser::volume(std::string_view uuid, std::string_view name, std::string_view value) {
    VolumeBinding binding{};
    if (name != "binding" || !set_array(from_hex(value), binding)) return false;
    config.volumes[std::string{uuid}].push_back(binding);
    return true;
}

bool Parser::line(std::string_view section, std::string_view name, std::string_view value) {
    if (section.empty()) return top_level(name, value);
    if (section == binding_section) return binding(name, value);
    if (section.starts_with(volume_prefix) && section.size() > volume_prefix.size())
        return volume(section.substr(volume_prefix.size()), name, value);
    return false;
}

int on_line(void* user, const char* section, const char* name, const char* value) {
    return static_cast<Parser*>(user)->line(section, name, value != nullptr ? value : "") ? 1 : 0;
}

Status check_complete(const Parser& parser) {
    if (!parser.config.binding) return ok();
    for (const char* name : {"module-id", "public-key", "verify-key", "slot", "salt"})
        if (!parser.seen.contains(std::string{binding_section} + '/' + name))
            return Error{Errc::bad_config, "hsm4.conf: incomplete section [binding]"};
    return ok();
}

/// The line of the first NUL, which inih would take for an end, or 0.
int line_of_nul(View text) {
    const auto nul = std::ranges::find(text, std::byte{0});
    if (nul == text.end()) return 0;
    return 1 + static_cast<int>(std::count(text.begin(), nul, std::byte{'\n'}));
}

}  // namespace

std::string config_path() {
    const char* environment = secure_getenv("HSM4_CONFIG");
    return environment != nullptr && *environment != '\0' ? environment : default_path;
}

Result<Config> load_config(const std::string& path) {
    auto content = read_file(path, longest_file);
    if (!content && content.error().detail == ENOENT) return Config{};
    if (!content) return Error{Errc::io, "hsm4.conf", content.error().detail};
    if (const int line = line_of_nul(content->view()); line != 0)
        return Error{Errc::bad_config, "hsm4.conf", line};
    const std::string text{reinterpret_cast<const char*>(content->view().data()), content->size()};
    Parser parser;
    const int first_bad_line = ini_parse_string(text.c_str(), on_line, &parser);
    if (first_bad_line != 0) return Error{Errc::bad_config, "hsm4.conf", first_bad_line};
    if (Status complete = check_complete(parser); !complete) return complete.error();
    return std::move(parser.config);
}

}  // namespace hsm4
