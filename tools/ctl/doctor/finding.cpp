// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Findings as lines, as JSON and as an exit status.
#include "tools/ctl/doctor/finding.hpp"

#include <algorithm>
#include <cstdio>

#include "hsm4/json.hpp"
#include "tools/ctl/options.hpp"

namespace hsm4::ctl::doctor {

namespace {

constexpr int exit_warnings = 3;
constexpr int json_flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE;

bool holds(const std::vector<Finding>& findings, Severity severity) noexcept {
    return std::ranges::find(findings, severity, &Finding::severity) != findings.end();
}

bool is_all_right(const Finding& finding) noexcept {
    return finding.severity == Severity::good || finding.severity == Severity::note;
}

std::string line_of(const Finding& finding) {
    std::string line = name_of(finding.severity);
    line.resize(9, ' ');
    line += std::string{finding.check} + ": " + finding.what;
    if (!finding.why.empty()) line += "; " + finding.why;
    if (!finding.command.empty()) line += "; run: " + finding.command;
    return line + '\n';
}

void put(json_object* object, const char* name, const std::string& text) {
    json_object_object_add(object, name, json_object_new_string(text.c_str()));
}

json_object* json_of(const Finding& finding) {
    json_object* object = json_object_new_object();
    put(object, "severity", name_of(finding.severity));
    put(object, "check", finding.check);
    put(object, "what", finding.what);
    put(object, "why", finding.why);
    put(object, "command", finding.command);
    return object;
}

const char* verdict(const std::vector<Finding>& findings) noexcept {
    if (holds(findings, Severity::failure)) return "will-not-unlock";
    return holds(findings, Severity::warning) ? "warnings" : "healthy";
}

std::string all_json(const std::vector<Finding>& findings) {
    const json::Owner object{json_object_new_object()};
    put(object.get(), "verdict", verdict(findings));
    json_object* list = json_object_new_array();
    for (const Finding& finding : findings) json_object_array_add(list, json_of(finding));
    json_object_object_add(object.get(), "findings", list);
    return std::string{json_object_to_json_string_ext(object.get(), json_flags)} + '\n';
}

}  // namespace

const char* name_of(Severity severity) noexcept {
    switch (severity) {
        case Severity::good: return "good";
        case Severity::note: return "note";
        case Severity::warning: return "warning";
        case Severity::failure: return "failure";
    }
    return "failure";
}

int exit_status(const std::vector<Finding>& findings) noexcept {
    if (holds(findings, Severity::failure)) return exit_refused;
    return holds(findings, Severity::warning) ? exit_warnings : exit_done;
}

bool print(std::vector<Finding> findings, bool as_json, bool verbose) {
    if (!verbose) std::erase_if(findings, is_all_right);
    std::string text;
    if (as_json)
        text = all_json(findings);
    else
        for (const Finding& finding : findings) text += line_of(finding);
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
           std::fflush(stdout) == 0;
}

}  // namespace hsm4::ctl::doctor
