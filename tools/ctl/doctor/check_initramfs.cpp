// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Does the initramfs of each installed kernel carry what unlocking needs, as it is now?
#include <algorithm>
#include <filesystem>

#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/doctor/firmware_images.hpp"
#include "tools/ctl/doctor/plugin_file.hpp"
#include "tools/ctl/doctor/text.hpp"
#include "tools/ctl/doctor/unpacked_initramfs.hpp"
#include "tools/ctl/doctor/vendor_system.hpp"

namespace hsm4::ctl::doctor {

namespace fs = std::filesystem;

namespace {

constexpr const char* check = "initramfs";

struct Kernel {
    std::string version;
    std::string image;  ///< its initramfs; empty: there is none
    std::string rebuild;
};

std::string rebuild(const std::string& version, bool anew) {
    std::error_code failed;
    if (fs::exists("/usr/sbin/update-initramfs", failed) || !fs::exists("/usr/bin/dracut", failed))
        return (anew ? "update-initramfs -c -k " : "update-initramfs -u -k ") + version;
    return "dracut --force --kver " + version;
}

std::string copy_anew(const std::string& version, const std::string& image) {
    return "update-initramfs -u -k all && cp /boot/initrd.img-" + version + ' ' + image;
}

/// What the firmware of a Raspberry Pi loads is a copy on the boot partition, made by a hook, by
/// the vendor's script, or by hand. One that differs from each kernel's own is examined like them.
void add_firmware_images(const std::string& root, std::vector<Kernel>& found) {
    const std::vector<Kernel> own = found;
    for (const std::string& image : firmware_images(root)) {
        const bool is_copy = std::ranges::any_of(own, [&](const Kernel& kernel) {
            return !kernel.image.empty() && same_content(kernel.image, image);
        });
        if (is_copy || own.empty()) continue;
        found.push_back({own.back().version, image, copy_anew(own.back().version, image)});
    }
}

/// Empty when there is none.
std::string image_of(const std::string& root, const std::string& version) {
    std::error_code failed;
    std::string image = root + "/boot/initrd.img-" + version;
    if (fs::exists(image, failed)) return image;
    image = root + "/boot/initramfs-" + version + ".img";  // as dracut calls it elsewhere
    return fs::exists(image, failed) ? image : std::string{};
}

bool has_kernel(const std::string& root, const std::string& version) {
    std::error_code failed;
    return fs::exists(root + "/boot/vmlinuz-" + version, failed);
}

/// Those that have modules and a kernel image, or an initramfs.
std::vector<Kernel> kernels(const std::string& root) {
    std::vector<Kernel> found;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator{root + "/lib/modules", failed}) {
        const std::string version = entry.path().filename().string();
        const std::string image = image_of(root, version);
        if (!image.empty() || has_kernel(root, version))
            found.push_back({version, image, rebuild(version, image.empty())});
    }
    std::ranges::sort(found, {}, &Kernel::version);
    return found;
}

/// Adds the drivers of a device and of what it hangs on (an adapter on USB: of the host
/// controller), where sysfs tells. `place` is "bus/i2c/devices/i2c-1" or the like.
void add_drivers(const std::string& sys, const fs::path& place, std::vector<std::string>& needed) {
    std::error_code failed;
    fs::path node = fs::canonical(sys / place, failed);
    const fs::path end = fs::canonical(sys + "/devices", failed);
    while (!failed && node.has_relative_path() && node != end) {
        std::error_code builtin;
        const fs::path module = fs::canonical(node / "driver/module", builtin);
        if (!builtin) needed.push_back(module.filename().string());
        node = node.parent_path();
    }
}

/// Those of the boot medium, which need not be the disk that the root is on.
void add_drivers_of_components(const Checkup& checkup, std::vector<std::string>& needed) {
    if (!checkup.config || !checkup.config->binding) return;
    for (const Component& component : checkup.config->binding->components) {
        if (component.kind != "boot-medium") continue;
        std::error_code absent;
        const fs::path disk = fs::canonical(component.source, absent);
        if (!absent) add_drivers(checkup.machine.sys, "class/block" / disk.filename(), needed);
    }
}

std::vector<std::string> needed_modules(const Checkup& checkup) {
    std::vector<std::string> needed{"dm-crypt"};
    needed.insert(needed.end(), checkup.cipher_modules.begin(), checkup.cipher_modules.end());
    if (checkup.uri && checkup.uri->kind == Uri::Kind::i2c) {
        needed.emplace_back("i2c-dev");
        add_drivers(checkup.machine.sys, "bus/i2c/devices" / fs::path{checkup.uri->path}.filename(),
                    needed);
    }
    add_drivers_of_components(checkup, needed);
    return needed;
}

/// What decides whether a volume is unlocked; remarks do not.
bool same_meaning(const Config& left, const Config& right) {
    const auto binding = [](const Config& config) {
        std::string text;
        if (!config.binding) return text;
        const BindingConfig& bound = *config.binding;
        text = to_hex(bound.module.module_id) + to_hex(bound.module.public_key) +
               to_hex(bound.module.verify_key) + to_hex(bound.salt) + std::to_string(bound.slot);
        for (const Component& component : bound.components) text += '\n' + to_text(component);
        return text;
    };
    return left.device == right.device && left.wait == right.wait && left.strict == right.strict &&
           left.volumes == right.volumes && binding(left) == binding(right);
}

class Examination {
public:
    Examination(Checkup& checkup, const Kernel& kernel, const UnpackedInitramfs& unpacked)
        : checkup_{checkup}, kernel_{kernel}, unpacked_{unpacked} {}

