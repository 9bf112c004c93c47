// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Files of vectors.
#include "tests/vectors/vector_file.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>

namespace vectors {

namespace {

struct Count {
    int passed = 0;
    int failed = 0;
    std::map<std::string, int> skipped;
    bool unreadable = false;
};

std::optional<std::string> read_text(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return std::nullopt;
    std::string text;
    std::array<char, 4096> part;
    // read() keeps to itself what the buffer throws when the path is a directory.
    while (file.read(part.data(), part.size()) || file.gcount() != 0)
        text.append(part.data(), static_cast<std::size_t>(file.gcount()));
    if (file.bad()) return std::nullopt;
    return text;
}

/// Other people's files may end their lines otherwise and start with a byte order mark.
std::string_view trimmed(std::string_view text) {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (text.starts_with(mark)) text.remove_prefix(mark.size());
    const auto end = text.find_last_not_of(" \t\r\n");
    return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// A list, an object with the list "vectors", or one vector alone.
std::vector<json_object*> vectors_in(json_object* root) {
    json_object* list =
        json_object_is_type(root, json_type_array) ? root : hsm4::json::member(root, "vectors");
    if (!json_object_is_type(list, json_type_array)) return {root};
    std::vector<json_object*> found;
    for (std::size_t at = 0; at < json_object_array_length(list); ++at)
        found.push_back(json_object_array_get_idx(list, at));
    return found;
}

void print_failure(Count& count, const std::string& where, const std::string& why) {
    std::printf("%s: %s\n", where.c_str(), why.c_str());
    ++count.failed;
}

void check_file(const Driver& driver, const std::string& path, Count& count) {
    const auto text = read_text(path);
    const hsm4::json::Owner root = text ? hsm4::json::parse(trimmed(*text)) : nullptr;
    if (!root) {
        count.unreadable = true;
        return print_failure(count, path, text ? "is not JSON" : "cannot be read");
    }
    const auto list = vectors_in(root.get());
    if (list.empty()) return print_failure(count, path, "holds no vectors");
    for (std::size_t at = 0; at < list.size(); ++at) {
        const Verdict verdict = driver.check(list[at]);
        if (verdict.kind == Verdict::Kind::passed) ++count.passed;
        if (verdict.kind == Verdict::Kind::skipped) ++count.skipped[verdict.text];
        if (verdict.kind == Verdict::Kind::failed)
            print_failure(
                count,
                path + ": vector " + std::to_string(at + 1) + " (" + driver.name(list[at]) + ")",
                verdict.text);
    }
}

}  // namespace

bool Fields::has(const char* name) const noexcept { return member(name) != nullptr; }

json_object* Fields::member(const char* name) const noexcept {
    return hsm4::json::member(object_, name);
}

void Fields::complain(const char* name, const char* what) {
    if (problem_.empty()) problem_ = std::string{name} + " " + what;
}

std::string Fields::text(const char* name) {
    auto found = hsm4::json::text(member(name), {hsm4::Errc::malformed, name});
    if (found) return std::string{*found};
    complain(name, has(name) ? "is not a text" : "is missing");
    return {};
}

hsm4::Bytes Fields::hex(const char* name) {
    auto bytes = hsm4::from_hex(text(name));
    if (bytes) return *bytes;
    complain(name, "is not hexadecimal");
    return {};
}

hsm4::Bytes Fields::hex_if_given(const char* name) { return has(name) ? hex(name) : hsm4::Bytes{}; }

hsm4::Result<hsm4::Bytes> from_base64url(std::string text) {
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    while (text.size() % 4 != 0) text += '=';
    return hsm4::from_base64(text);
}

int run(const Driver& driver, int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s\n", driver.usage);
        return 2;
    }
    Count count;
    for (int at = 1; at < argc; ++at) check_file(driver, argv[at], count);
    int skipped = 0;
    for (const auto& [name, times] : count.skipped) {
        std::printf("skipped %d: %s\n", times, name.c_str());
        skipped += times;
    }
    std::printf("%d passed, %d failed, %d skipped\n", count.passed, count.failed, skipped);
    if (count.unreadable) return 2;
    return count.failed == 0 ? 0 : 1;
}

}  // namespace vectors
