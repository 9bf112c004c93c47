// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Editing the files of a root that is not running.
#include "tools/rootfs/provision/personal.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>

#include "hsm4/files.hpp"
#include "tools/rootfs/boot_files.hpp"
#include "tools/rootfs/system_files.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

constexpr unsigned mode = 0644;

/// A link in the image may name a file of the running system.
void drop_link(const std::string& path) {
    std::error_code failed;
    if (fs::is_symlink(fs::symlink_status(path, failed))) fs::remove(path, failed);
}

Done write(const std::string& path, const std::string& content) {
    drop_link(path);
    Status written = replace_file(path, view_of(content), mode);
    return written ? done() : Done{Problem{path + ": " + Problem{written.error()}.text}};
}

bool is_label_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
}

/// What is left of a serial number when only letters that a host name may have are kept.
std::string as_label(const std::string& text) {
    std::string label;
    for (char letter : text) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        if (is_label_letter(letter)) label += letter;
    }
    return label;
}

/// Words of a line; none for a comment.
std::vector<std::string> fields_of(const std::string& line) {
    std::istringstream stream{line};
    std::vector<std::string> fields;
    for (std::string field; stream >> field;) fields.push_back(field);
    if (!fields.empty() && fields.front().starts_with('#')) fields.clear();
    return fields;
}

Done write_names(const std::string& root, const std::string& host) {
    if (host.empty()) return done();
    if (Done written = write(root + "/etc/hostname", host + '\n'); !written) return written;
    const std::string hosts = root + "/etc/hosts";
    return write(hosts, hosts_with(whole_text(hosts).value_or(""), host));
}

Done write_tables(const std::string& root, const Personal& personal) {
    const std::string fstab = root + "/etc/fstab";
    const std::string crypttab = root + "/etc/crypttab";
    std::string mounts = whole_text(fstab).value_or("");
    mounts = fstab_with(mounts, "/", personal.order.mapping(), "ext4");
    mounts = fstab_with(mounts, personal.boot_point, "UUID=" + personal.boot_uuid, "vfat");
    if (Done written = write(fstab, mounts); !written) return written;
    return write(crypttab, crypttab_with_root(whole_text(crypttab).value_or(""), personal.order));
}

/// The image's own settings stay, its binding and pins do not.
Done write_config(const std::string& root, const Config& ours) {
    const std::string path = root + "/etc/hsm4/hsm4.conf";
    drop_link(path);
    auto config = load_config(path);
    if (!config) return Problem{config.error()};
    for (const auto& [uuid, bindings] : config->volumes)
        if (Status gone = save_volume_pins(path, uuid, {}); !gone) return Problem{gone.error()};
    if (Status bound = save_binding(path, ours.binding, ours.device); !bound)
        return Problem{bound.error()};
    for (const auto& [uuid, bindings] : ours.volumes)
        if (Status pinned = save_volume_pins(path, uuid, bindings); !pinned)
            return Problem{pinned.error()};
    return done();
}

Done write_command_line(const std::string& boot, const Order& order) {
    const std::string path = boot + "/cmdline.txt";
    const auto now = whole_text(path);
    if (!now) return Problem{"the image has no cmdline.txt"};
    return write(path, for_encrypted_root(without_first_boot(*now), order.mapping()));
}

void remove_host_keys(const std::string& root) {
    std::error_code failed;
    for (const std::string& name : names_in(root + "/etc/ssh"))
        if (name.starts_with("ssh_host_")) fs::remove(root + "/etc/ssh/" + name, failed);
}

Done remove_identity(const std::string& root) {
    std::error_code failed;
    remove_host_keys(root);
    for (const char* path : {"/var/lib/systemd/random-seed", "/var/lib/systemd/credential.secret",
                             "/etc/hsm4/conversion.json"})
        fs::remove(root + path, failed);
    const std::string of_dbus = root + "/var/lib/dbus/machine-id";
    if (fs::is_regular_file(fs::symlink_status(of_dbus, failed))) fs::remove(of_dbus, failed);
    // Empty, not absent: systemd fills it in at the first boot.
    return write(root + "/etc/machine-id", "");
}

}  // namespace

Outcome<std::string> host_name(const std::string& pattern, const std::string& serial) {
    constexpr std::size_t longest = 63;
    std::string name = pattern;
    if (const auto at = name.find("%s"); at != name.npos) {
        if (as_label(serial).empty())
            return Problem{"this board tells no serial number for --hostname=" + pattern};
        name.replace(at, 2, as_label(serial));
    }
    const bool good = !name.empty() && name.size() <= longest &&
                      std::ranges::all_of(name, is_label_letter) && !name.starts_with('-') &&
                      !name.ends_with('-');
    if (!good)
        return Problem{"\"" + name + "\" is no host name (a-z, 0-9 and -, at most 63)",
                       enroll::exit_usage};
    return name;
}

std::string serial_of_board(const Machine& machine) {
    const std::array files{machine.proc + "/device-tree/serial-number",
                           machine.sys + "/class/dmi/id/product_serial",
                           machine.sys + "/class/dmi/id/product_uuid"};
    for (const std::string& file : files) {
        std::string line = first_line(file);
        std::erase_if(line, [](unsigned char letter) { return letter <= ' ' || letter >= 0x7f; });
        if (!line.empty()) return line;
    }
    return {};
}

std::string boot_point_of(const std::string& fstab) {
    std::istringstream lines{fstab};
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line);
        if (fields.size() > 2 && fields[1] == "/boot" && fields[2] == "vfat") return "/boot";
    }
    return "/boot/firmware";
}

std::string fstab_with(const std::string& fstab, const std::string& point,
                       const std::string& device, const std::string& type) {
    const std::string check = point == "/" ? " 0 1" : " 0 2";
    std::istringstream lines{fstab};
    std::string result;
    bool found = false;
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line);
        if (fields.size() > 3 && fields[1] == point) {
            line = device + ' ' + point + ' ' + type + ' ' + fields[3] + check;
            found = true;
        }
        result += line + '\n';
    }
    if (!found) result += device + ' ' + point + ' ' + type + " defaults" + check + '\n';
    return result;
}

std::string hosts_with(const std::string& hosts, const std::string& name) {
    std::istringstream lines{hosts};
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line);
        if (fields.empty() || fields.front() != "127.0.1.1") result += line + '\n';
    }
    return result + "127.0.1.1\t" + name + '\n';
}

std::string without_first_boot(const std::string& command_line) {
    std::istringstream words{command_line};
    std::string line;
    for (std::string word; words >> word;) {
        const bool resizes = word == "resize" ||
                             (word.starts_with("init=") &&
                              (word.ends_with("/firstboot") || word.ends_with("/init_resize.sh")));
        if (!resizes) line += (line.empty() ? "" : " ") + word;
    }
    return line + '\n';
}

Done personalise(const std::string& root, const Personal& personal) {
    if (Done named = write_names(root, personal.host); !named) return named;
    if (Done written = write_tables(root, personal); !written) return written;
    if (Done written = write_config(root, personal.config); !written) return written;
    if (Done removed = remove_identity(root); !removed) return removed;
    return write_command_line(root + personal.boot_point, personal.order);
}

}  // namespace hsm4::rootfs
