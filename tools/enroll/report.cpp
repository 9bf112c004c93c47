// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Printing for people and for programs.
#include "tools/enroll/report.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace hsm4::enroll {

namespace {

constexpr const char* red = "\x1b[31m";
constexpr const char* plain = "\x1b[0m";

void print_problem(const std::string& text) {
    std::fflush(stdout);
    const bool colour = may_colour(STDERR_FILENO);
    std::fprintf(stderr, "%shsm4-enroll:%s %s\n", colour ? red : "", colour ? plain : "",
                 text.c_str());
}

void print_line(json_object* object) {
    std::printf("%s\n", json_object_to_json_string_ext(
                            object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    std::fflush(stdout);
}

}  // namespace

bool may_colour(int descriptor) {
    const char* wish = std::getenv("NO_COLOR");
    return ::isatty(descriptor) == 1 && (wish == nullptr || *wish == '\0');
}

Report::Report(bool json, const std::string& device)
    : json_{json}, facts_{json_object_new_object()} {
    set("device", device);
}

void Report::say(const std::string& line) const {
    if (!json_) std::printf("%s\n", line.c_str());
}

void Report::warn(const std::string& line) {
    if (json_) {
        append("warnings", json_object_new_string(line.c_str()));
        return;
    }
    std::fflush(stdout);
    std::fprintf(stderr, "hsm4-enroll: %s\n", line.c_str());
}

void Report::progress(const std::string& line) const {
    if (!json_ && ::isatty(STDERR_FILENO) == 1) std::fprintf(stderr, "%s...\n", line.c_str());
}

void Report::set(const char* name, const std::string& text) {
    json_object_object_add(facts_.get(), name, json_object_new_string(text.c_str()));
}

void Report::tell(const char* name, const std::string& text) const {
    const json::Owner line{json_object_new_object()};
    const char* device = json_object_get_string(json::member(facts_.get(), "device"));
    json_object_object_add(line.get(), "device", json_object_new_string(device));
    json_object_object_add(line.get(), name, json_object_new_string(text.c_str()));
    print_line(line.get());
}

void Report::set(const char* name, int number) {
    json_object_object_add(facts_.get(), name, json_object_new_int(number));
}

void Report::append(const char* name, json_object* value) {
    json_object* array = json::member(facts_.get(), name);
    if (array == nullptr) {
        array = json_object_new_array();
        json_object_object_add(facts_.get(), name, array);
    }
    json_object_array_add(array, value);
}

void Report::say_plan(const std::vector<std::string>& steps) {
    const std::string device = json_object_get_string(json::member(facts_.get(), "device"));
    set("result", "planned");
    for (const std::string& step : steps) {
        append("steps", json_object_new_string(step.c_str()));
        say(device + ": would " + step);
    }
}

void Report::close(const Done& outcome) {
    if (!json_) {
        if (!outcome) print_problem(outcome.error().text);
        return;
    }
    set("exit", outcome ? exit_done : outcome.error().exit_code);
    if (!outcome) {
        set("result", "failed");
        set("message", outcome.error().text);
    }
    print_line(facts_.get());
}

}  // namespace hsm4::enroll
