// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Putting both ends together.
#include "tests/i2c/bench.hpp"

#include <cerrno>

#include "hsm4/crypto.hpp"
#include "hsm4/open/i2c_transport.hpp"

namespace hsm4::bench {

namespace {

constexpr std::chrono::milliseconds computing{2};

/// The target as the bus that the transport knows.
class TargetBus final : public open::I2cBus {
public:
    explicit TargetBus(Target& target) : target_{&target} {}
    Status open() override { return ok(); }
    Result<bool> try_lock() override { return true; }
    void close() noexcept override {}
    int probe() noexcept override {
        std::byte byte{};
        const int answer = target_->read({&byte, 1});
        if (answer == 1) return std::to_integer<int>(byte);
        return answer == 0 ? -ENXIO : answer;
    }
    int write(View bytes) noexcept override { return target_->write(bytes); }
    int read(std::span<std::byte> bytes) noexcept override { return target_->read(bytes); }

private:
    Target* target_;
};

}  // namespace

Status DeviceModule::start(device::NonVolatile& memory) {
    device::State fresh;
    Status drawn = crypto::random_bytes(fresh.device_secret.writable());
    if (!drawn) return drawn;
    auto device = device::Device::start(std::move(fresh), memory, *clock_);
    if (!device) return device.error();
    device_.emplace(std::move(*device));
    return ok();
}

void DeviceModule::receive(View frame) {
    answer_ = device_->receive(frame).value_or(Bytes{});
    ready_ = clock_->now() + computing;
}

std::optional<Bytes> DeviceModule::answer() {
    if (clock_->now() < ready_) return std::nullopt;
    return std::exchange(answer_, {});
}

void DeviceModule::power_cycle() {
    static_cast<void>(device_->power_cycle());
    answer_.clear();
}

Result<std::unique_ptr<Bench>> Bench::make(int no_acknowledge) {
    std::unique_ptr<Bench> bench{new Bench{no_acknowledge}};
    Status ready = bench->module_.start(bench->memory_);
    if (ready) ready = bench->bind();
    if (ready) ready = bench->lock();
    if (!ready) return ready.error();
    return bench;
}

std::unique_ptr<open::OpenModule> Bench::connect(bool with_credentials) {
    std::optional<open::Credentials> credentials;
    if (with_credentials) credentials.emplace(open::Credentials{keys_, 0, psk_.clone()});
    auto transport =
        std::make_unique<open::I2cTransport>(std::make_unique<TargetBus>(target_), clock_);
    return std::make_unique<open::OpenModule>(std::move(transport), clock_, std::move(credentials),
                                              budget);
}

Status Bench::bind() {
    auto stranger = connect(false);
    auto hello = stranger->hello();
    if (!hello) return hello.error();
    keys_ = hello->keys;
    Status drawn = crypto::random_bytes(psk_.writable());
    if (!drawn) return drawn;
    auto salt = stranger->offer_binding(
        keys_, 0, [&](const auto&) -> Result<Secret<wire::psk_size>> { return psk_.clone(); });
    if (!salt) return salt.error();
    auto proven = connect(true)->attest();
    return proven ? ok() : Status{proven.error()};
}

Status Bench::lock() {
    Status drawn = crypto::random_bytes(key_.writable());
    if (!drawn) return drawn;
    auto locked = connect(true)->lock(key_.view(), volume_, std::nullopt);
    if (!locked) return locked.error();
    locked_key_ = std::move(*locked);
    return ok();
}

Result<SecretBytes> Bench::unlock() {
    return connect(true)->unlock(locked_key_, volume_, std::nullopt);
}

bool Bench::is_the_key(const SecretBytes& key) const {
    return std::ranges::equal(key.view(), key_.view());
}

}  // namespace hsm4::bench
