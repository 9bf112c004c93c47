// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The calls of libcryptsetup, and the parameters that lose nothing.
#include "tools/rootfs/encryption.hpp"

#include <fcntl.h>
#include <libcryptsetup.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "hsm4/crypto.hpp"
#include "hsm4/files.hpp"
#include "hsm4/json.hpp"
#include "tools/fault_point.hpp"
#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/plan.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::uint64_t sector = 512;

struct Free {
    void operator()(crypt_device* context) const noexcept { crypt_free(context); }
};

/// A context, and what the library said last.
class Device {
public:
    /// `data` empty: the header lies on the device itself.
    static Outcome<Device> open(const std::string& header, const std::string& data = {}) {
        crypt_device* raw = nullptr;
        const int made = data.empty() ? crypt_init(&raw, header.c_str())
                                      : crypt_init_data_device(&raw, header.c_str(), data.c_str());
        Device device{raw};
        if (made < 0) return device.problem(header + " cannot be opened", made);
        crypt_set_log_callback(raw, remember, device.said_.get());
        return device;
    }

    crypt_device* context() const noexcept { return context_.get(); }
    Problem problem(const std::string& what, int error) const {
        return Problem{what + ": " + (said_->empty() ? std::strerror(-error) : said_->c_str())};
    }

private:
    explicit Device(crypt_device* raw) : context_{raw} {}
    static void remember(int level, const char* message, void* user) {
        if (level != CRYPT_LOG_ERROR || message == nullptr) return;
        std::string line = message;
        while (line.ends_with('\n')) line.pop_back();
        if (!line.empty()) *static_cast<std::string*>(user) = line;
    }

    std::unique_ptr<std::string> said_ = std::make_unique<std::string>();
    std::unique_ptr<crypt_device, Free> context_;
};

Outcome<Device> load(const std::string& header, const std::string& data = {}) {
    auto device = Device::open(header, data);
    if (!device) return device;
    const int loaded = crypt_load(device->context(), CRYPT_LUKS2, nullptr);
    if (loaded < 0) return device->problem(header + " has no LUKS2 header", loaded);
    return device;
}

/// `part` gives what comes at an offset; one MiB, or less at the end. A file that has this size
/// already is written over in place: on FAT a cut then cannot damage more than its content.
template <class Part>
Done write_durably(const std::string& path, std::uint64_t size, Part part) {
    const auto failed = [&] {
        return Problem{path + " cannot be written: " + std::strerror(errno)};
    };
    const Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    struct stat before = {};
    if (!file || ::fstat(file.get(), &before) != 0) return failed();
    if (static_cast<std::uint64_t>(before.st_size) != size && ::ftruncate(file.get(), 0) != 0)
        return failed();
    for (std::uint64_t at = 0; at < size;) {
        const View bytes = part(at);
        if (bytes.empty()) return Problem{path + ": what it is copied from cannot be read"};
        const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
        if (written <= 0) return failed();
        at += static_cast<std::uint64_t>(written);
    }
    if (::fsync(file.get()) != 0) return failed();
    Status synced = sync_directory(path.substr(0, path.rfind('/') + 1));
    return synced ? done() : Done{Problem{synced.error()}};
}

bool is_pending(crypt_device* context) {
    std::uint32_t flags = 0;
    return crypt_persistent_flags_get(context, CRYPT_FLAGS_REQUIREMENTS, &flags) == 0 &&
           (flags & CRYPT_REQUIREMENT_OFFLINE_REENCRYPT) == 0 &&
           (flags & CRYPT_REQUIREMENT_ONLINE_REENCRYPT) != 0;
}

