// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Measuring the host, and the binding's secret.
#include "hsm4/identity.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "hsm4/boot_medium.hpp"
#include "hsm4/cbor.hpp"
#include "hsm4/crypto.hpp"
#include "hsm4/files.hpp"
#include "hsm4/otp.hpp"

namespace hsm4 {

namespace {

constexpr std::string_view identity_domain = "hsm4 identity v1";
constexpr std::string_view psk_domain = "hsm4 psk v1";
constexpr std::size_t longest_value = 256;

constexpr std::string_view medium_kind = "boot-medium";
constexpr std::string_view otp_kind = "otp";
constexpr std::array file_kinds{std::string_view{"board-serial"},
                                std::string_view{"board-revision"},
                                std::string_view{"product-uuid"}};

bool is_known_kind(std::string_view kind) {
    return kind == medium_kind || kind == otp_kind ||
           std::ranges::find(file_kinds, kind) != file_kinds.end();
}

/// A file's content without the NUL and white space at its end; blank is as good as absent.
Result<SecretBytes> measure_file(const std::string& path) {
    const Error missing{Errc::identity, "measured component"};
    auto content = read_file(path, longest_value);
    if (!content) return missing;
    std::size_t size = content->size();
    const auto is_padding = [](std::byte byte) {
        const auto letter = std::to_integer<unsigned>(byte);
        return letter <= ' ';
    };
    while (size > 0 && is_padding(content->view()[size - 1])) --size;
    if (size == 0) return missing;
    content->shorten(size);
    return content;
}

struct Candidate {
    std::string_view kind;
    std::string path;
};

std::vector<Candidate> file_candidates(const Machine& machine) {
    return {{"board-serial", machine.proc + "/device-tree/serial-number"},
            {"board-revision", machine.proc + "/device-tree/system/linux,revision"},
            {"product-uuid", machine.sys + "/class/dmi/id/product_uuid"}};
}

/// Revision codes are binary and may end in a zero byte, so nothing is cut off.
bool is_binary(std::string_view kind) { return kind == "board-revision"; }

Result<SecretBytes> measure_binary(const std::string& path) {
    auto content = read_file(path, longest_value);
    if (!content || content->empty()) return Error{Errc::identity, "measured component"};
    return content;
}

struct Measured {
    std::string kind;
    SecretBytes value;
};

bool before(const Measured& left, const Measured& right) {
    if (left.kind != right.kind) return left.kind < right.kind;
    return std::ranges::lexicographical_compare(left.value.view(), right.value.view());
}

}  // namespace

Result<Component> parse_component(std::string_view text) {
    const Error bad{Errc::usage, "component (KIND SOURCE, the source an absolute path)"};
    const auto space = text.find(' ');
    if (space == text.npos) return bad;
    const auto source = text.find_first_not_of(' ', space);
    if (source == text.npos || text[source] != '/') return bad;
    Component component{std::string{text.substr(0, space)}, std::string{text.substr(source)}};
    const bool printable = std::ranges::none_of(
        component.source, [](unsigned char letter) { return letter < ' ' || letter == 0x7f; });
    if (!is_known_kind(component.kind) || !printable) return bad;
    return component;
}

std::string to_text(const Component& component) { return component.kind + ' ' + component.source; }

Result<std::vector<Component>> find_components(const std::optional<std::string>& boot_medium,
                                               const Machine& machine) {
    std::vector<Component> found;
    for (const auto& [kind, path] : file_candidates(machine)) {
        const Component component{std::string{kind}, path};
        if (measure(component, machine)) found.push_back(component);
    }
    auto medium = find_boot_medium(boot_medium, machine);
    if (medium && measure_medium(*medium, machine))
        found.push_back({std::string{medium_kind}, *medium});
    else if (boot_medium)  // asked for by name: must not be left out in silence
        return Error{Errc::identity, "named boot medium"};
    if (otp_hmac(otp_program)) found.push_back({std::string{otp_kind}, otp_program});
    return found;
}

Result<SecretBytes> measure(const Component& component, const Machine& machine) {
    if (component.kind == medium_kind) return measure_medium(component.source, machine);
    if (component.kind == otp_kind) return otp_hmac(component.source);
    if (is_binary(component.kind)) return measure_binary(component.source);
    return measure_file(component.source);
}

bool lies_on_root(const Component& component) {
    // The HMAC program is copied into the initramfs; everything else must show itself there.
    if (component.kind == otp_kind) return false;
    struct stat root = {};
    struct stat source = {};
    return ::stat("/", &root) == 0 && ::stat(component.source.c_str(), &source) == 0 &&
           root.st_dev == source.st_dev;
}

Result<SecretBytes> measure_identity(const std::vector<Component>& components,
                                     const Machine& machine) {
    std::vector<Measured> measured;
    for (const Component& component : components) {
        auto value = measure(component, machine);
        if (!value) return value.error();
        measured.push_back({component.kind, std::move(*value)});
    }
    std::ranges::sort(measured, before);
    std::vector<cbor::Item> items;
    items.push_back(cbor::text(identity_domain));
    for (const Measured& component : measured)
        items.push_back(
            cbor::array(cbor::text(component.kind), cbor::bytes(component.value.view())));
    return cbor::encode_secret(cbor::array_of(items));
}

Result<Secret<32>> derive_psk(const Array<32>& salt, View identity, const Array<16>& module_id,
                              std::uint8_t slot) {
    Bytes info;
    append(info, view_of(psk_domain));
    append(info, module_id);
    info.push_back(std::byte{slot});
    Secret<32> psk;
    if (Status derived = crypto::hkdf_sha256(salt, identity, info, psk.writable()); !derived)
        return derived.error();
    return psk;
}

}  // namespace hsm4
