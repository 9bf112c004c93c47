// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Owner type and strict accessors over json-c, for JSON that comes from an unauthenticated header.
#pragma once

#include <json-c/json.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "hsm4/result.hpp"

namespace hsm4::json {

struct Release {
    void operator()(json_object* object) const noexcept { json_object_put(object); }
};
using Owner = std::unique_ptr<json_object, Release>;

/// One JSON value that fills `text`, nested at most 16 deep; null when it is anything else.
Owner parse(std::string_view text);

/// A member of `object`, or null; null also when `object` is no object. Borrowed.
json_object* member(json_object* object, const char* name) noexcept;

/// Views live as long as the object. `error` is what to return when the value is of another type.
Result<std::string_view> text(json_object* value, const Error& error);
/// A whole number from 0 to 2^31 - 1.
Result<std::uint32_t> number(json_object* value, const Error& error);
/// A decimal number in a string, as LUKS2 writes 64-bit values: no sign, no leading zero.
Result<std::uint64_t> decimal(json_object* value, const Error& error);
Result<bool> boolean(json_object* value, const Error& error);
/// The strings of an array of strings.
Result<std::vector<std::string_view>> texts(json_object* value, const Error& error);

/// Calls `visit(name, value)` for each member; stops at the first error.
template <class Visit>
Status for_each(json_object* object, Visit visit) {
    json_object_object_foreach(object, name, value) {
        if (Status done = visit(std::string_view{name}, value); !done) return done;
    }
    return ok();
}

}  // namespace hsm4::json
