// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What a verb found out, said once and printed either for people or as one JSON object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hsm4/json.hpp"

namespace hsm4::ctl {

/// `name` is the JSON member, `label` the text in front of the value; an empty label keeps a fact
/// out of the text, an empty name keeps it out of the JSON.
class Facts {
public:
    Facts();

    Facts& add(const char* name, std::string_view label, std::string_view value);
    Facts& add(const char* name, std::string_view label, const char* value);
    Facts& add(const char* name, std::string_view label, std::uint32_t value);
    Facts& add(const char* name, std::string_view label, bool value);
    Facts& add(const char* name, std::string_view label, const std::vector<std::string>& values);
    Facts& add(const char* name, std::string_view label, const std::vector<std::uint32_t>& values);

    /// JSON that a verb made itself; taken over, and kept out of the text.
    Facts& add(const char* name, json_object* value);

    /// To standard output, in the order in which they were added. `io` when that fails.
    Status print(bool as_json) const;

private:
    void put(const char* name, json_object* value);
    void line(std::string_view label, std::string_view value);

    json::Owner object_;
    std::string text_;
};

}  // namespace hsm4::ctl
