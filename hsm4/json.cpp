// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Strict reading of JSON.
#include "hsm4/json.hpp"

#include <charconv>
#include <limits>

namespace hsm4::json {

namespace {

constexpr int deepest = 16;

struct FreeTokener {
    void operator()(json_tokener* tokener) const noexcept { json_tokener_free(tokener); }
};

}  // namespace

Owner parse(std::string_view text) {
    const std::unique_ptr<json_tokener, FreeTokener> tokener{json_tokener_new_ex(deepest)};
    if (!tokener || text.size() > std::numeric_limits<int>::max()) return nullptr;
    // libcryptsetup's own dump ends with a line end, which strict parsing would refuse.
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    json_tokener_set_flags(tokener.get(), JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    Owner value{json_tokener_parse_ex(tokener.get(), text.data(), static_cast<int>(text.size()))};
    if (json_tokener_get_error(tokener.get()) != json_tokener_success) return nullptr;
    return value;
}

json_object* member(json_object* object, const char* name) noexcept {
    json_object* value = nullptr;
    if (!json_object_is_type(object, json_type_object)) return nullptr;
    return json_object_object_get_ex(object, name, &value) != 0 ? value : nullptr;
}

Result<std::string_view> text(json_object* value, const Error& error) {
    if (!json_object_is_type(value, json_type_string)) return error;
    return std::string_view{json_object_get_string(value),
                            static_cast<std::size_t>(json_object_get_string_len(value))};
}

Result<std::uint32_t> number(json_object* value, const Error& error) {
    if (!json_object_is_type(value, json_type_int)) return error;
    const std::int64_t found = json_object_get_int64(value);
    if (found < 0 || found > std::numeric_limits<std::int32_t>::max()) return error;
    return static_cast<std::uint32_t>(found);
}

Result<std::uint64_t> decimal(json_object* value, const Error& error) {
    auto digits = text(value, error);
    if (!digits) return digits.error();
    std::uint64_t found = 0;
    const char* const end = digits->data() + digits->size();
    const auto [stop, code] = std::from_chars(digits->data(), end, found);
    if (code != std::errc{} || stop != end) return error;
    if (digits->size() > 1 && digits->front() == '0') return error;
    return found;
}

Result<bool> boolean(json_object* value, const Error& error) {
    if (!json_object_is_type(value, json_type_boolean)) return error;
    return json_object_get_boolean(value) != 0;
}

Result<std::vector<std::string_view>> texts(json_object* value, const Error& error) {
    if (!json_object_is_type(value, json_type_array)) return error;
    std::vector<std::string_view> found;
    const std::size_t size = json_object_array_length(value);
    for (std::size_t at = 0; at < size; ++at) {
        auto element = text(json_object_array_get_idx(value, at), error);
        if (!element) return element.error();
        found.push_back(*element);
    }
    return found;
}

}  // namespace hsm4::json
