// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Does the initramfs of each installed kernel carry what unlocking needs, as it is now?
#include <algorithm>
#include <filesystem>

#include "hsm4/files.hpp"
#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/doctor/plugin_file.hpp"
#include "tools/ctl/doctor/unpacked_initramfs.hpp"

namespace hsm4::ctl::doctor {

namespace fs = std::filesystem;

namespace {

constexpr const char* check = "initramfs";
constexpr std::size_t longest_plugin = 64U << 20;

struct Kernel {
    std::string version;
    std::string image;  ///< its initramfs; empty: there is none
};

std::string rebuild(const Kernel& kernel) {
    std::error_code failed;
    if (fs::exists("/usr/sbin/update-initramfs", failed) || !fs::exists("/usr/bin/dracut", failed))
        return "update-initramfs -u -k " + kernel.version;
    return "dracut --force --kver " + kernel.version;
}

/// Those that have modules and a kernel image, or an initramfs.
std::vector<Kernel> kernels(const std::string& root) {
    std::vector<Kernel> found;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator{root + "/lib/modules", failed}) {
        const std::string version = entry.path().filename().string();
        std::string image;
        for (const std::string& candidate :
             {root + "/boot/initrd.img-" + version, root + "/boot/initramfs-" + version + ".img"})
            if (image.empty() && fs::exists(candidate, failed)) image = candidate;
        if (!image.empty() || fs::exists(root + "/boot/vmlinuz-" + version, failed))
            found.push_back({version, image});
    }
    std::ranges::sort(found, {}, &Kernel::version);
    return found;
}

/// The driver of the I2C adapter, where sysfs tells.
std::string adapter_module(const Checkup& checkup) {
    std::error_code failed;
    const std::string name = fs::path{checkup.uri->path}.filename().string();
    const fs::path adapter =
        fs::canonical(checkup.machine.sys + "/class/i2c-dev/" + name + "/device", failed);
    if (failed) return {};
    const fs::path module = fs::canonical(adapter.parent_path() / "driver/module", failed);
    return failed ? std::string{} : module.filename().string();
}

std::vector<std::string> needed_modules(const Checkup& checkup) {
    std::vector<std::string> needed{"dm-crypt"};
    if (!checkup.uri || checkup.uri->kind != Uri::Kind::i2c) return needed;
    needed.push_back("i2c-dev");
    if (const std::string adapter = adapter_module(checkup); !adapter.empty())
        needed.push_back(adapter);
    return needed;
}

bool same_content(const fs::path& left, const fs::path& right) {
    auto a = read_file(left.string(), longest_plugin);
    auto b = read_file(right.string(), longest_plugin);
    return a && b && std::ranges::equal(a->view(), b->view());
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
        const fs::path list =
            checkup_.root + "/lib/modules/" + kernel_.version + "/modules.builtin";
        for (const std::string& module : needed_modules(checkup_))
            if (!unpacked_.has_module(module) && !is_built_in(list, module))
                fail("lacks the kernel module " + module,
                     "the module or the volume is not reached");
    }

    bool is_good() const noexcept { return good_; }

private:
    void fail(const std::string& what, const char* why) {
        good_ = false;
        checkup_.add(Severity::failure, check, kernel_.image + ' ' + what, why, rebuild(kernel_));
    }

    Checkup& checkup_;
    const Kernel& kernel_;
    const UnpackedInitramfs& unpacked_;
    bool good_ = true;
};

void check_kernel(Checkup& checkup, const Kernel& kernel) {
    if (kernel.image.empty()) {
        checkup.add(Severity::failure, check, "kernel " + kernel.version + " has no initramfs",
                    "nothing unlocks the root for it", rebuild(kernel));
        return;
    }
    auto unpacked = UnpackedInitramfs::unpack(kernel.image);
    if (!unpacked && unpacked.error().code == Errc::malformed) {
        checkup.add(Severity::failure, check, kernel.image + " cannot be unpacked", "it is damaged",
                    rebuild(kernel));
        return;
    }
    if (!unpacked) {
        checkup.add(Severity::warning, check, kernel.image + " was not examined",
                    unpacked.error().where, "apt-get install initramfs-tools-core");
        return;
    }
    Examination examination{checkup, kernel, *unpacked};
    examination.plugin();
    examination.config();
    examination.modules();
    if (examination.is_good()) checkup.good(check, kernel.image);
}

}  // namespace

void check_initramfs(Checkup& checkup) {
    if (!checkup.boot_needs_module) return;
    const auto installed = kernels(checkup.root);
    if (installed.empty())
        checkup.add(Severity::warning, check, "no installed kernel was found",
                    "so no initramfs was examined", {});
    for (const Kernel& kernel : installed) check_kernel(checkup, kernel);
}

}  // namespace hsm4::ctl::doctor
