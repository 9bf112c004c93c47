// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Listing key slots and their tokens.
#include "tools/enroll/list.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tools/enroll/survey.hpp"

namespace hsm4::enroll {

namespace {

struct Row {
    std::optional<int> keyslot;
    std::string kind;
    std::optional<int> token;
    std::string state;   ///< of tokens of ours
    std::string remedy;  ///< likewise
};

std::string kind_of_token(const std::string& type) {
    constexpr std::string_view systemd = "systemd-";
    if (type == token_type || type == pending_token_type) return token_type;
    if (type.starts_with(systemd)) return type.substr(systemd.size());
    return "other";
}

void add_judgement(Row& row, const SurveyedToken& token) {
    row.token = token.raw.id;
    row.state = word_for(token.state);
    row.remedy = remedy_for(token.state);
}

Row row_of_slot(const Volume& volume, int slot, const std::vector<SurveyedToken>& ours) {
    Row row{slot, kind_of_slot(volume, slot), {}, {}, {}};
    for (const RawToken& token : volume.tokens())
        if (std::ranges::find(token.keyslots, slot) != token.keyslots.end()) row.token = token.id;
    for (const SurveyedToken& token : ours)
        if (row.token == token.raw.id) add_judgement(row, token);
    return row;
}

std::vector<Row> rows_of(const Volume& volume, const Config& config) {
    const auto ours = survey(volume, config);
    std::vector<Row> rows;
    for (const int slot : volume.keyslots()) rows.push_back(row_of_slot(volume, slot, ours));
    for (const SurveyedToken& token : ours) {
        if (!token.raw.keyslots.empty()) continue;
        rows.push_back({{}, kind_of_token(token.raw.type), {}, {}, {}});
        add_judgement(rows.back(), token);
    }
    return rows;
}

std::string text_of(const std::optional<int>& number) {
    return number ? std::to_string(*number) : "-";
}

void print(const std::vector<Row>& rows) {
    const bool colour = may_colour(STDOUT_FILENO);
    std::printf("%s%4s %-9s %5s  %s%s\n", colour ? "\x1b[1m" : "", "SLOT", "TYPE", "TOKEN", "STATE",
                colour ? "\x1b[0m" : "");
    for (const Row& row : rows) {
        const std::string state = row.remedy.empty() ? row.state : row.state + ": " + row.remedy;
        std::printf("%4s %-9s %5s  %s\n", text_of(row.keyslot).c_str(), row.kind.c_str(),
                    text_of(row.token).c_str(), state.c_str());
    }
}

json_object* json_of(const Row& row) {
    json_object* object = json_object_new_object();
    const auto number = [object](const char* name, const std::optional<int>& value) {
        if (value) json_object_object_add(object, name, json_object_new_int(*value));
    };
    const auto text = [object](const char* name, const std::string& value) {
        if (!value.empty())
            json_object_object_add(object, name, json_object_new_string(value.c_str()));
    };
    number("keyslot", row.keyslot);
    text("type", row.kind);
    number("token", row.token);
    text("state", row.state);
    text("remedy", row.remedy);
    return object;
}

}  // namespace

std::string kind_of_slot(const Volume& volume, int keyslot) {
    std::string kind;
    for (const RawToken& token : volume.tokens()) {
        if (std::ranges::find(token.keyslots, keyslot) == token.keyslots.end()) continue;
        if (!kind.empty()) return "conflict";
        kind = kind_of_token(token.type);
    }
    return kind.empty() ? "password" : kind;
}

Done list(const Volume& volume, const Config& config, Report& report) {
    const auto rows = rows_of(volume, config);
    if (!report.is_json()) {
        print(rows);
        return done();
    }
    report.set("result", "listed");
    report.set("uuid", volume.uuid());
    for (const Row& row : rows) report.append("ways", json_of(row));
    return done();
}

}  // namespace hsm4::enroll
