// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the vendor's scripts for an encrypted root left behind: crypttab, keyscript, hooks.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "hsm4/bytes.hpp"
#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/doctor/text.hpp"

namespace hsm4::ctl::doctor {

namespace {

constexpr const char* kernel_hook = "/etc/kernel/postinst.d/initramfs-tools";
constexpr const char* keyscript_name = "zk_get_key";
constexpr std::array leftovers{"/lib/cryptsetup/scripts/zk_get_key",
                               "/etc/initramfs-tools/hooks/zymkey_cryptfs_cfg"};

std::string md5_of(const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) != 1)
        return {};
    return to_hex(std::as_bytes(std::span{digest}.first(size)));
}

/// As its package brought it, by dpkg's records: " /path md5".
std::optional<std::string> packaged_md5(const std::string& root, const std::string& file) {
    const auto records = read_text(root + "/var/lib/dpkg/status");
    if (!records) return std::nullopt;
    const std::string entry = "\n " + file + ' ';
    const auto at = records->find(entry);
    if (at == records->npos) return std::nullopt;
    const auto end = records->find_first_of(" \n", at + entry.size());
    return records->substr(at + entry.size(), end - at - entry.size());
}

void check_kernel_hook(Checkup& checkup) {
    const auto packaged = packaged_md5(checkup.root, kernel_hook);
    const auto content = read_text(checkup.root + kernel_hook);
    if (!packaged || (content && md5_of(*content) == *packaged)) return;
    checkup.add(Severity::warning, "zymbit-postinst",
                std::string{kernel_hook} + (content ? " is not the distribution's" : " is missing"),
                "the next kernel may come without an initramfs",
                "apt-get install --reinstall -o Dpkg::Options::=--force-confnew -o "
                "Dpkg::Options::=--force-confmiss initramfs-tools");
}

bool names_keyscript(const std::string& line) {
    const auto words = words_of(line);
    return !words.empty() && !words[0].starts_with('#') && line.find(keyscript_name) != line.npos;
}

/// The line by which the token opens the volume: the vendor's options out, everything else kept.
std::string line_by_token(const std::vector<std::string>& words) {
    std::string options = "luks,initramfs";
    std::string rest = words.size() > 3 ? words[3] : "";
    while (!rest.empty()) {
        const std::string option = rest.substr(0, rest.find(','));
        rest.erase(0, option.size() + 1);
        const std::string name = option.substr(0, option.find('='));
        constexpr std::array dropped{"luks", "initramfs", "keyscript", "tries", "timeout"};
        if (std::ranges::find(dropped, name) == dropped.end()) options += ',' + option;
    }
    return words[0] + ' ' + (words.size() > 1 ? words[1] : "") + " none " + options;
}

void check_crypttab(Checkup& checkup) {
    bool used = false;
    for (const std::string& line :
         lines_of(read_text(checkup.root + "/etc/crypttab").value_or(""))) {
        if (!names_keyscript(line)) continue;
        used = true;
        const auto words = words_of(line);
        checkup.add(Severity::warning, "zymbit-crypttab",
                    "crypttab opens " + words[0] + " by the vendor's keyscript",
                    "the token is not used, and the keyscript can wait without end",
                    "sed -i 's|^" + words[0] + "[[:space:]].*|" + line_by_token(words) +
                        "|' /etc/crypttab && update-initramfs -u -k all (once the token opens it)");
    }
    for (const char* leftover : leftovers) {
        std::error_code failed;
        if (used || !std::filesystem::exists(checkup.root + leftover, failed)) continue;
        checkup.add(Severity::warning, "zymbit-leftover",
                    std::string{leftover} + " is there, and nothing uses it",
                    "it makes every initramfs carry what it does not need",
                    std::string{"rm "} + leftover + " && update-initramfs -u -k all");
    }
}

}  // namespace

void check_vendor_setup(Checkup& checkup) {
    if (!checkup.is_vendors()) return;
    check_kernel_hook(checkup);
    check_crypttab(checkup);
}

}  // namespace hsm4::ctl::doctor