    void plugin() {
        const auto copy = unpacked_.find(plugin_name);
        if (!copy)
            fail("has no " + std::string{plugin_name}, "cryptsetup cannot use the token there");
        else if (!same_content(*copy, installed_plugin(checkup_.root)))
            fail("has another version of the plugin than the system",
                 "what was tried here is not what boots");
    }

    void config() {
        const auto copy = unpacked_.find("hsm4.conf");
        if (!copy) {
            fail("has no hsm4.conf", "it does not know module and binding");
            return;
        }
        auto config = load_config(copy->string());
        if (!config || !checkup_.config || !same_meaning(*config, *checkup_.config))
            fail("has another hsm4.conf than the system", "it knows an older module or binding");
    }

    void modules() {
        for (const std::string& module : needed_modules(checkup_))
            if (!unpacked_.has_module(module) && !is_built_in(builtin_list(), module))
                fail("lacks the kernel module " + module,
                     "the module or the volume is not reached");
    }

    /// What the vendor's program needs there, as it is in the root.
    void vendor_files() {
        if (!unpacked_.at("sbin/zkunlockifs"))
            fail("has no zkunlockifs", "nothing can ask the Zymbit module there");
        const std::string state = std::string{vendor_state}.substr(1) + '/';
        compare(state + "zkenv.conf", Severity::failure,
                "the module does not wake by another wake pin");
        for (const std::string& salt : salts(checkup_.root))
            compare(state + salt, part_of_fingerprint(),
                    "a module in production refuses the host then: never lock it before");
        for (const std::string& module : network_modules(checkup_.root))
            if (!unpacked_.has_module(module) && !is_built_in(builtin_list(), module))
                complain(
                    part_of_fingerprint(), "lacks the network driver " + module,
                    "the module measures the card's MAC address",
                    "echo " + module + " >> /etc/initramfs-tools/modules && " + kernel_.rebuild);
    }

    bool is_good() const noexcept { return good_; }

private:
    fs::path builtin_list() const {
        return checkup_.root + "/lib/modules/" + kernel_.version + "/modules.builtin";
    }
    Severity part_of_fingerprint() const {
        return checkup_.in_production ? Severity::failure : Severity::warning;
    }
    void compare(const std::string& path, Severity severity, const char* why) {
        const auto copy = unpacked_.at(path);
        if (copy && same_content(*copy, checkup_.root + '/' + path)) return;
        complain(severity,
                 (copy ? "has another " : "has no ") + path + (copy ? " than the root" : ""), why,
                 kernel_.rebuild);
    }
    void complain(Severity severity, const std::string& what, const char* why,
                  const std::string& command) {
        good_ = false;
        checkup_.add(severity, check, kernel_.image + ' ' + what, why, command);
    }
    void fail(const std::string& what, const char* why) {
        complain(Severity::failure, what, why, kernel_.rebuild);
    }

    Checkup& checkup_;
    const Kernel& kernel_;
    const UnpackedInitramfs& unpacked_;
    bool good_ = true;
};

void check_kernel(Checkup& checkup, const Kernel& kernel) {
    if (kernel.image.empty()) {
        checkup.add(Severity::failure, check, "kernel " + kernel.version + " has no initramfs",
                    "nothing unlocks the root for it", kernel.rebuild);
        return;
    }
    auto unpacked = UnpackedInitramfs::unpack(kernel.image);
    if (!unpacked && unpacked.error().code == Errc::malformed) {
        checkup.add(Severity::failure, check, kernel.image + " cannot be unpacked", "it is damaged",
                    kernel.rebuild);
        return;
    }
    if (!unpacked) {
        checkup.add(Severity::warning, check, kernel.image + " was not examined",
                    unpacked.error().where, "apt-get install initramfs-tools-core");
        return;
    }
    Examination examination{checkup, kernel, *unpacked};
    if (checkup.boot_needs_module) {  // else the vendor's own scripts boot
        examination.plugin();
        examination.config();
        examination.modules();
    }
    if (checkup.is_vendors()) examination.vendor_files();
    if (examination.is_good()) checkup.good(check, kernel.image);
}

}  // namespace

void check_initramfs(Checkup& checkup) {
    if (!checkup.boot_needs_module && !checkup.is_vendors()) return;
    auto installed = kernels(checkup.root);
    add_firmware_images(checkup.root, installed);
    if (installed.empty())
        checkup.add(Severity::warning, check, "no installed kernel was found",
                    "so no initramfs was examined", {});
    for (const Kernel& kernel : installed) check_kernel(checkup, kernel);
}

}  // namespace hsm4::ctl::doctor
