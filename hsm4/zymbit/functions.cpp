// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Looking up the vendor's functions.
#include "hsm4/zymbit/functions.hpp"

#include <dlfcn.h>

namespace hsm4::zymbit {

namespace {

template <class Function>
bool look_up(void* library, const char* name, Function*& target) {
    target = reinterpret_cast<Function*>(::dlsym(library, name));
    return target != nullptr;
}

bool look_up_required(void* library, Functions& functions) {
    return look_up(library, "zkOpen", functions.open) &&
           look_up(library, "zkClose", functions.close) &&
           look_up(library, "zkLockDataB2B", functions.lock) &&
           look_up(library, "zkUnlockDataB2B", functions.unlock);
}

void look_up_optional(void* library, Functions& functions) {
    look_up(library, "zkGetRandBytes", functions.random);
    look_up(library, "zkGetCurrentBindingInfo", functions.binding_info);
    look_up(library, "zkGetModelNumberString", functions.model);
    look_up(library, "zkGetFirmwareVersionString", functions.firmware);
    look_up(library, "zkGetSerialNumberString", functions.serial);
    look_up(library, "zkLEDOff", functions.led_off);
    look_up(library, "zkLEDOn", functions.led_on);
    look_up(library, "zkLEDFlash", functions.led_flash);
    look_up(library, "zkGetTime", functions.time);
    look_up(library, "zkSetPerimeterEventAction", functions.perimeter_action);
    look_up(library, "zkGetPerimeterDetectInfo", functions.perimeter_info);
    look_up(library, "zkClearPerimeterDetectEvents", functions.perimeter_clear);
}

}  // namespace

std::optional<LoadFailure> load_functions(const std::string& path, Functions& functions) {
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) return LoadFailure::no_library;
    if (!look_up_required(library, functions)) return LoadFailure::missing_function;
    look_up_optional(library, functions);
    return std::nullopt;
}

}  // namespace hsm4::zymbit
