// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A libzk_app_utils.so for tests. With STAND_IN_OF_2020 it lacks what the vendor's first public
// header lacks; with STAND_IN_BARE all that can be done without; with STAND_IN_CRIPPLED also what
// nothing works without.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>

#include "hsm4/crypto.hpp"
#include "tests/zymbit/stand_in.hpp"

#pragma GCC visibility push(default)
#include "tests/zymbit/zk_app_utils.h"

using stand_in::Key;
using stand_in::StandIn;

namespace {

hsm4::View bytes_at(const uint8_t* data, int size) {
    return std::as_bytes(std::span{data, static_cast<std::size_t>(size)});
}

uint8_t* copied(hsm4::View bytes) {
    auto* copy = static_cast<uint8_t*>(std::malloc(bytes.size() + 1));
    if (copy != nullptr) std::memcpy(copy, bytes.data(), bytes.size());
    return copy;
}

const char* name_of(bool shared) { return shared ? " shared" : " one-way"; }

#ifndef STAND_IN_OF_2020
int give_text(const char* text, char** target) {
    *target = ::strdup(text);
    return *target != nullptr ? 0 : -ENOMEM;
}
#endif

[[maybe_unused]] int begin(const char* call) {
    const StandIn module;
    module.log(call);
    return module.misbehave();
}

}  // namespace

extern "C" {

int zkOpen(zkCTX* ctx) {
    const StandIn module;
    module.log("open");
    if (module.has("hang-open")) stand_in::hang();
    *ctx = std::malloc(1);  // succeeds even when the module is not bound
    return 0;
}

int zkClose(zkCTX ctx) {
    const StandIn module;
    module.log("close");
    if (module.has("hang-close")) stand_in::hang();
    std::free(ctx);
    return 0;
}

int zkLockDataB2B(zkCTX /*ctx*/, const uint8_t* src_pt, int src_pt_sz, uint8_t** dst_ct,
                  int* dst_ct_sz, bool use_shared_key) {
    const StandIn module;
    module.log(std::string{"lock"} + name_of(use_shared_key));
    if (const int error = module.misbehave(); error != 0) return error;
    auto locked =
        module.lock(bytes_at(src_pt, src_pt_sz), use_shared_key ? Key::shared : Key::one_way);
    if (!locked) return -EIO;
    *dst_ct = copied(*locked);
    *dst_ct_sz = static_cast<int>(locked->size());
    return 0;
}

#ifndef STAND_IN_CRIPPLED
int zkUnlockDataB2B(zkCTX /*ctx*/, const uint8_t* src_ct, int src_ct_sz, uint8_t** dst_pt,
                    int* dst_pt_sz, bool use_shared_key) {
    const StandIn module;
    module.log(std::string{"unlock"} + name_of(use_shared_key));
    if (const int error = module.misbehave(); error != 0) return error;
    auto plaintext =
        module.unlock(bytes_at(src_ct, src_ct_sz), use_shared_key ? Key::shared : Key::one_way);
    if (!plaintext || module.has("unverified")) return 0;  // both conventions, without any output
    if (module.has("unverified-output")) {
        std::ranges::fill(plaintext->writable(), std::byte{0x55});
        *dst_pt = copied(plaintext->view());
        *dst_pt_sz = static_cast<int>(plaintext->size());
        return 0;
    }
    *dst_pt = copied(plaintext->view());
    *dst_pt_sz = static_cast<int>(plaintext->size());
    // 0 by the documents, 1 by the vendor's own Python wrapper.
    return module.has("wrapper") ? 1 : 0;
}
#endif

#ifndef STAND_IN_BARE
int zkGetRandBytes(zkCTX /*ctx*/, uint8_t** rdata, int rdata_sz) {
    if (const int error = begin("random"); error != 0) return error;
    hsm4::SecretBytes bytes{static_cast<std::size_t>(rdata_sz)};
    if (!hsm4::crypto::random_bytes(bytes.writable())) return -EIO;
    *rdata = copied(bytes.view());
    return 0;
}

int zkLEDOff(zkCTX /*ctx*/) { return begin("led off"); }
int zkLEDOn(zkCTX /*ctx*/) { return begin("led on"); }
int zkLEDFlash(zkCTX /*ctx*/, uint32_t on_ms, uint32_t off_ms, uint32_t num_flashes) {
    const std::string call = "led flash " + std::to_string(on_ms) + ' ' + std::to_string(off_ms) +
                             ' ' + std::to_string(num_flashes);
    return begin(call.c_str());
}

int zkGetTime(zkCTX /*ctx*/, uint32_t* epoch_time_sec, bool /*precise_time*/) {
    if (const int error = begin("time"); error != 0) return error;
    *epoch_time_sec = static_cast<uint32_t>(std::time(nullptr));
    return 0;
}

int zkSetPerimeterEventAction(zkCTX /*ctx*/, int channel, uint32_t action_flags) {
    if (channel < 0 || channel > 1) return -EINVAL;
    const std::string call =
        "perimeter " + std::to_string(channel) + ' ' + std::to_string(action_flags);
    return begin(call.c_str());
}

int zkWaitForPerimeterEvent(zkCTX /*ctx*/, uint32_t /*timeout_ms*/) { return -ETIMEDOUT; }

int zkGetPerimeterDetectInfo(zkCTX /*ctx*/, uint32_t** timestamps_sec, int* num_timestamps) {
    constexpr int channels = 2;
    if (const int error = begin("perimeter info"); error != 0) return error;
    auto* times = static_cast<uint32_t*>(std::calloc(channels, sizeof(uint32_t)));
    if (times == nullptr) return -ENOMEM;
    if (StandIn{}.has("opened")) times[1] = 1000;
    *timestamps_sec = times;
    *num_timestamps = channels;
    return 0;
}

int zkClearPerimeterDetectEvents(zkCTX /*ctx*/) { return begin("perimeter clear"); }
#endif

#ifndef STAND_IN_OF_2020
int zkGetCurrentBindingInfo(zkCTX /*ctx*/, bool* binding_is_locked, bool* is_bound) {
    const StandIn module;
    module.log("binding info");
    if (module.has("timeout")) return -ETIMEDOUT;
    if (module.has("deaf")) return -EINVAL;
    *binding_is_locked = module.has("production") || module.has("foreign");
    *is_bound = !module.has("unbound") && !module.has("foreign");
    return 0;
}

int zkLockBinding(zkCTX /*ctx*/) { return begin("lock binding"); }

int zkGetModelNumberString(zkCTX /*ctx*/, char** model_str) {
    const int error = begin("model");
    return error != 0 ? error : give_text("Stand-in 4", model_str);
}

int zkGetFirmwareVersionString(zkCTX /*ctx*/, char** fw_ver_str) {
    const int error = begin("firmware");
    return error != 0 ? error : give_text("01.00.00\n", fw_ver_str);
}

int zkGetSerialNumberString(zkCTX /*ctx*/, char** serial_num_str) {
    const int error = begin("serial");
    return error != 0 ? error : give_text("00000123ABC", serial_num_str);
}
#endif

}  // extern "C"
#pragma GCC visibility pop