/// `size` in bytes: at the beginning with the shift, because the moved start counts as well; in a
/// resumption without, because the segments in the header count then.
int initialise(crypt_device* context, const Opener& opener, std::uint64_t size,
               std::uint32_t flags) {
    crypt_params_luks2 luks2 = {};
    luks2.sector_size = static_cast<std::uint32_t>(crypt_get_sector_size(context));
    crypt_params_reencrypt params = {};
    params.mode = CRYPT_REENCRYPT_ENCRYPT;
    params.direction = CRYPT_REENCRYPT_BACKWARD;
    params.resilience = "datashift";
    params.hash = "sha256";
    // Once, not twice: the offset of the data is the shift. The command line's
    // --reduce-device-size means both together; twice of it would lose the difference.
    params.data_shift = data_shift / sector;
    params.device_size = size / sector;
    params.luks2 = &luks2;
    params.flags = flags;
    return crypt_reencrypt_init_by_passphrase(
        context, nullptr, reinterpret_cast<const char*>(opener.passphrase.data()),
        opener.passphrase.size(), CRYPT_ANY_SLOT, opener.keyslot, crypt_get_cipher(context),
        crypt_get_cipher_mode(context), &params);
}

/// A segment that is kept as a memory ("backup-final" and the like). The zone that is being written
/// has a flag as well, and is none.
bool is_memory(json_object* segment) {
    json_object* flags = json::member(segment, "flags");
    if (flags == nullptr || !json_object_is_type(flags, json_type_array)) return false;
    for (std::size_t at = 0; at < json_object_array_length(flags); ++at) {
        const char* flag = json_object_get_string(json_object_array_get_idx(flags, at));
        if (flag != nullptr && std::string_view{flag}.starts_with("backup-")) return true;
    }
    return false;
}

/// Every block is encrypted, and only the tidying up is missing: beside memories there is one
/// segment, it is encrypted, and nothing is under way in it.
bool is_all_encrypted(crypt_device* context) {
    const char* text = nullptr;
    if (crypt_dump_json(context, &text, 0) != 0 || text == nullptr) return false;
    const json::Owner header = json::parse(text);
    json_object* segments = json::member(header.get(), "segments");
    if (segments == nullptr) return false;
    int active = 0;
    bool ready = true;
    Status walked = json::for_each(segments, [&](std::string_view, json_object* segment) -> Status {
        if (is_memory(segment)) return ok();
        auto type = json::text(json::member(segment, "type"), Error{Errc::bad_volume, "segment"});
        if (!type) return type.error();
        ++active;
        ready = ready && *type == "crypt" && json::member(segment, "flags") == nullptr;
        return ok();
    });
    return walked && active == 1 && ready;
}

/// libcryptsetup leaves some of what it writes to the cache.
Done sync_device(const std::string& path) {
    const Descriptor device{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    if (!device || ::fsync(device.get()) != 0) return Problem{path + ": " + std::strerror(errno)};
    return done();
}

Done put_header(const std::string& file, const std::string& device) {
    auto target = Device::open(device);
    if (!target) return target.error();
    fault_point();
    const int restored = crypt_header_restore(target->context(), CRYPT_LUKS2, file.c_str());
    if (restored < 0) return target->problem("the header cannot be written", restored);
    return sync_device(device);
}

/// After a cut within a zone, that zone is encrypted again from what it is made of.
Done finish_zone(const std::string& path, const Opener& opener, std::uint64_t encrypted) {
    auto device = load(path);
    if (!device) return device.error();
    if (crypt_reencrypt_status(device->context(), nullptr) != CRYPT_REENCRYPT_CRASH) return done();
    const int recovered = initialise(device->context(), opener, encrypted,
                                     CRYPT_REENCRYPT_RESUME_ONLY | CRYPT_REENCRYPT_RECOVERY);
    if (recovered < 0)
        return device->problem("the part that a cut left half encrypted cannot be mended",
                               recovered);
    return sync_device(path);
}

int tell(std::uint64_t size, std::uint64_t offset, void* user) {
    const auto& progress = *static_cast<const Progress*>(user);
    return progress(offset, size) ? 0 : 1;
}

}  // namespace

static_assert(data_shift == header_size);

