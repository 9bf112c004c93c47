// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Editing hsm4.conf(5): one section is replaced, every other line stays as the administrator wrote
// it.
#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>
#include <sstream>

#include "hsm4/config.hpp"
#include "hsm4/files.hpp"

namespace hsm4 {

namespace {

constexpr std::size_t longest_file = 1U << 20;
constexpr unsigned new_file_mode = 0644;

std::string trimmed(const std::string& line) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first == line.npos) return {};
    return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

constexpr std::string_view our_comment = "# Written by hsm4";

/// A remark of the administrator's, which may belong to the section that follows.
bool is_foreign_comment(const std::string& content) {
    const bool comment = content.starts_with('#') || content.starts_with(';');
    return comment && !content.starts_with(our_comment);
}

/// The text without the sections called `name`; remarks in them stay.
std::string without_section(const std::string& text, const std::string& name) {
    std::istringstream lines{text};
    std::string kept;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        const std::string content = trimmed(line);
        if (content.starts_with('[')) inside = content == '[' + name + ']';
        if (!inside || is_foreign_comment(content)) kept += line + '\n';
    }
    return kept;
}

std::string with_section(std::string text, const std::string& name, const std::string& body) {
    text = without_section(text, name);
    while (text.ends_with("\n\n")) text.pop_back();
    if (body.empty()) return text;
    if (!text.empty()) text += '\n';
    return text + '[' + name + "]\n" + body;
}

/// Two tools that edit at the same time take turns; the lock is on the directory.
Result<Descriptor> lock_config(const std::string& path) {
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), failed);
    if (failed) return Error{Errc::io, "directory of hsm4.conf", failed.value()};
    const auto directory = std::filesystem::path{path}.parent_path();
    Descriptor file{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!file || ::flock(file.get(), LOCK_EX) != 0)
        return Error{Errc::io, "lock of hsm4.conf", errno};
    return file;
}

bool sets(const std::string& content, std::string_view name) {
    if (!content.starts_with(name)) return false;
    const auto next = content.find_first_not_of(" \t", name.size());
    return next != content.npos && (content[next] == '=' || content[next] == ':');
}

/// The text with `name = value` before the first section: where it stood, else in front. An empty
/// value removes it.
std::string with_top_level(const std::string& text, std::string_view name,
                           const std::string& value) {
    std::istringstream lines{text};
    std::string ours;
    if (!value.empty()) ours = std::string{name} + " = " + value + '\n';
    std::string changed;
    bool top = true;
    bool done = false;
    for (std::string line; std::getline(lines, line);) {
        const std::string content = trimmed(line);
        if (content.starts_with('[')) top = false;
        const bool replace = top && sets(content, name);
        changed += replace ? ours : line + '\n';
        done = done || replace;
    }
    return done ? changed : ours + changed;
}

Status edit(const std::string& path, const std::string& section, const std::string& body,
            const std::optional<std::string>& device = std::nullopt) {
    auto lock = lock_config(path);
    if (!lock) return lock.error();
    std::string text;
    if (auto old = read_file(path, longest_file); old)
        text.assign(reinterpret_cast<const char*>(old->view().data()), old->size());
    else if (old.error().detail != ENOENT)
        return Error{Errc::io, "hsm4.conf", old.error().detail};
    if (device) text = with_top_level(text, "device", *device);
    text = with_section(std::move(text), section, body);
    Status written = replace_file(path, view_of(text), new_file_mode);
    if (!written) return Error{Errc::io, "hsm4.conf", written.error().detail};
    return ok();
}

std::string text_of(const BindingConfig& binding) {
    std::string body = "# Written by hsm4ctl bind.\n";
    body += "module-id = " + to_hex(binding.module.module_id) + '\n';
    body += "public-key = " + to_base64(binding.module.public_key) + '\n';
    body += "verify-key = " + to_base64(binding.module.verify_key) + '\n';
    body += "slot = " + std::to_string(binding.slot) + '\n';
    body += "salt = " + to_hex(binding.salt) + '\n';
    if (binding.data_only) body += "data-only = yes\n";
    for (const Component& component : binding.components)
        body += "component = " + to_text(component) + '\n';
    return body;
}

}  // namespace

Status save_binding(const std::string& path, const std::optional<BindingConfig>& binding,
                    const std::optional<std::string>& device) {
    return edit(path, "binding", binding ? text_of(*binding) : std::string{}, device);
}

Status save_volume_pins(const std::string& path, const std::string& uuid,
                        const std::vector<VolumeBinding>& bindings) {
    std::string body;
    if (!bindings.empty()) body = "# Written by hsm4-enroll.\n";
    for (const VolumeBinding& binding : bindings) body += "binding = " + to_hex(binding) + '\n';
    return edit(path, "volume " + uuid, body);
}

}  // namespace hsm4
