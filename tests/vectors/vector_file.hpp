// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the vector drivers share: files of vectors, fields of one vector, and the closing line.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hsm4/bytes.hpp"
#include "hsm4/json.hpp"

namespace vectors {

/// What became of one vector. `text` says why it failed, or what kind of vector was skipped.
struct Verdict {
    enum class Kind {
        passed,
        failed,
        skipped
    } kind;
    std::string text;
};
inline Verdict passed() { return {Verdict::Kind::passed, {}}; }
inline Verdict failed(std::string why) { return {Verdict::Kind::failed, std::move(why)}; }
inline Verdict skipped(std::string what) { return {Verdict::Kind::skipped, std::move(what)}; }

/// Reads members of a JSON object. The first one that is missing or of another kind latches; later
/// reads give empty values, so that a check asks once, at the end.
class Fields {
public:
    explicit Fields(json_object* object) noexcept : object_{object} {}

    bool has(const char* name) const noexcept;
    json_object* member(const char* name) const noexcept;
    std::string text(const char* name);
    hsm4::Bytes hex(const char* name);
    hsm4::Bytes hex_if_given(const char* name);
    template <std::size_t N>
    hsm4::Array<N> array(const char* name) {
        const hsm4::Bytes bytes = hex(name);
        auto found = hsm4::to_array<N>(bytes, name);
        if (!found) complain(name, "is not of the length that it must have");
        return found ? *found : hsm4::Array<N>{};
    }
    void complain(const char* name, const char* what);
    const std::string& problem() const noexcept { return problem_; }

private:
    json_object* object_;
    std::string problem_;
};

/// RFC 4648 base64url without padding, as in a JWK.
hsm4::Result<hsm4::Bytes> from_base64url(std::string text);

struct Driver {
    const char* usage;
    /// Names a vector for people.
    std::function<std::string(json_object*)> name;
    std::function<Verdict(json_object*)> check;
};

/// Checks every vector of every file: one line for each failure, then what was skipped by name, and
/// `N passed, N failed, N skipped` last. Returns the exit code: 0, 1 after a failure, 2 for wrong
/// usage or a file that cannot be read.
int run(const Driver& driver, int argc, char** argv);

}  // namespace vectors
