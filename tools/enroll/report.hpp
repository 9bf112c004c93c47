// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What one volume's run tells: lines for people, or one line of JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hsm4/json.hpp"
#include "tools/enroll/problem.hpp"

namespace hsm4::enroll {

class Report {
public:
    Report(bool json, const std::string& device);

    /// A line for people, on standard output.
    void say(const std::string& line) const;
    /// A line that people should heed, on standard error; in JSON among "warnings".
    void warn(const std::string& line);
    /// What takes long, on a terminal only.
    void progress(const std::string& line) const;

    void set(const char* name, const std::string& text);
    void set(const char* name, int number);
    /// A fact that must not wait for the end: in JSON a line of its own.
    void tell(const char* name, const std::string& text) const;
    /// Appends to the array `name`. Takes over `value`.
    void append(const char* name, json_object* value);

    /// --dry-run: the steps that a run would take.
    void say_plan(const std::vector<std::string>& steps);

    /// Ends the report: the line of JSON, or the Problem on standard error.
    void close(const Done& outcome);
    bool is_json() const noexcept { return json_; }

private:
    bool json_;
    json::Owner facts_;
};

/// Whether `descriptor` is a terminal on which colours are welcome (no NO_COLOR).
bool may_colour(int descriptor);

}  // namespace hsm4::enroll
