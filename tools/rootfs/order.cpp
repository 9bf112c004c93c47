// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The order as JSON.
#include "tools/rootfs/order.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "hsm4/files.hpp"
#include "hsm4/json.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

constexpr const char* version = "1";
constexpr std::size_t longest = 4096;
constexpr const char* erased = "erase";
constexpr const char* kept = "keep";
constexpr Error unreadable{Errc::malformed, "order of the conversion"};

/// Of a device's or a mapping's name: it becomes a path, and a word in tables.
bool is_plain_word(std::string_view word) {
    return !word.empty() && word.size() <= 64 && std::ranges::all_of(word, [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
    });
}

/// std::filesystem::equivalent() does not compare devices.
bool is_same_device(const std::string& one, const std::string& other) {
    struct stat first = {};
    struct stat second = {};
    if (::stat(one.c_str(), &first) != 0 || ::stat(other.c_str(), &second) != 0) return false;
    return (first.st_mode & S_IFMT) == (second.st_mode & S_IFMT) && first.st_rdev != 0 &&
           first.st_rdev == second.st_rdev;
}

struct Reader {
    json_object* object = nullptr;
    bool good = true;

    void word(const char* name, std::string& value) {
        path(name, value);
        good = good && is_plain_word(value);
    }
    void path(const char* name, std::string& value) {
        auto found = json::text(json::member(object, name), unreadable);
        good = good && found;
        if (found) value = *found;
    }
    void optional_word(const char* name, std::string& value) {
        if (json::member(object, name) != nullptr) word(name, value);
    }
    void size(const char* name, std::uint64_t& value) {
        auto found = json::decimal(json::member(object, name), unreadable);
        good = good && found;
        if (found) value = *found;
    }
};

}  // namespace

std::string to_json(const Order& order) {
    const json::Owner object{json_object_new_object()};
    const auto add = [&](const char* name, const std::string& text) {
        json_object_object_add(object.get(), name, json_object_new_string(text.c_str()));
    };
    add("version", version);
    add("root", order.root);
    add("boot", order.boot);
    add("boot-mount", order.boot_mount);
    add("uuid", order.uuid);
    add("name", order.name);
    add("partition", std::to_string(order.partition));
    add("file-system", std::to_string(order.file_system));
    add("shrunk", std::to_string(order.shrunk));
    add("encrypted", std::to_string(order.encrypted));
    if (order.moves()) {
        add("target", order.target);
        add("old-root", order.erases ? erased : kept);
    }
    return std::string{json_object_to_json_string_ext(
               object.get(), JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)} +
           '\n';
}

Outcome<Order> parse_order(const std::string& text) {
    std::string_view trimmed = text;
    while (trimmed.ends_with('\n')) trimmed.remove_suffix(1);
    const json::Owner object = json::parse(trimmed);
    Reader reader{object.get()};
    std::string found_version;
    Order order;
    reader.word("version", found_version);
    reader.word("root", order.root);
    reader.word("boot", order.boot);
    reader.path("boot-mount", order.boot_mount);
    reader.word("uuid", order.uuid);
    reader.word("name", order.name);
    reader.size("partition", order.partition);
    if (json::member(object.get(), "file-system") != nullptr)
        reader.size("file-system", order.file_system);
    reader.size("shrunk", order.shrunk);
    reader.size("encrypted", order.encrypted);
    reader.optional_word("target", order.target);
    std::string old_root = kept;
    reader.optional_word("old-root", old_root);
    order.erases = old_root == erased;
    if (!reader.good || found_version != version || !order.boot_mount.starts_with('/'))
        return Problem{"the order of the conversion cannot be read, or is another version's"};
    return order;
}

Outcome<Order> load_order(const std::string& path) {
    auto content = read_file(path, longest);
    if (!content && content.error().detail == ENOENT)
        return Problem{"no conversion was begun here"};
    if (!content) return Problem{content.error()};
    return parse_order(
        {reinterpret_cast<const char*>(content->view().data()), content->view().size()});
}

std::string partuuid_of(const std::string& node, const std::string& dev) {
    std::error_code failed;
    for (const auto& link : fs::directory_iterator{dev + "/disk/by-partuuid", failed})
        if (is_same_device(link.path(), node)) return link.path().filename().string();
    return {};
}

}  // namespace hsm4::rootfs
