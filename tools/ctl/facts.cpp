// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Facts as text and as JSON.
#include "tools/ctl/facts.hpp"

#include <cerrno>
#include <cstdio>

namespace hsm4::ctl {

namespace {

constexpr std::size_t value_column = 20;
constexpr int json_flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE;

json_object* json_text(std::string_view text) {
    return json_object_new_string_len(text.data(), static_cast<int>(text.size()));
}

}  // namespace

Facts::Facts() : object_{json_object_new_object()} {}

void Facts::put(const char* name, json_object* value) {
    if (*name == '\0')
        json_object_put(value);
    else
        json_object_object_add(object_.get(), name, value);
}

void Facts::line(std::string_view label, std::string_view value) {
    if (label.empty()) return;
    std::string head{label};
    head += ':';
    head.resize(std::max(value_column, head.size() + 1), ' ');
    text_ += head;
    text_ += value;
    text_ += '\n';
}

Facts& Facts::add(const char* name, std::string_view label, std::string_view value) {
    put(name, json_text(value));
    line(label, value);
    return *this;
}

Facts& Facts::add(const char* name, std::string_view label, const char* value) {
    return add(name, label, std::string_view{value});
}

Facts& Facts::add(const char* name, std::string_view label, std::uint32_t value) {
    put(name, json_object_new_int64(value));
    line(label, std::to_string(value));
    return *this;
}

Facts& Facts::add(const char* name, std::string_view label, bool value) {
    put(name, json_object_new_boolean(value ? 1 : 0));
    line(label, value ? "yes" : "no");
    return *this;
}

Facts& Facts::add(const char* name, std::string_view label,
                  const std::vector<std::string>& values) {
    json_object* list = json_object_new_array();
    for (const std::string& value : values) json_object_array_add(list, json_text(value));
    put(name, list);
    if (values.empty()) line(label, "none");
    for (const std::string& value : values) line(label, value);
    return *this;
}

Facts& Facts::add(const char* name, std::string_view label,
                  const std::vector<std::uint32_t>& values) {
    json_object* list = json_object_new_array();
    std::string text;
    for (const std::uint32_t value : values) {
        json_object_array_add(list, json_object_new_int64(value));
        text += (text.empty() ? "" : ", ") + std::to_string(value);
    }
    put(name, list);
    line(label, values.empty() ? "none" : text);
    return *this;
}

Facts& Facts::add(const char* name, json_object* value) {
    put(name, value);
    return *this;
}

Status Facts::print(bool as_json) const {
    const std::string text =
        as_json ? std::string{json_object_to_json_string_ext(object_.get(), json_flags)} + '\n'
                : text_;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        return Error{Errc::io, "standard output", errno};
    return ok();
}

}  // namespace hsm4::ctl