Done make_blank_file(const std::string& path, std::uint64_t size) {
    const Bytes zeros(mebibyte);
    return write_durably(path, size, [&](std::uint64_t at) {
        return View{zeros}.first(std::min<std::uint64_t>(zeros.size(), size - at));
    });
}

Done copy_durably(const std::string& from, const std::string& to) {
    const Descriptor file{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat status = {};
    if (!file || ::fstat(file.get(), &status) != 0)
        return Problem{from + ": " + std::strerror(errno)};
    Bytes part(mebibyte);
    return write_durably(to, static_cast<std::uint64_t>(status.st_size), [&](std::uint64_t at) {
        const ssize_t size = ::pread(file.get(), part.data(), part.size(), static_cast<off_t>(at));
        return View{part}.first(size < 0 ? 0 : static_cast<std::size_t>(size));
    });
}

Outcome<SecretBytes> format_header(const HeaderShape& shape) {
    if (Done made = make_blank_file(shape.file, header_size); !made) return made.error();
    auto device = Device::open(shape.file);
    if (!device) return device.error();
    SecretBytes key{shape.cipher.key_size};
    if (Status drawn = crypto::random_bytes(key.writable()); !drawn) return Problem{drawn.error()};
    crypt_params_luks2 params = {};
    params.data_device = shape.device.c_str();
    params.sector_size = shape.sector_size;
    int made = crypt_set_data_offset(device->context(), header_size / sector);
    if (made >= 0)
        made = crypt_format(device->context(), CRYPT_LUKS2, shape.cipher.algorithm.c_str(),
                            shape.cipher.mode.c_str(), shape.uuid.c_str(),
                            reinterpret_cast<const char*>(key.view().data()), key.size(), &params);
    if (made < 0) return device->problem("the header cannot be made", made);
    return key;
}

Done begin_encryption(const std::string& file, const std::string& device, const Opener& opener,
                      std::uint64_t encrypted) {
    auto header = load(file, device);
    if (!header) return header.error();
    if (is_pending(header->context())) return done();
    fault_point();
    const int begun =
        initialise(header->context(), opener, encrypted + data_shift,
                   CRYPT_REENCRYPT_INITIALIZE_ONLY | CRYPT_REENCRYPT_MOVE_FIRST_SEGMENT);
    if (begun < 0) return header->problem("the encryption cannot begin", begun);
    if (Done synced = sync_device(file); !synced) return synced;
    return sync_device(device);
}

Done restore_header(const std::string& file, const std::string& device) {
    auto state = encryption_state(file);
    if (!state) return state.error();
    if (*state != EncryptionState::pending)
        return Problem{file + " is not the header of an encryption that has begun"};
    return put_header(file, device);
}

Outcome<EncryptionState> encryption_state(const std::string& path) {
    auto device = Device::open(path);
    if (!device) return device.error();
    if (crypt_load(device->context(), CRYPT_LUKS2, nullptr) < 0) return EncryptionState::none;
    return is_pending(device->context()) ? EncryptionState::pending : EncryptionState::complete;
}

Done run_encryption(const std::string& path, const Opener& opener, std::uint64_t encrypted,
                    const std::string& finished, const Progress& progress) {
    if (Done whole = finish_zone(path, opener, encrypted); !whole) return whole;
    auto device = load(path);
    if (!device) return device.error();
    if (!is_pending(device->context())) return done();
    if (is_all_encrypted(device->context())) return put_header(finished, path);
    const int resumed =
        initialise(device->context(), opener, encrypted, CRYPT_REENCRYPT_RESUME_ONLY);
    if (resumed < 0) return device->problem("the encryption cannot go on", resumed);
    Progress told = progress ? progress : [](std::uint64_t, std::uint64_t) { return true; };
    const int ran = crypt_reencrypt_run(device->context(), tell, &told);
    if (ran < 0) return device->problem("the encryption stopped", ran);
    if (is_pending(device->context())) return Problem{"the encryption was paused"};
    return done();
}

}  // namespace hsm4::rootfs
